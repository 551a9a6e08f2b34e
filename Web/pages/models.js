// Models and jobs: what is live, is it better than plain rules, and what is running?
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { confirmAction } from '../components/dialogs.js';
import { jobCard } from '../components/job-card.js';
import { methodName, modelReport, newest } from '../components/model-report.js';
import { notify } from '../components/notice.js';
import { pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

/** Draws the page. */
export default function models(context) {
  const store = createStore(context.signal);
  const load = () => {
    store.load('models', (signal) => api.get(['models'], {}, signal));
    store.load('jobs', (signal) => api.get(['jobs'], { limit: 10 }, signal));
  };
  const training = h(
    'button',
    { type: 'button', class: 'primary', 'data-action': 'train', onclick: startTraining },
    t('models.train'),
  );
  const reports = region(
    store,
    'models',
    (list) =>
      list.items.length === 0
        ? statePanel('waiting', { title: t('models.none'), detail: t('models.noneDetail') })
        : list.items.map((model) => modelReport(model, { promote, rollBack })),
    12,
  );
  const jobs = region(
    store,
    'jobs',
    (list) =>
      list.items.length === 0
        ? statePanel('empty', { title: t('jobs.none'), detail: t('jobs.noneDetail') })
        : h(
            'ul',
            { class: 'jobs' },
            list.items.map((job) => h('li', null, jobCard(job))),
          ),
    4,
  );
  // A finished training brings a new version.
  jobs.addEventListener('job-end', load);
  showPage(
    context.root,
    t('nav.models'),
    pageHead({ title: t('nav.models') }),
    region(store, 'models', lead, 2),
    section(
      t('jobs.title'),
      h('p', null, training, ' ', h('span', { class: 'unit' }, t('models.trainNote'))),
      jobs,
    ),
    reports,
  );
  load();

  async function startTraining() {
    training.disabled = true;
    await attempt(async () => {
      await api.post(['training'], {});
      notify(t('models.trainStarted'));
    });
    training.disabled = false;
  }

  async function promote(model, version) {
    const live = model.versions.find((candidate) => candidate.state === 'live');
    const agreed = await confirmAction({
      title: t('models.promoteTitle', { version: version.version }),
      detail: live
        ? t('models.promoteDetail', { live: live.version, name: tOr(`model.${model.name}`, model.name) })
        : t('models.promoteFirst', { name: tOr(`model.${model.name}`, model.name) }),
      action: t('models.promote'),
    });
    if (agreed)
      await attempt(
        () => api.post(['models', model.name, 'versions', version.version, 'promote']),
        t('models.promoted', { version: version.version }),
      );
  }

  async function rollBack(model) {
    const agreed = await confirmAction({
      title: t('models.rollBackTitle'),
      detail: t('models.rollBackDetail', { name: tOr(`model.${model.name}`, model.name) }),
      action: t('models.rollBack'),
    });
    if (agreed) await attempt(() => api.post(['models', model.name, 'rollback']), t('models.rolledBack'));
  }

  async function attempt(action, success) {
    try {
      await action();
      if (success) notify(success);
      load();
    } catch (error) {
      notify(
        error.status === 403 ? t('state.forbidden') : t('models.failed', { reason: error.message }),
        'error',
      );
    }
  }
}

function lead(list) {
  const needs = list.items.find((model) => model.name === 'needs') ?? list.items[0];
  const live = needs?.versions.find((version) => version.state === 'live') ?? (needs ? newest(needs) : null);
  if (!live) return sentences([t('models.none')]);
  const canCompare = list.items.some(
    ({ name, versions }) => name.startsWith('recommendation') && versions.length > 1,
  );
  return [
    sentences([findingAgainstBaselines(live) ?? t('models.lead', { count: list.items.length })]),
    h(
      'p',
      { class: 'unit' },
      t('models.liveBase', {
        name: tOr(`model.${needs.name}`, needs.name),
        version: live.version,
        date: format.dateTime(live.trained_at),
      }),
      canCompare
        ? [' · ', h('a', { href: href(['recommend', 'compare']) }, t('models.compare'))]
        : null,
    ),
  ];
}

function findingAgainstBaselines(version) {
  const ours = version.metrics?.['ndcg@10'];
  const rivals = (version.baselines ?? []).filter((baseline) =>
    Number.isFinite(baseline.metrics?.['ndcg@10']),
  );
  if (!Number.isFinite(ours) || rivals.length === 0) return null;
  const best = rivals.reduce((a, b) => (b.metrics['ndcg@10'] > a.metrics['ndcg@10'] ? b : a));
  const gain = ours / best.metrics['ndcg@10'] - 1;
  return t(gain >= 0 ? 'models.finding' : 'models.findingWorse', {
    gain: format.percent(Math.abs(gain), 1),
    baseline: methodName(best.name),
  });
}
