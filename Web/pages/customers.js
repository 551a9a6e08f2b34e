// Customers: who are they, and whom should I look at?
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { filterInput } from '../components/filter-input.js';
import { chips, choices, dataSpan, pageHead, sentences, showPage } from '../components/page-frame.js';
import { notEnoughData, statePanel } from '../components/state-panel.js';

const SIZE = 50;
const SORTS = ['spend', 'frequency', 'recency', 'id'];
// As they stand in the address. Lapsing: regular customers who bought in the 28 days before the last 28.
const GROUPS = [
  { name: 'all', filter: { min_orders: null, min_days: null, max_days: null } },
  { name: 'active', filter: { min_orders: null, min_days: null, max_days: '27' } },
  { name: 'lapsing', filter: { min_orders: '5', min_days: '28', max_days: '55' } },
];

/** Draws the page. */
export default function customers(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const listQuery = () => ({
    query: query.query,
    sort: query.sort ?? 'spend',
    min_orders: query.min_orders,
    min_days_since_last_order: query.min_days,
    max_days_since_last_order: query.max_days,
    segment: query.segment,
  });
  const load = () =>
    store.load('list', (signal) =>
      api.get(['customers'], { ...listQuery(), limit: SIZE, cursor: query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  const change = (patch, options) => {
    paging.reset();
    context.setQuery({ ...patch, cursor: null, page: null }, options);
    load();
  };
  const input = filterInput({ query, change, label: t('customers.filter') });
  const sorts = region(
    store,
    'list',
    () =>
      choices(
        t('customers.sort'),
        SORTS.map((sort) => ({
          text: t(`customers.sort.${sort}`),
          chosen: (query.sort ?? 'spend') === sort,
          onclick: () => change({ sort }),
        })),
        { labelled: true },
      ),
    1,
  );
  const groups = region(
    store,
    'list',
    () =>
      choices(
        t('customers.show'),
        GROUPS.map(({ name, filter }) => ({
          text: t(`customers.show.${name}`),
          chosen: Object.entries(filter).every(([key, value]) => (query[key] ?? null) === value),
          onclick: () => change(filter),
        })),
        { labelled: true },
      ),
    1,
  );
  showPage(
    context.root,
    t('nav.customers'),
    pageHead({
      title: t('nav.customers'),
      csv: { parts: ['customers'], query: listQuery, name: 'customers' },
    }),
    region(store, 'list', (list) => lead(list, query, context.shop), 1),
    segmentChips(store, query),
    h('div', { class: 'filters' }, groups, sorts, input),
    region(store, 'list', (list) => table(list, { query, change, paging }), 14),
  );
  load();
  if (query.segment)
    store.load('segment', (signal) => api.get(['segments', query.segment], {}, signal));
}

/** The segment that the list is narrowed to, and the way out. */
function segmentChips(store, query) {
  if (!query.segment) return null;
  const { segment, ...rest } = query;
  const chip = (name) =>
    chips([{ name: t('customers.segment'), value: name, href: href(['customers'], { ...rest, cursor: null, page: null }) }]);
  return region(store, 'segment', (data) => chip(local(data.name)), 1, () => chip(segment));
}

function lead(list, query, shop) {
  if (query.query) return sentences([t('customers.found', { count: list.total, text: query.query })]);
  if (list.total === 0 && group(query) === 'all') return null;
  const order = t(`customers.order.${query.sort ?? 'spend'}`);
  return [
    sentences([
      t(`customers.lead.${group(query)}`, {
        count: list.total,
        order,
        orders: query.min_orders ?? 0,
        from: query.min_days ?? 0,
        to: query.max_days ?? '∞',
      }),
      group(query) === 'lapsing' ? t('customers.lapsingNext') : null,
    ]),
    dataSpan(shop),
  ];
}

/** Which sentence fits the filters. */
function group({ min_orders: orders, min_days: from, max_days: to }) {
  if (orders && from) return 'lapsing';
  if (from) return 'away';
  if (to) return 'active';
  return orders ? 'regular' : 'all';
}

function table(list, { query, change, paging }) {
  if (list.items.length === 0) {
    return query.query || query.segment || group(query) !== 'all'
      ? statePanel('empty', {
          title: t('customers.noMatch'),
          detail: query.query ? t('customers.noMatchDetail') : null,
          action: h('a', { href: href(['customers']) }, t('action.clearFilters')),
        })
      : notEnoughData(t('customers.none'));
  }
  const open = (row) => href(['customers', row.customer_id]);
  return [
    dataTable({
      caption: t('nav.customers'),
      rows: list.items,
      sort: query.sort ?? 'spend',
      onSort: (sort) => change({ sort }),
      rowHref: open,
      columns: [
        {
          label: t('customers.customer'),
          head: true,
          cell: (row) => h('a', { href: open(row) }, row.customer_id),
        },
        { label: t('customers.spend'), sort: 'spend', number: true, cell: (row) => format.money(row.spend) },
        {
          label: t('customers.orders'),
          sort: 'frequency',
          number: true,
          cell: (row) =>
            h(
              'a',
              { href: href(['events'], { customer_id: row.customer_id, kind: 'purchase' }) },
              format.count(row.orders),
            ),
        },
        {
          label: t('customers.aov'),
          number: true,
          wide: true,
          cell: (row) => format.money(row.orders ? row.spend.amount / row.orders : null),
        },
        {
          label: t('customers.lastOrder'),
          sort: 'recency',
          number: true,
          cell: (row) => format.ago(row.days_since_last_order),
        },
        {
          label: t('customers.since'),
          number: true,
          wide: true,
          cell: (row) => format.date(row.first_event_at),
        },
        {
          label: t('customers.top'),
          wide: true,
          cell: (row) =>
            h(
              'div',
              { class: 'clip', title: (row.top_categories ?? []).join(' · ') },
              (row.top_categories ?? [])
                .slice(0, 3)
                .map((name, index) => [
                  index ? ' · ' : '',
                  h('a', { href: href(['customers', row.customer_id], { need: name }) }, name),
                ]),
            ),
        },
        { label: t('customers.segment'), wide: true, cell: (row) => segmentLink(row.segments?.cluster) },
        { label: t('customers.about'), wide: true, cell: (row) => about(row.attributes) },
      ],
    }),
    paging.controls(list, SIZE),
  ];
}

/** The segment of a customer; none for who bought nothing lately, or before customers are segmented. */
function segmentLink(segment) {
  if (!segment) return h('span', { class: 'muted' }, format.MISSING);
  return h('a', { href: href(['segments', segment.id]) }, local(segment.name));
}

function about(attributes) {
  const values = ['age', 'income', 'household_composition', 'city', 'gender']
    .map((name) => attributes?.[name])
    .filter(Boolean);
  const shown = values.length > 0 ? values : Object.values(attributes ?? {}).slice(0, 3);
  return shown.length > 0
    ? h(
        'span',
        { class: 'unit' },
        shown.map((value) => tOr(`attribute.value.${value}`, String(value))).join(' · '),
      )
    : h('span', { class: 'muted' }, format.MISSING);
}
