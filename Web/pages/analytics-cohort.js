// One cohort: who is in it, and what can be asked about them.
import * as api from '../app/api.js';
import { questionHref, shopFacts } from '../app/analytics.js';
import { presets } from '../app/analytics-presets.js';
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { peopleTable } from '../components/analytics-people.js';
import { region } from '../components/async-region.js';
import { cursorPaging } from '../components/data-table.js';
import { confirmAction } from '../components/dialogs.js';
import { notify } from '../components/notice.js';
import { orError, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

const SIZE = 50;
const ASKED = ['trends', 'retention', 'funnel', 'intervals', 'products', 'rfm', 'value_curves'];

/** Draws the page. */
export default function cohort(context) {
  const { id } = context.params;
  const parts = ['cohorts', id];
  const store = createStore(context.signal);
  const back = { href: href(['analytics', 'cohorts']), label: t('analytics.tab.cohorts') };
  const csv = { parts: [...parts, 'customers'], name: 'cohort' };
  const heading = h('div', null, pageHead({ title: t('analytics.cohort'), back, csv }));
  const load = () =>
    store.load('people', (signal) =>
      api.get([...parts, 'customers'], { limit: SIZE, cursor: context.query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  showPage(
    context.root,
    t('analytics.cohort'),
    heading,
    region(store, 'cohort', (data) => head(data.cohort, data.facts), 4),
    region(store, 'people', people, 12),
  );
  store
    .load('cohort', async (signal) => {
      const [found, facts] = await Promise.all([api.get(parts, {}, signal), shopFacts(signal)]);
      return { cohort: found, facts };
    })
    .then((slice) => orError(slice, context.root, t('analytics.cohort'), back));
  load();

  function head(found, facts) {
    document.title = `${found.title} · Lode`;
    replace(heading, pageHead({ title: found.title, back, csv }));
    return [
      sentences([t(`analytics.cohort.is.${found.kind}`, { count: found.size })]),
      h(
        'div',
        { class: 'with-action' },
        h('p', { class: 'unit' }, t('analytics.cohort.made', { date: format.dateTime(found.updated_at) })),
        h(
          'div',
          { class: 'buttons start' },
          found.definition ? h('a', { href: questionHref(found.definition) }, t('analytics.cohort.source')) : null,
          h(
            'button',
            { type: 'button', class: 'quiet', 'data-action': 'remove-cohort', onclick: () => removeIt(found) },
            t('analytics.cohort.remove'),
          ),
        ),
      ),
      section(
        t('analytics.cohort.ask'),
        h(
          'ul',
          { class: 'more-questions' },
          ASKED.flatMap((analysis) => {
            const [first] = presets(analysis, facts);
            if (!first || first.lacks) return [];
            const definition = { ...first.definition, filter: { all: [{ cohort: found.id }] } };
            return [
              h('li', null, h('a', { href: questionHref(definition) }, t(`analytics.question.${analysis}`))),
            ];
          }),
        ),
      ),
    ];
  }

  async function removeIt(found) {
    const isSure = await confirmAction({
      title: t('analytics.cohort.remove'),
      detail: t('analytics.cohort.removeDetail', { name: found.title }),
      action: t('analytics.remove'),
    });
    if (!isSure) return;
    try {
      await api.remove(parts);
      location.hash = href(['analytics', 'cohorts']);
    } catch (error) {
      notify(error.status === 403 ? t('analytics.mayNotSave') : error.message, 'error');
    }
  }

  function people(list) {
    if (list.items.length === 0) return statePanel('empty', { title: t('analytics.people.none') });
    return section(t('needs.customers'), peopleTable(list.items, t('needs.customers')), paging.controls(list, SIZE));
  }
}
