// The habits of a customer: what was found, each with its test, and what was looked for in vain.
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { dataTable } from './data-table.js';
import { probability, tag } from './marks.js';
import { notEnoughData } from './state-panel.js';

/** Found habits as sentences; everything that was tested is one click away. */
export function customerHabits(data, id) {
  if (data.tested === 0) return notEnoughData(t('habits.tooFew'));
  const found = data.items.filter((row) => row.found);
  const vain = data.items.filter((row) => !row.found);
  return [
    h(
      'p',
      { class: 'unit' },
      t('habits.base', {
        count: found.length,
        tested: format.count(data.tested),
        date: format.date(data.as_of),
        rate: format.percent(data.false_discovery_rate, 0),
      }),
    ),
    found.length === 0
      ? h('p', null, t('habits.none'))
      : h(
          'ul',
          { class: 'habits' },
          found.map((row) => habit(row, id)),
        ),
    vain.length
      ? h('details', null, h('summary', null, t('habits.vain', { count: vain.length })), vainTable(vain))
      : null,
  ];
}

function habit(row, id) {
  const query = { customer_id: id, kind: 'purchase' };
  if (row.category) query.category = row.category;
  return h(
    'li',
    null,
    tag(t(`habits.kind.${row.kind}`)),
    h('span', { class: 'habit-words' }, local(row.words)),
    h(
      'a',
      { class: 'unit', href: href(['events'], query), title: `q ${probability(row.q_value)}` },
      t('habits.days', { days: format.count(row.days), of: format.count(row.of_days) }),
    ),
  );
}

function vainTable(rows) {
  return dataTable({
    caption: t('habits.vainTitle'),
    rows,
    columns: [
      { label: t('habits.what'), head: true, cell: (row) => nameOf(row) },
      { label: t('habits.cases'), number: true, cell: (row) => format.count(row.of_days) },
      { label: t('habits.seen'), number: true, wide: true, cell: (row) => format.decimal(row.observed, 2) },
      { label: t('habits.usual'), number: true, wide: true, cell: (row) => format.decimal(row.expected, 2) },
      { label: 'p', number: true, cell: (row) => format.decimal(row.p_value, 3) },
      { label: 'q', number: true, cell: (row) => format.decimal(row.q_value, 3) },
    ],
  });
}

const nameOf = (row) => [t(`habits.kind.${row.kind}`), row.category].filter(Boolean).join(' · ');
