// Campaigns: what was tried, what it brought, and what comes next?
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { campaignForm } from '../components/campaign-form.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

const SIZE = 20;

/** Draws the page. */
export default function campaigns(context) {
  const store = createStore(context.signal);
  const title = t('nav.campaigns');
  const load = () =>
    store.load('list', (signal) => api.get(['campaigns'], { limit: SIZE, cursor: context.query.cursor }, signal));
  const paging = cursorPaging(context, load);
  showPage(
    context.root,
    title,
    pageHead({ title, csv: { parts: ['campaigns'], name: 'campaigns' } }),
    sentences([t('campaigns.lead')]),
    section(t('campaigns.all'), region(store, 'list', (list) => table(list, paging), 6)),
    section(t('campaigns.plan'), campaignForm(context)),
  );
  load();
}

function table(list, paging) {
  if (list.items.length === 0)
    return statePanel('empty', { title: t('campaigns.none'), detail: t('campaigns.noneDetail') });
  const link = (row) => href(['campaigns', row.campaign_id]);
  return [
    dataTable({
      caption: t('campaigns.all'),
      rows: list.items,
      rowHref: link,
      columns: [
        { label: t('campaigns.field.name'), head: true, cell: (row) => h('a', { href: link(row) }, row.name) },
        { label: t('campaigns.state'), cell: (row) => t(`campaigns.state.${row.state}`) },
        { label: t('campaigns.field.kind'), cell: (row) => t(`campaigns.kind.${row.action.kind}`) },
        { label: t('campaigns.arm.holdout'), number: true, wide: true, cell: (row) => format.percent(row.holdout) },
        {
          label: t('campaigns.started'),
          number: true,
          wide: true,
          cell: (row) => (row.started_at ? format.date(row.started_at) : format.MISSING),
        },
      ],
    }),
    paging.controls(list, SIZE),
  ];
}
