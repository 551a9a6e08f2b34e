// What customers looked for in vain: searches that found nothing, and items that were sold out.
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { sentences } from '../components/page-frame.js';
import { tag, trendMark } from '../components/marks.js';
import { statePanel } from '../components/state-panel.js';
import { orNothingRead, voicePage } from '../components/voice-page.js';

const SIZE = 50;
const SPELLINGS = 3;

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
      t(first.reason === SOLD_OUT ? 'searches.leadStock' : 'searches.lead', {
        text: nameOf(first),
        count: first.failures,
        customers: format.count(first.customers),
      }),
      t('searches.next'),
    ]),
    dataTable({
      caption: t('voice.tab.searches'),
      rows: list.items,
      columns: [
        { label: t('searches.query'), head: true, cell: wanted },
        { label: t('searches.reason'), cell: (row) => tag(reasonName(row.reason)) },
        { label: t('searches.failures'), number: true, cell: failures },
        { label: t('needs.customers'), number: true, cell: (row) => format.count(row.customers) },
        { label: t('said.trend'), number: true, wide: true, cell: (row) => trendMark(row.trend) },
      ],
    }),
    paging.controls(list, SIZE),
  ];
}

const SOLD_OUT = 'out-of-stock';
const nameOf = (row) => row.item_title || row.query;

const reasonName = (reason) =>
  ({
    'no-results': t('searches.reason.none'),
    'poor-results': t('searches.reason.poor'),
    [SOLD_OUT]: t('searches.reason.stock'),
  })[reason] ?? reason;

/** What was wanted: an item that was sold out, or the words that were typed, with their other spellings. */
function wanted(row) {
  if (row.reason === SOLD_OUT) return h('a', { href: href(['items', row.query]) }, nameOf(row));
  const others = (row.examples ?? []).filter((one) => one !== row.query).slice(0, SPELLINGS);
  return [row.query, others.length > 0 ? h('span', { class: 'path' }, others.join(' · ')) : null];
}

/** How often it failed, and of how many times; views of an item can be looked at one by one. */
function failures(row) {
  const text =
    row.failures === row.count
      ? format.count(row.failures)
      : t('searches.of', { failures: format.count(row.failures), count: format.count(row.count) });
  if (row.reason !== SOLD_OUT) return text;
  return h('a', { href: href(['events'], { kind: 'view', item_id: row.query }) }, text);
}
