import { h, replace } from '../app/dom.js';
import { errorPanel, skeleton } from './state-panel.js';

const OFFLINE_SECONDS = 5;

/**
 * Shows one slice of a page's store: grey lines while it loads for the first time, the old content
 * dimmed while it loads again, the error with its next step, or what `render(data)` returns.
 */
class AsyncRegion extends HTMLElement {
  #unsubscribe = null;
  #retry = null;

  /** Binds the region to slice `name` of `store`; `refused(error)` may give a panel instead of the usual one. */
  bind({ store, name, render, lines, refused }) {
    this.connect = () =>
      store.subscribe(name, (slice) => {
        clearTimeout(this.#retry);
        this.setAttribute('aria-busy', String(slice.status === 'loading'));
        if (slice.status === 'loading') {
          if (!slice.data && !slice.error) replace(this, skeleton(lines));
        } else if (slice.status === 'error') {
          const again = () => store.reload(name);
          replace(this, refused?.(slice.error) ?? errorPanel(slice.error, again));
          // A server that is starting or busy says when to come back; one that is gone may be back soon.
          const seconds = slice.error.retryAfter ?? (slice.error.isOffline ? OFFLINE_SECONDS : 0);
          if (seconds) this.#retry = setTimeout(again, seconds * 1000);
        } else {
          replace(this, render(slice.data));
        }
      });
    return this;
  }

  connectedCallback() {
    this.#unsubscribe ??= this.connect?.();
  }

  disconnectedCallback() {
    clearTimeout(this.#retry);
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }
}

customElements.define('async-region', AsyncRegion);

/** Where another part of the page says already that the same request failed: nothing. */
export const quietly = () => h('span', { hidden: true });

/** An `<async-region>` bound to `store`'s slice `name`. */
export function region(store, name, render, lines = 4, refused = null) {
  return h('async-region', null).bind({ store, name, render, lines, refused });
}
