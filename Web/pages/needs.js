// Needs: what do customers need more, or less, and where is the money?
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, splitSentences, t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { filterInput } from '../components/filter-input.js';
import { shareBar, trendMark } from '../components/marks.js';
import { needBrief, needSpark } from '../components/need-brief.js';
import { needsTabs } from '../components/needs-tabs.js';
import { choices, orError, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { saidMark } from '../components/said-mark.js';
import { notEnoughData, statePanel } from '../components/state-panel.js';

const SIZE = 50;
const TRENDS = ['rising', 'falling', 'steady'];

/** Draws the page. */
export default function needs(context) {
  const store = createStore(context.signal);
  const { query } = context;
  const listQuery = () => ({ trend: query.trend, sort: query.sort ?? 'at_stake', query: query.query });
  const load = () =>
    store.load('list', (signal) =>
      api.get(['needs'], { ...listQuery(), limit: SIZE, cursor: query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  const change = (patch, options) => {
    paging.reset();
    context.setQuery({ ...patch, cursor: null, page: null }, options);
    load();
  };
  showPage(
    context.root,
    t('nav.needs'),
    pageHead({ title: t('nav.needs'), csv: { parts: ['needs'], query: listQuery, name: 'needs' } }),
    needsTabs('bought'),
    region(store, 'list', (list) => market(list), 2),
    isPlain(query) ? highlights(store, context.shop) : null,
    section(
      t('needs.all'),
      filters(query, change, store),
      region(store, 'list', (list) => table(list, { query, change, paging, shop: context.shop }), 12),
    ),
  );
  load().then((slice) => orError(slice, context.root, t('nav.needs')));
  if (isPlain(query)) loadHighlights(store);
}

const isPlain = (query) => !query.trend && !query.query && !query.cursor && !query.sort;

function market(list) {
  const base = t('needs.base', {
    customers: format.count(list.customers_base),
    count: list.horizon_days,
    date: format.date(list.as_of),
    model: list.model?.name ?? format.MISSING,
    version: list.model?.version ?? format.MISSING,
  });
  return [sentences(splitSentences(local(list.findings))), h('p', { class: 'unit' }, base)];
}

function filters(query, change, store) {
  const input = filterInput({ query, change, label: t('needs.filter') });
  const trends = region(
    store,
    'list',
    () =>
      choices(
        t('needs.trend'),
        [null, ...TRENDS].map((trend) => ({
          text: trend ? t(`trend.${trend}`) : t('needs.any'),
          chosen: (query.trend ?? null) === trend,
          onclick: () => change({ trend }),
        })),
        { labelled: true },
      ),
    1,
  );
  return h('div', { class: 'filters' }, trends, input);
}

const HIGHLIGHTS = [
  { name: 'rising', query: { trend: 'rising', sort: 'change' } },
  { name: 'falling', query: { trend: 'falling', sort: 'change' } },
  { name: 'atStake', query: { sort: 'at_stake' } },
];

function loadHighlights(store) {
  for (const { name, query } of HIGHLIGHTS) {
    store.load(name, (signal) => api.get(['needs'], { ...query, limit: 5 }, signal));
  }
}

function highlights(store, shop) {
  return h(
    'div',
    { class: 'columns three' },
    HIGHLIGHTS.map(({ name, query }) =>
      section(
        t(`needs.${name}`),
        region(
          store,
          name,
          (list) =>
            list.items.length === 0
              ? h('p', { class: 'muted' }, t(`needs.none.${name}`))
              : [
                  needBrief(list.items, shop, (row) =>
                    name === 'atStake' ? format.money(row.at_stake) : trendMark(row.trend),
                  ),
                  h(
                    'p',
                    { class: 'more' },
                    h('a', { href: href(['needs'], query) }, t('needs.more', { count: list.total })),
                  ),
                ],
          5,
        ),
      ),
    ),
  );
}

function table(list, { query, change, paging, shop }) {
  if (list.items.length === 0) return emptyList(list, query);
  const open = (row, filter) => href(['needs', row.subject.id], filter);
  const link = (row, filter, text) => h('a', { href: open(row, filter) }, text);
  return [
    h('p', { class: 'unit' }, t('needs.note', { count: list.horizon_days })),
    dataTable({
      caption: t('needs.all'),
      rows: list.items,
      sort: query.sort ?? 'at_stake',
      onSort: (sort) => change({ sort }),
      rowHref: (row) => open(row),
      columns: [
        {
          label: t('needs.need'),
          head: true,
          cell: (row) => [
            h('a', { href: open(row) }, row.subject.label),
            h('span', { class: 'path' }, row.subject.path.slice(0, -1).join(' › ')),
            saidMark(row),
          ],
        },
        {
          label: t('needs.atStake'),
          sort: 'at_stake',
          number: true,
          cell: (row) => format.money(row.at_stake),
        },
        {
          label: t('needs.expected'),
          sort: 'customers',
          number: true,
          cell: (row) => link(row, {}, format.count(row.expected_customers)),
        },
        {
          label: t('needs.share'),
          sort: 'strength',
          wide: true,
          cell: (row) => shareBar(row.share_of_customers),
        },
        {
          label: t('needs.replenish'),
          number: true,
          wide: true,
          cell: (row) => link(row, { kind: 'replenish' }, format.count(row.replenish_customers)),
        },
        {
          label: t('needs.explore'),
          number: true,
          wide: true,
          cell: (row) => link(row, { kind: 'explore' }, format.count(row.explore_customers)),
        },
        {
          label: t('needs.dueSoon'),
          number: true,
          wide: true,
          cell: (row) => link(row, { days: 7 }, format.count(row.due_within_7_days)),
        },
        {
          label: t('needs.overdue'),
          number: true,
          wide: true,
          cell: (row) => link(row, { overdue: true }, format.count(row.overdue)),
        },
        { label: t('needs.change'), sort: 'change', number: true, cell: (row) => trendMark(row.trend) },
        { label: t('needs.weeks'), wide: true, cell: (row) => needSpark(row, shop) },
      ],
    }),
    paging.controls(list, SIZE),
  ];
}

function emptyList(list, query) {
  if (!query.trend && !query.query && list.customers_base) return notEnoughData(t('needs.noneYet'));
  if (!query.trend && !query.query) return notEnoughData();
  return statePanel('empty', {
    title: t('needs.noMatch'),
    detail: t('needs.noMatchDetail'),
    action: h('a', { href: href(['needs']) }, t('action.clearFilters')),
  });
}
