// Trends: which categories, brands and departments rise or fall beyond chance?
import * as api from '../app/api.js';
import { categorySubject, changeRange, demandHref, sureness, units, week } from '../app/demand.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, splitSentences, t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { quietly, region } from '../components/async-region.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { withRange } from '../components/demand-marks.js';
import { trendTabs } from '../components/demand-tabs.js';
import { filterChoices } from '../components/filter-choices.js';
import { filterInput } from '../components/filter-input.js';
import { probability, sparkline, trendMark } from '../components/marks.js';
import { orError, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { notEnoughData, statePanel } from '../components/state-panel.js';

const SIZE = 50;
const LEVELS = ['brand', 'department', 'attribute'];
const DIRECTIONS = ['rising', 'falling'];

/** Draws the page. */
export default function trends(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const title = t('nav.trends');
  const listQuery = () => ({
    level: query.level ?? 'category',
    direction: query.direction,
    sort: query.sort ?? 'change',
    query: query.query,
  });
  const load = () =>
    store.load('list', (signal) =>
      api.get(['trends'], { ...listQuery(), limit: SIZE, cursor: query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  const change = (patch, options) => {
    paging.reset();
    context.setQuery({ ...patch, cursor: null, page: null }, options);
    load();
  };
  showPage(
    context.root,
    title,
    pageHead({ title, csv: { parts: ['trends'], query: listQuery, name: 'trends' } }),
    trendTabs('list'),
    region(store, 'list', (list) => sentences(splitSentences(local(list.summary))), 2, quietly),
    section(
      t('trends.title'),
      filters(query, change),
      region(store, 'list', (list) => table(list, { query, change, paging }), 12),
    ),
  );
  load().then((slice) => orError(slice, context.root, title));
}

function filters(query, change) {
  const input = filterInput({ query, change, label: t('needs.filter') });
  return h(
    'div',
    { class: 'filters' },
    filterChoices({
      label: t('trends.level'),
      name: 'level',
      values: LEVELS.map((level) => [level, t(`trends.level.${level}`)]),
      all: t('trends.level.category'),
      query,
      change,
    }),
    filterChoices({
      label: t('needs.trend'),
      name: 'direction',
      values: DIRECTIONS.map((direction) => [direction, t(`trend.${direction}`)]),
      query,
      change,
    }),
    input,
  );
}

function table(list, { query, change, paging }) {
  if (list.items.length === 0) {
    if (query.query || query.direction)
      return statePanel('empty', {
        title: query.query ? t('trends.noMatch') : t(`trends.none.${query.direction}`),
        action: h('a', { href: href(['trends'], { level: query.level }) }, t('action.clearFilters')),
      });
    return notEnoughData(t('trends.none'));
  }
  return [
    h('p', { class: 'unit' }, t('trends.note')),
    dataTable({
      caption: t('trends.title'),
      rows: list.items,
      sort: query.sort ?? 'change',
      onSort: (sort) => change({ sort }),
      columns: [
        { label: t('demand.name'), head: true, cell: name },
        {
          label: t('trends.weeks'),
          wide: true,
          cell: (row) =>
            sparkline(
              (row.series ?? []).map((point) => point.units),
              t('demand.sparkLabel', { name: row.label }),
            ),
        },
        {
          label: t('trends.change'),
          sort: 'change',
          number: true,
          cell: (row) =>
            withRange(
              trendMark({ direction: row.direction, change: row.change, q_value: chanceOf(row) }),
              changeRange(row.interval),
              t('demand.range95'),
            ),
        },
        {
          label: t('trends.sure'),
          wide: true,
          cell: (row) => h('span', { title: `q ${probability(chanceOf(row))}` }, sureness(chanceOf(row))),
        },
        {
          label: t('trends.share'),
          number: true,
          wide: true,
          cell: (row) => format.change(row.share_change),
        },
        { label: t('demand.chart.sold'), sort: 'units', number: true, wide: true, cell: (row) => units(row.units) },
        { label: t('tile.spend'), number: true, cell: (row) => format.money(row.spend) },
      ],
    }),
    paging.controls(list, SIZE),
    span(list.items),
  ];
}

/** Beyond chance only where both the pieces and the share of the shop are: with the shop all may grow. */
const chanceOf = (row) => Math.max(row.q_value ?? 1, row.share_q_value ?? 0);

/** A category leads to its demand; the others have no page of their own. */
function name(row) {
  if (row.level !== 'category') return row.label || row.subject;
  const id = row.id ?? row.subject.replace(/^category:/, '');
  return h('a', { href: demandHref(categorySubject(id)) }, row.label || id);
}

function span(rows) {
  const weeks = rows.flatMap((row) => row.series ?? []).map((point) => point.week.slice(0, 10));
  if (weeks.length === 0) return null;
  weeks.sort();
  return h('p', { class: 'unit' }, t('trends.span', { from: week(weeks[0]), to: week(weeks.at(-1)) }));
}
