// Addresses after `#/`: the path names the page, the query holds the rest of what is shown.

/** Splits the address into decoded path parts and a plain query object. */
export function parseAddress(hash = location.hash) {
  const text = hash.replace(/^#\/?/, '');
  const [path, search = ''] = text.split(/\?(.*)/s);
  return {
    path: path.split('/').filter(Boolean).map(decode),
    query: Object.fromEntries(new URLSearchParams(search)),
  };
}

/** Writes an address: `href(['needs', 'COFFEE'], { kind: 'replenish' })`. */
export function href(path, query = {}) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, value);
  }
  const text = search.toString();
  return `#/${path.map(encodeURIComponent).join('/')}${text ? `?${text}` : ''}`;
}

/** The language asked for in the address, before or after the `#`. */
export function languageInAddress() {
  return parseAddress().query.lang ?? new URLSearchParams(location.search).get('lang');
}

/** Puts `language` in place of the one in the address, if the address names one. */
export function replaceLanguageInAddress(language) {
  const url = new URL(location.href);
  if (url.searchParams.has('lang')) url.searchParams.set('lang', language);
  const { path, query } = parseAddress();
  if (query.lang) url.hash = href(path, { ...query, lang: language });
  history.replaceState(history.state, '', url);
}

/**
 * Starts listening. `routes` is a list of `{ pattern: ['needs', ':id'], page: () => import(…) }`; with
 * `views`, a route is for addresses whose query names one of them as `view`; `part` names the messages and styles
 * that its page needs besides those of all pages. `show(page, context)` is called at each change of address.
 */
export function startRouter(routes, show) {
  let controller = new AbortController();

  async function change() {
    controller.abort();
    controller = new AbortController();
    const { signal } = controller;
    const { path, query } = parseAddress();
    const { route, params } = match(routes, path.length > 0 ? path : ['today'], query.view);
    const context = { params, query, signal, section: route.section, part: route.part, setQuery };

    /** Changes the query of the page on screen without drawing the page anew. */
    function setQuery(patch, { replace = false } = {}) {
      for (const [name, value] of Object.entries(patch)) {
        if (value === null || value === undefined || value === '') delete context.query[name];
        else context.query[name] = String(value);
      }
      const next = href(parseAddress().path, context.query);
      if (replace) history.replaceState(null, '', next);
      else history.pushState(null, '', next);
    }
    await show(route.page, context);
  }

  window.addEventListener('popstate', change);
  // Links change the hash, which fires `popstate` as well; `hashchange` would draw twice.
  return change;
}

function match(routes, path, view) {
  for (const route of routes) {
    if (route.views && !route.views.includes(view)) continue;
    const params = bind(route.pattern, path);
    if (params) return { route, params };
  }
  return { route: routes.at(-1), params: {} };
}

function bind(pattern, path) {
  if (pattern.length !== path.length) return null;
  const params = {};
  for (const [index, part] of pattern.entries()) {
    if (part.startsWith(':')) params[part.slice(1)] = path[index];
    else if (part !== path[index]) return null;
  }
  return params;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
