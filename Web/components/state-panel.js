import { setKey } from '../app/api.js';
import { h } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { icon } from './icon.js';

/**
 * A designed stand-in for content that is not there: `kind` is `empty`, `error`, `waiting`
 * (not enough data) or `locked` (no permission). `action` is a link or button: the next step.
 */
export function statePanel(kind, { title, detail, action }) {
  return h(
    'div',
    { class: `state ${kind}`, role: kind === 'error' ? 'alert' : 'status' },
    icon({ empty: 'empty', error: 'warning', waiting: 'clock', locked: 'lock' }[kind]),
    h(
      'div',
      null,
      h('p', { class: 'state-title' }, title),
      detail ? h('p', { class: 'state-detail' }, detail) : null,
      action ? h('p', null, action) : null,
    ),
  );
}

/** Grey lines in the shape of what will come. */
export function skeleton(lines = 4) {
  return h(
    'div',
    { class: 'skeleton', role: 'status', 'aria-label': t('state.loading') },
    Array.from({ length: lines }, () => h('span')),
  );
}

/** The panel for a failed request, in the user's words, with what to do next. */
export function errorPanel(error, retry) {
  const again = retry ? h('button', { type: 'button', onclick: retry }, t('state.retry')) : null;
  const key = (label) => h('button', { type: 'button', onclick: askForKey }, label);
  if (error.status === 401) {
    return statePanel('locked', {
      title: t('state.keyNeeded'),
      detail: t('state.keyNeededDetail'),
      action: key(t('key.enter')),
    });
  }
  if (error.status === 403) {
    return statePanel('locked', {
      title: t('state.forbidden'),
      detail: error.detail ?? t('state.forbiddenDetail'),
      action: key(t('key.other')),
    });
  }
  if (error.status === 404) {
    return statePanel('empty', {
      title: t('state.notFound'),
      detail: error.detail,
      action: h('a', { href: href(['today']) }, t('state.toToday')),
    });
  }
  if (error.isNotTrained) return notEnoughData(t('state.notTrained'));
  if (error.status === 409 || error.status === 422) return notEnoughData(error.detail);
  if (error.isOffline)
    return statePanel('error', {
      title: t('state.offline'),
      detail: t('state.offlineDetail'),
      action: again,
    });
  if (error.isStarting)
    return statePanel('waiting', { title: t('state.startingDetail'), detail: t('state.goesOn') });
  if (error.status === 429 || error.status === 503) {
    const detail = error.retryAfter
      ? t('state.busyRetryAfter', { count: error.retryAfter })
      : (error.detail ?? t('state.busyDetail'));
    return statePanel('error', { title: t('state.busy'), detail, action: again });
  }
  return statePanel('error', {
    title: t('state.failed'),
    detail: error.detail ?? error.message,
    action: again,
  });
}

/** The panel for figures that would not be trustworthy yet. */
export function notEnoughData(detail) {
  return statePanel('waiting', {
    title: t('state.notEnough'),
    detail: detail ?? t('state.notEnoughDetail'),
    action: [
      h('a', { href: href(['data', 'import']) }, t('state.toImport')),
      ' · ',
      h('a', { href: href(['models']) }, t('state.toTraining')),
    ],
  });
}

function askForKey() {
  setKey('');
  window.dispatchEvent(new CustomEvent('lode:key-needed'));
}
