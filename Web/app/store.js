// One store per page: named slices, each loading, ready or failed, and who listens to them.

/**
 * Makes a page's store. `signal` ends with the page: everything still loading is then dropped.
 * A slice is `{ status: 'loading' | 'ready' | 'error', data, error }`; `data` and `error` survive a reload,
 * so that the screen keeps what it showed until the new answer is there.
 */
export function createStore(signal) {
  const slices = new Map();
  const listeners = new Map();
  const loaders = new Map();
  const running = new Map();

  function set(name, slice) {
    slices.set(name, slice);
    for (const listener of listeners.get(name) ?? []) listener(slice);
  }

  async function load(name, loader) {
    loaders.set(name, loader);
    running.get(name)?.abort();
    const controller = new AbortController();
    running.set(name, controller);
    const either = AbortSignal.any([controller.signal, signal]);
    const { data: before, error: earlier } = slices.get(name) ?? {};
    set(name, { status: 'loading', data: before, error: earlier });
    try {
      const data = await loader(either);
      if (!either.aborted) set(name, { status: 'ready', data });
    } catch (error) {
      if (!either.aborted) set(name, { status: 'error', error });
    }
    return slices.get(name);
  }

  return {
    /** Runs `loader(signal)` for the slice; a newer load of the same slice cancels an older one. */
    load,
    /** Runs the slice's last loader again. */
    reload: (name) => loaders.has(name) && load(name, loaders.get(name)),
    /** What the slice holds now. */
    get: (name) => slices.get(name),
    /** Puts data that did not come from a loader. */
    put: (name, data) => set(name, { status: 'ready', data }),
    /** Calls `listener` now and at each change. */
    subscribe(name, listener) {
      if (!listeners.has(name)) listeners.set(name, new Set());
      listeners.get(name).add(listener);
      if (slices.has(name)) listener(slices.get(name));
      return () => listeners.get(name).delete(listener);
    },
  };
}
