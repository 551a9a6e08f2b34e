// The one client of the REST interface. Pages never call `fetch`.

const KEY_STORAGE = 'lode.key';

/** What the server (or the network) refused, with the fields of its problem document. */
export class ApiError extends Error {
  constructor(status, problem = {}, retryAfter = null) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.type = problem.type ?? 'about:blank';
    this.detail = problem.detail ?? problem.title ?? null;
    this.field = problem.field ?? null;
    /** What is wrong where, for texts that were sent: `{ line, column, message }`. */
    this.errors = problem.errors ?? [];
    this.retryAfter = retryAfter;
    /** The server is there and still reads the shop. */
    this.isStarting = status === 503 && problem.title === 'Starting';
    /** What was asked for appears with the first training. */
    this.isNotTrained =
      (status === 409 || status === 404) &&
      (problem.title === 'Not trained yet' || /not[-_ ]trained/.test(problem.type ?? ''));
    /** Nobody answered. */
    this.isOffline = status === 0;
  }
}

/** Stores the key for this browser session only; an empty one forgets it. */
export function setKey(key) {
  if (key) sessionStorage.setItem(KEY_STORAGE, key);
  else sessionStorage.removeItem(KEY_STORAGE);
}

/** Builds `/v1/…` with each path part escaped and empty query values left out; a list repeats its name. */
export function address(parts, query = {}) {
  const path = parts.map((part) => encodeURIComponent(part)).join('/');
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== '') search.append(name, one);
    }
  }
  // A blank as %20, which means one to every server; a plus sign does in forms alone.
  const text = search.toString().replaceAll('+', '%20');
  return `/v1/${path}${text ? `?${text}` : ''}`;
}

/** Reads JSON. */
export async function get(parts, query, signal) {
  const response = await request(address(parts, query), { signal });
  return response.json();
}

/** Sends JSON (or, for a `Blob`, the file itself) and reads the answer. */
export const post = (parts, query, body, signal) => send('POST', parts, query, body, signal);

/** Puts JSON in the place of what is there, and reads the answer. */
export const put = (parts, body, signal) => send('PUT', parts, {}, body, signal);

/** Removes what is there. */
export const remove = (parts, signal) => send('DELETE', parts, {}, undefined, signal);

async function send(method, parts, query, body, signal) {
  const options = { method, signal };
  if (body instanceof Blob) {
    options.body = body;
    options.headers = { 'Content-Type': 'application/octet-stream' };
  } else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { 'Content-Type': 'application/json' };
  }
  const response = await request(address(parts, query), options);
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

/** Fetches the CSV form of a list and hands it to the browser as a download; `body` is for lists that are posted for. */
export async function downloadCSV(parts, query, fileName, body) {
  const options = body
    ? { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }
    : {};
  const response = await request(address(parts, { ...query, format: 'csv' }), options);
  save(await response.blob(), fileName);
}

/** Hands a file to the browser as a download. */
export function save(blob, fileName) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * Follows a job: calls `onJob` with each state and resolves with the last one.
 * `fetch` rather than `EventSource`, because the latter cannot carry a key.
 */
export async function followJob(jobId, onJob, signal) {
  let job = null;
  try {
    const response = await request(address(['jobs', jobId, 'events']), { signal });
    for await (const message of serverSentEvents(response.body)) {
      job = JSON.parse(message.data);
      onJob(job);
    }
  } catch (error) {
    if (signal?.aborted || error.status === 401 || error.status === 403 || error.status === 404) throw error;
  }
  // A stream that broke off is continued by asking.
  while (!isOver(job)) {
    await pause(1000, signal);
    job = await get(['jobs', jobId], {}, signal);
    onJob(job);
  }
  return job;
}

/** Whether a job will not change any more. */
export function isOver(job) {
  return ['succeeded', 'failed', 'cancelled'].includes(job?.status);
}

async function* serverSentEvents(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    buffer += value.replaceAll('\r\n', '\n');
    let end = buffer.indexOf('\n\n');
    while (end >= 0) {
      const lines = buffer.slice(0, end).split('\n');
      buffer = buffer.slice(end + 2);
      const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart());
      if (data.length > 0) yield { data: data.join('\n') };
      end = buffer.indexOf('\n\n');
    }
  }
}

async function request(url, options) {
  const key = sessionStorage.getItem(KEY_STORAGE);
  const headers = { ...options.headers, ...(key ? { Authorization: `Bearer ${key}` } : {}) };
  let response;
  try {
    response = await fetch(url, { ...options, headers });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, { title: 'offline' });
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  if (response.status === 401) window.dispatchEvent(new CustomEvent('lode:key-needed'));
  throw new ApiError(response.status, problem, Number(response.headers.get('Retry-After')) || null);
}

/** Resolves after a while; rejects when `signal` ends first. */
export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(signal.reason);
      },
      { once: true },
    );
  });
}
