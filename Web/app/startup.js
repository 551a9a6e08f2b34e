// What a page waits for: a shop that the server has read. Says so meanwhile, and goes on by itself.
import * as api from './api.js';
import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { statePanel } from '../components/state-panel.js';

/** An answer this quick needs no words. */
const QUIET_MILLISECONDS = 400;
const ASK_AGAIN_SECONDS = 2;

/**
 * The shop's facts, once it can give them. Until then `place` says what is going on. Null when the shop
 * refuses: then the page says why itself.
 */
export async function openShop(place, signal) {
  const quiet = setTimeout(() => showWaiting(place), QUIET_MILLISECONDS);
  try {
    for (;;) {
      try {
        return await api.get(['shop'], {}, signal);
      } catch (error) {
        if (signal.aborted) return null;
        if (!error.isStarting && !error.isOffline) return null;
        clearTimeout(quiet);
        showWaiting(place, error);
        await api.pause((error.retryAfter ?? ASK_AGAIN_SECONDS) * 1000, signal).catch(() => null);
        if (signal.aborted) return null;
      }
    }
  } finally {
    clearTimeout(quiet);
  }
}

function showWaiting(place, error) {
  const name = error?.isOffline ? 'offline' : 'starting';
  // The same words again would only be read out again.
  if (place.firstElementChild?.dataset.waiting === name) return;
  const title = t(`state.${name}`);
  document.title = `${title} · Lode`;
  const panel = statePanel(name === 'offline' ? 'error' : 'waiting', {
    title: t(`state.${name}Detail`),
    detail: t('state.goesOn'),
  });
  const bar = name === 'starting' ? h('progress', { 'aria-label': title }) : null;
  replace(place, h('div', { class: 'page', 'data-waiting': name }, h('h1', null, title), bar, panel));
}
