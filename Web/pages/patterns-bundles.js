// Patterns: which items could be sold as a bundle, at which price, and what that would bring.
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { ordersHref, span, times } from '../app/patterns.js';
import { href } from '../app/router.js';
import { bundleBuilder } from '../components/bundle-builder.js';
import { dataTable } from '../components/data-table.js';
import { tag } from '../components/marks.js';
import { numberField } from '../components/number-field.js';
import { section } from '../components/page-frame.js';
import { patternView } from '../components/pattern-list.js';
import { patternFilters } from '../components/pattern-parts.js';

const NAMES = ['query', 'category', 'margin'];

/** Draws the page. */
export default function bundles(context) {
  const { query } = context;
  patternView(
    context,
    {
      view: 'bundles',
      names: ['query', 'category'],
      listQuery: () => Object.fromEntries(NAMES.map((name) => [name, query[name]])),
      lead: () => section(t('patterns.builder'), bundleBuilder(context)),
      filters: (change) =>
        h('div', null, patternFilters({ query, change, hasLevel: false, hasLater: false }), assumed(query, change)),
      table,
    },
    () => bundles(context),
  );
}

/** The margin where the catalogue has no cost. */
const assumed = (query, change) =>
  h(
    'div',
    { class: 'fields' },
    numberField({
      label: t('patterns.margin.assumed'),
      unit: '%',
      value: query.margin ? Math.round(Number(query.margin) * 1000) / 10 : null,
      min: 0,
      max: 100,
      step: 'any',
      placeholder: t('patterns.margin.none'),
      onChange: (value) => change({ margin: value === null ? null : value / 100 }, { replace: true }),
    }),
  );

function table(list) {
  return dataTable({
    caption: t('patterns.title.bundles'),
    rows: list.items,
    columns: [
      { label: t('patterns.bundle'), head: true, cell: what },
      { label: t('patterns.price'), number: true, cell: (row) => format.money(row.price) },
      { label: t('patterns.margin'), number: true, wide: true, cell: margin },
      {
        label: t('patterns.together'),
        number: true,
        wide: true,
        cell: (row) => [
          h('a', { href: ordersHref(row.items, 'item') }, format.count(row.orders_together)),
          h('span', { class: 'note' }, t('patterns.inWeeks', { count: Math.round(row.weeks) })),
        ],
      },
      { label: t('patterns.lift'), number: true, wide: true, cell: (row) => times(row.lift) },
      {
        label: t('patterns.extra'),
        number: true,
        cell: (row) => [
          format.count(row.extra_units.mean),
          h('span', { class: 'note' }, span(format.count(row.extra_units.lower), format.count(row.extra_units.upper))),
        ],
      },
      { label: t('patterns.discount'), number: true, cell: discount },
      {
        label: t('patterns.build'),
        cell: (row) =>
          h(
            'a',
            { href: href(['patterns'], { view: 'bundles', items: row.items.map((item) => item.item_id).join('\u001f') }) },
            t('patterns.open'),
          ),
      },
    ],
  });
}

const what = (row) => [
  row.items.flatMap((item, index) => [
    index ? ' + ' : null,
    h('a', { href: href(['items', item.item_id]) }, item.title),
  ]),
  h('span', { class: 'note' }, local(row.words)),
];

function margin(row) {
  if (row.margin === null) return h('span', { class: 'muted' }, t('patterns.margin.unknown'));
  return [
    format.percent(row.margin, 0),
    row.cost_basis === 'assumed' ? h('span', { class: 'note' }, t('patterns.margin.isAssumed')) : null,
  ];
}

function discount(row) {
  const { suggested, bundle_price: price } = row.discount;
  if (suggested === null) return h('span', { class: 'muted' }, t('patterns.margin.unknown'));
  if (suggested === 0) return tag(t('patterns.discount.none'));
  return [format.percent(suggested, 0), h('span', { class: 'note' }, format.money(price))];
}
