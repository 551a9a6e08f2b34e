// Segmenting: the button that starts it, the job, and what stands there before the first time.
import * as api from '../app/api.js';
import { h, replace } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { mayDecide } from '../app/voice.js';
import { jobCard } from './job-card.js';
import { notify } from './notice.js';
import { pageHead, showPage } from './page-frame.js';
import { segmentTabs } from './segment-tabs.js';
import { statePanel } from './state-panel.js';

const KIND = 'segments';
const LATEST = 10;
const COUNTS = [3, 4, 5, 6, 7, 8, 10, 12];

/** A button that segments all customers, with the number of segments to find; `onDone` runs when the job ended well. */
export function segmentControl(context, onDone, { primary = false } = {}) {
  if (!mayDecide(context.shop)) return h('p', { class: 'unit' }, t('segments.run.notAllowed'));
  const place = h('div', { class: 'run' });
  const count = h(
    'select',
    { 'aria-label': t('segments.run.count') },
    h('option', { value: '' }, t('segments.run.chosen')),
    COUNTS.map((number) => h('option', { value: number }, t('segments.run.fixed', { count: number }))),
  );
  const button = h(
    'button',
    { type: 'button', class: primary ? 'primary' : '', 'data-action': 'segment', onclick: start },
    t(primary ? 'segments.run.start' : 'segments.run.again'),
  );
  const controls = h('div', { class: 'run-controls' }, count, button);
  place.addEventListener('job-end', ({ detail }) => {
    if (detail.status === 'succeeded') onDone();
    else replace(place, jobCard(detail), controls);
  });
  replace(place, controls);
  follow();
  return place;

  /** One that runs already, started elsewhere or before this page was opened, is shown instead of the button. */
  async function follow() {
    try {
      const { items } = await api.get(['jobs'], { limit: LATEST }, context.signal);
      const job = items.find((one) => one.kind === KIND && !api.isOver(one));
      if (job && button.isConnected && !button.disabled) replace(place, jobCard(job));
    } catch {
      // Who may not see the jobs still may start one, or is told that not.
    }
  }

  async function start() {
    button.disabled = true;
    const body = { anew: true, ...(count.value ? { segments: Number(count.value) } : {}) };
    try {
      replace(place, jobCard(await api.post(['segments', 'clustering'], {}, body)));
    } catch (error) {
      notify(
        error.status === 403 ? t('state.forbidden') : t('segments.run.failed', { reason: error.message }),
        'error',
      );
    }
    button.disabled = false;
  }
}

/** Shows the way to the first segments in place of a page that rests on them, when there are none yet. */
export function orNoSegments(loading, context, { tab, draw }) {
  loading.then(({ error }) => {
    if (!error?.isNotTrained || context.signal.aborted) return;
    const title = t('nav.segments');
    showPage(
      context.root,
      title,
      pageHead({ title }),
      tab ? segmentTabs(tab) : null,
      h('p', { class: 'lead' }, t('segments.run.lead')),
      statePanel('waiting', {
        title: t('segments.run.never'),
        detail: t('segments.run.neverDetail'),
        action: h('a', { href: href(['data', 'import']) }, t('state.toImport')),
      }),
      segmentControl(context, draw, { primary: true }),
    );
  });
}
