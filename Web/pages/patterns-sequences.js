// Patterns: what customers buy next, and within how many days.
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { span } from '../app/patterns.js';
import { dataTable } from '../components/data-table.js';
import { patternView } from '../components/pattern-list.js';
import { heldMark, patternFilters, things } from '../components/pattern-parts.js';
import { href } from '../app/router.js';

const NAMES = ['query'];

/** Draws the page. */
export default function sequences(context) {
  const { query } = context;
  patternView(
    context,
    {
      view: 'sequences',
      names: NAMES,
      listQuery: () => ({ query: query.query, validated: query.all ? null : 'true', sort: query.sort }),
      filters: (change) => patternFilters({ query, change, hasLevel: false }),
      table: (list, change) => table(list, query, change),
    },
    () => sequences(context),
  );
}

const points = (share) => t('patterns.points', { count: format.decimal(100 * share, 1) });

/** The purchases of what comes first: the customers to think of. */
const firstHref = (row) =>
  href(['events'], {
    kind: 'purchase',
    ...(row.level === 'item' ? { item_id: row.first.id } : { category: row.first.id }),
  });

function table(list, query, change) {
  return dataTable({
    caption: t('patterns.title.sequences'),
    rows: list.items,
    sort: query.sort,
    onSort: (sort) => change({ sort }),
    columns: [
      {
        label: t('patterns.next'),
        head: true,
        cell: (row) => [
          things([row.first], row.level),
          h('span', { class: 'arrow', 'aria-label': t('patterns.leadsTo') }, ' → '),
          things([row.next], row.level),
        ],
      },
      {
        label: t('patterns.within', { count: list.window_days }),
        sort: 'confidence',
        number: true,
        cell: (row) => [
          format.percent(row.share, 0),
          h('span', { class: 'note' }, t('patterns.usual', { share: format.percent(row.usual_share, 0) })),
        ],
      },
      {
        label: t('patterns.more'),
        number: true,
        cell: (row) => [
          points(row.difference),
          h(
            'span',
            { class: 'note' },
            span(format.decimal(100 * row.difference_range.lower, 1), format.decimal(100 * row.difference_range.upper, 1)),
          ),
        ],
      },
      {
        label: t('patterns.median'),
        number: true,
        cell: (row) => format.days(row.median_days),
      },
      {
        label: t('patterns.followed'),
        sort: 'support',
        number: true,
        wide: true,
        cell: (row) => [
          h('a', { href: firstHref(row) }, t('patterns.ofOrders', { followed: format.count(row.followed), count: format.count(row.orders) })),
          h('span', { class: 'note' }, t('patterns.customers', { count: row.customers })),
        ],
      },
      { label: t('patterns.later'), wide: true, cell: heldMark },
    ],
  });
}
