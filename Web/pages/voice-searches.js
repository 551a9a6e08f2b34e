// Searches that found nothing: what did customers look for that the shop does not show them?
import * as api from '../app/api.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { sentences } from '../components/page-frame.js';
import { shareBar } from '../components/marks.js';
import { statePanel } from '../components/state-panel.js';
import { orNothingRead, voicePage } from '../components/voice-page.js';

const SIZE = 50;

/** Draws the page. */
export default function voiceSearches(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const load = () =>
    store.load('searches', (signal) =>
      api.get(['voice', 'searches'], { limit: SIZE, cursor: query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  voicePage(
    context,
    'searches',
    { parts: ['voice', 'searches'], query: () => ({}), name: 'searches' },
    region(store, 'searches', (list) => report(list, paging), 12),
  );
  orNothingRead(load(), context, 'searches', () => voiceSearches(context));
}

function report(list, paging) {
  if (list.items.length === 0)
    return [
      sentences([t('searches.none')]),
      statePanel('empty', { title: t('searches.noneTitle'), detail: t('searches.noneDetail') }),
    ];
  const [first] = list.items;
  return [
    sentences([
      t('searches.lead', {
        text: first.query,
        count: first.searches,
        customers: format.count(first.customers),
      }),
      t('searches.next'),
    ]),
    dataTable({
      caption: t('voice.tab.searches'),
      rows: list.items,
      columns: [
        { label: t('searches.query'), head: true, cell: (row) => row.query },
        { label: t('searches.searches'), number: true, cell: (row) => format.count(row.searches) },
        { label: t('needs.customers'), number: true, cell: (row) => format.count(row.customers) },
        {
          label: t('searches.without'),
          number: true,
          wide: true,
          cell: (row) => format.count(row.without_results),
        },
        {
          label: t('searches.abandoned'),
          wide: true,
          cell: (row) =>
            row.share_abandoned === null || row.share_abandoned === undefined
              ? format.MISSING
              : shareBar(row.share_abandoned, { digits: 0 }),
        },
      ],
    }),
    paging.controls(list, SIZE),
  ];
}
