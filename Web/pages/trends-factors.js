// What moves sales: price, promotion, stock and delivery, each with what may mislead about it.
import * as api from '../app/api.js';
import { csvText } from '../app/csv.js';
import { span, sureness } from '../app/demand.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t, tOr } from '../app/i18n.js';
import { createStore } from '../app/store.js';
import { quietly, region } from '../components/async-region.js';
import { dataTable } from '../components/data-table.js';
import { withRange } from '../components/demand-marks.js';
import { trendTabs } from '../components/demand-tabs.js';
import { probability } from '../components/marks.js';
import { askCategories } from '../components/page-request-form.js';
import { orError, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { pickList } from '../components/pick-list.js';
import { notEnoughData } from '../components/state-panel.js';

const SURE = 0.05;

/** Draws the page. */
export default function factors(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const title = t('nav.trends');
  const listQuery = () => ({ category: query.category });
  const load = () =>
    store.load('list', (signal) => api.get(['trends', 'correlations'], listQuery(), signal));
  const category = pickList({
    label: t('voice.category'),
    placeholder: t('recommend.categoryHint'),
    ask: askCategories,
    free: true,
    onPick: (value) => {
      context.setQuery({ category: value || null });
      load();
    },
  });
  category.show(query.category);
  showPage(
    context.root,
    `${t('trends.tab.factors')} · ${title}`,
    pageHead({ title, csv: { text: () => factorsCSV(store.get('list')?.data), name: 'sales-factors' } }),
    trendTabs('factors'),
    region(store, 'list', lead, 2, quietly),
    section(t('factors.title'), h('div', { class: 'fields' }, category), region(store, 'list', table, 8)),
  );
  load().then((slice) => orError(slice, context.root, title));
}

const COLUMNS = [
  ['factor', (row) => row.factor],
  ['estimate', (row) => row.estimate],
  ['lower', (row) => row.interval?.lower],
  ['upper', (row) => row.interval?.upper],
  ['naive_estimate', (row) => row.naive_estimate],
  ['p_value', (row) => row.p_value],
  ['q_value', (row) => row.q_value],
  ['pairs', (row) => row.pairs],
  ['warning', (row) => local(row.warning)],
];

const factorsCSV = (list) =>
  csvText(
    COLUMNS.map(([column]) => column),
    (list?.items ?? []).map((row) => COLUMNS.map(([, value]) => value(row))),
  );

const isSure = (row) => (row.q_value ?? row.p_value ?? 1) < SURE;
/** The factor alone, for sentences; its label also says in what it is measured. */
const shortName = (row) => tOr(`factors.name.${row.factor}`, row.factor);
const name = (row) => local(row.label) || shortName(row);

function lead({ items }) {
  const sure = items.filter(isSure);
  if (items.length === 0) return sentences([t('factors.leadNone')]);
  return [
    sentences([
      sure.length
        ? t('factors.lead', { count: sure.length, names: sure.map(shortName).join(t('factors.and')) })
        : t('factors.leadNothing'),
    ]),
    h('p', { class: 'warn-text' }, t('factors.warning')),
  ];
}

function table({ items }) {
  if (items.length === 0) return notEnoughData(t('factors.none'));
  const number = (value) => format.signed(value, 2);
  return [
    dataTable({
      caption: t('factors.title'),
      rows: items,
      columns: [
        {
          label: t('factors.factor'),
          head: true,
          cell: (row) => [
            name(row),
            row.warning ? h('span', { class: 'note factor-warning' }, local(row.warning)) : null,
          ],
        },
        {
          label: t('factors.estimate'),
          number: true,
          cell: (row) =>
            withRange(
              number(row.estimate),
              row.interval ? span(number(row.interval.lower), number(row.interval.upper)) : null,
              t('demand.range95'),
            ),
        },
        {
          label: t('factors.naive'),
          number: true,
          wide: true,
          cell: (row) => number(row.naive_estimate),
        },
        {
          label: t('trends.sure'),
          cell: (row) =>
            h(
              'span',
              { title: `q ${probability(row.q_value ?? row.p_value ?? 1)}` },
              sureness(row.q_value ?? row.p_value),
            ),
        },
        { label: t('factors.pairs'), number: true, wide: true, cell: (row) => format.count(row.pairs) },
      ],
    }),
    h('p', { class: 'unit' }, t('factors.note')),
  ];
}
