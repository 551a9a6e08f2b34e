// What first sold lately: does it sell as products like it promised?
import * as api from '../app/api.js';
import { demandHref, itemSubject, unitRange, units, week } from '../app/demand.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { region } from './async-region.js';
import { cursorPaging, dataTable } from './data-table.js';
import { withRange } from './demand-marks.js';
import { section } from './page-frame.js';
import { statePanel } from './state-panel.js';

const SIZE = 20;
const TONES = { above: 'rising', as_expected: '', below: 'falling' };
const SHAPES = { above: '▲', as_expected: '', below: '▼' };

/** The list and how it is loaded. */
export function launchList(context, store) {
  const load = () =>
    store.load('recent', (signal) =>
      api.get(['launches'], { limit: SIZE, cursor: context.query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  return {
    load,
    node: section(
      t('launch.recent'),
      region(store, 'recent', (list) => table(list, paging), 8),
    ),
  };
}

function table(list, paging) {
  if (list.items.length === 0)
    return statePanel('empty', { title: t('launch.recentNone'), detail: t('launch.recentNoneDetail') });
  return [
    h('p', { class: 'unit' }, [t('launch.recentNote'), local(list.definition)].filter(Boolean).join(' ')),
    dataTable({
      caption: t('launch.recent'),
      rows: list.items,
      rowHref: (row) => demandHref(itemSubject(row.item_id)),
      columns: [
        {
          label: t('events.item'),
          head: true,
          cell: (row) => [
            h('a', { href: demandHref(itemSubject(row.item_id)) }, row.title || row.item_id),
            h('span', { class: 'path' }, row.category),
          ],
        },
        { label: t('launch.first'), number: true, wide: true, cell: (row) => week(row.first_week) },
        { label: t('launch.weeksSold'), number: true, wide: true, cell: (row) => format.count(row.weeks) },
        { label: t('demand.chart.sold'), number: true, cell: (row) => units(row.units) },
        {
          label: t('launch.promised'),
          number: true,
          cell: (row) => withRange(units(row.expected), row.range ? unitRange(row.range) : null, t('demand.range80')),
        },
        {
          label: t('launch.verdict'),
          cell: (row) =>
            h(
              'span',
              { class: `trend ${TONES[row.verdict] ?? ''}` },
              h('span', { 'aria-hidden': 'true' }, SHAPES[row.verdict] ?? ''),
              ' ',
              t(`launch.verdict.${row.verdict}`),
            ),
        },
      ],
    }),
    paging.controls(list, SIZE),
  ];
}
