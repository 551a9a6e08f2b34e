// Patterns: what goes together, and what is bought instead of each other.
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { times } from '../app/patterns.js';
import { dataTable } from '../components/data-table.js';
import { shareBar, tag } from '../components/marks.js';
import { patternView } from '../components/pattern-list.js';
import { heldMark, orderCount, patternFilters, things } from '../components/pattern-parts.js';

const NAMES = ['query', 'level', 'kind'];
const KINDS = ['complements', 'substitutes'];

/** Draws the page. */
export default function relations(context) {
  const { query } = context;
  patternView(
    context,
    {
      view: 'relations',
      names: NAMES,
      listQuery: () => ({
        query: query.query,
        kind: query.kind,
        level: query.level ?? 'category',
        validated: query.all ? null : 'true',
      }),
      filters: (change) => patternFilters({ query, change, kinds: KINDS }),
      table,
    },
    () => relations(context),
  );
}

function table(list) {
  return dataTable({
    caption: t('patterns.title.relations'),
    rows: list.items,
    columns: [
      { label: t('patterns.pair'), head: true, cell: (row) => things(row.things, row.level) },
      { label: t('patterns.kind'), cell: (row) => tag(t(`patterns.kind.${row.kind}`)) },
      {
        label: t('patterns.ratio'),
        number: true,
        cell: (row) => [
          times(row.ratio),
          h('span', { class: 'note' }, t('patterns.laterValue', { value: times(row.later.ratio) })),
        ],
      },
      {
        label: t('patterns.orders'),
        number: true,
        wide: true,
        cell: (row) => [
          orderCount(row.orders + (row.later.orders ?? 0), row.things, row.level),
          h('span', { class: 'note' }, t('patterns.expected', { count: format.count(row.expected + (row.later.expected ?? 0)) })),
        ],
      },
      { label: t('patterns.similarity'), wide: true, cell: (row) => shareBar(row.similarity, { digits: 0 }) },
      { label: t('patterns.later'), wide: true, cell: heldMark },
    ],
  });
}
