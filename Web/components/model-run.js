// What a page rests on is reckoned by a job: the button that starts it, the job, and what stands there before the first time.
import * as api from '../app/api.js';
import { h, replace } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { mayDecide } from '../app/voice.js';
import { jobCard } from './job-card.js';
import { notify } from './notice.js';
import { pageHead, showPage } from './page-frame.js';
import { statePanel } from './state-panel.js';

const LATEST = 10;

/**
 * A button that starts a job of `kind` by posting to `parts`, and the job in its place; `onDone` runs when it has ended well.
 * The words are the messages of the kind.
 */
export function runControl(context, { kind, parts, action = `run-${kind}` }, onDone, { primary = false } = {}) {
  if (!mayDecide(context.shop)) return h('p', { class: 'unit' }, t(`${kind}.run.notAllowed`));
  const place = h('div', { class: 'run' });
  const button = h(
    'button',
    { type: 'button', class: primary ? 'primary' : '', 'data-action': action, onclick: start },
    primary ? t(`${kind}.run.start`) : t(`${kind}.run.again`),
  );
  place.addEventListener('job-end', ({ detail }) => {
    if (detail.status === 'succeeded') onDone();
    else replace(place, jobCard(detail), button);
  });
  replace(place, button);
  follow();
  return place;

  /** One that runs already, started elsewhere or before this page was opened, is shown instead of the button. */
  async function follow() {
    try {
      const { items } = await api.get(['jobs'], { limit: LATEST }, context.signal);
      const job = items.find((one) => one.kind === kind && !api.isOver(one));
      if (job && button.isConnected && !button.disabled) replace(place, jobCard(job));
    } catch {
      // Who may not see the jobs still may start one, or is told that not.
    }
  }

  async function start() {
    button.disabled = true;
    try {
      replace(place, jobCard(await api.post(parts, {}, {})));
    } catch (error) {
      notify(
        error.status === 403 ? t('state.forbidden') : t(`${kind}.run.failed`, { reason: error.message }),
        'error',
      );
    }
    button.disabled = false;
  }
}

/** Shows the way to the first run in place of a page that rests on it, when there has been none yet. */
export function orNotRun(loading, context, { title, back, tabs, run }, draw) {
  loading.then(({ error }) => {
    if (!error?.isNotTrained || context.signal.aborted) return;
    showPage(
      context.root,
      title,
      pageHead({ title, back }),
      tabs ?? null,
      h('p', { class: 'lead' }, t(`${run.kind}.run.lead`)),
      statePanel('waiting', {
        title: t(`${run.kind}.run.never`),
        detail: t(`${run.kind}.run.neverDetail`),
        action: h('a', { href: href(['data', 'import']) }, t('state.toImport')),
      }),
      runControl(context, run, draw, { primary: true }),
    );
  });
}
