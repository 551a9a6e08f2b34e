// Cohorts: which groups of customers has the team named?
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { analyticsTabs } from '../components/analytics-tabs.js';
import { region } from '../components/async-region.js';
import { dataTable } from '../components/data-table.js';
import { tag } from '../components/marks.js';
import { pageHead, sentences, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

/** Draws the page. */
export default function cohorts(context) {
  const store = createStore(context.signal);
  showPage(
    context.root,
    `${t('analytics.tab.cohorts')} · ${t('nav.analytics')}`,
    pageHead({ title: t('nav.analytics'), csv: { parts: ['cohorts'], name: 'cohorts' } }),
    analyticsTabs('cohorts'),
    sentences([t('analytics.cohort.lead')]),
    region(store, 'list', table, 6),
  );
  store.load('list', (signal) => api.get(['cohorts'], {}, signal));
}

function table(list) {
  if (list.items.length === 0)
    return statePanel('empty', {
      title: t('analytics.cohort.none'),
      detail: t('analytics.cohort.noneDetail'),
      action: h('a', { href: href(['analytics']) }, t('analytics.toGallery')),
    });
  const open = (row) => href(['analytics', 'cohorts', row.id]);
  return dataTable({
    caption: t('analytics.tab.cohorts'),
    rows: list.items,
    rowHref: open,
    columns: [
      { label: t('analytics.cohort'), head: true, cell: (row) => h('a', { href: open(row) }, row.title) },
      { label: t('analytics.cohort.kind'), cell: (row) => tag(t(`analytics.cohort.short.${row.kind}`)) },
      { label: t('needs.customers'), number: true, cell: (row) => format.count(row.size) },
      {
        label: t('analytics.saved.at'),
        number: true,
        wide: true,
        cell: (row) => format.dateTime(row.updated_at),
      },
    ],
  });
}
