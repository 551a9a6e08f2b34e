// Why there are so many segments: what was tried, and how good each number of segments was.
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { dataTable } from './data-table.js';

/** Below this silhouette groups shade into each other (Kaufman and Rousseeuw 1990). */
const OVERLAPPING = 0.25;

/** The quality of the segments in use and of the numbers that were tried. */
export function segmentChoice(list) {
  const { quality, choice } = list;
  return [
    h('p', null, choice ? local(choice.reason) : t('segments.choice.given')),
    quality.silhouette < OVERLAPPING ? h('p', null, t('segments.choice.overlap')) : null,
    h(
      'p',
      { class: 'unit' },
      t('segments.quality', {
        silhouette: format.decimal(quality.silhouette, 3),
        stability: format.decimal(quality.stability, 2),
        count: quality.customers_measured,
        date: format.date(list.centered_at),
      }),
    ),
    choice ? candidates(choice, list.items.filter((row) => row.kind === 'cluster').length) : null,
  ];
}

function candidates(choice, inUse) {
  return dataTable({
    caption: t('segments.choice'),
    rows: choice.candidates,
    columns: [
      {
        label: t('segments.choice.number'),
        head: true,
        cell: (row) =>
          row.segments === inUse ? h('strong', null, t('segments.choice.inUse', { count: row.segments })) : format.count(row.segments),
      },
      { label: t('segments.choice.stability'), number: true, cell: (row) => format.decimal(row.stability, 2) },
      { label: t('segments.choice.silhouette'), number: true, cell: (row) => format.decimal(row.silhouette, 3) },
      { label: t('segments.choice.gap'), number: true, wide: true, cell: (row) => mark(format.decimal(row.gap, 3), row.segments === choice.by_gap) },
      {
        label: t('segments.choice.bic'),
        number: true,
        wide: true,
        cell: (row) => mark(format.count(row.bic), row.segments === choice.by_bic),
      },
    ],
  });
}

const mark = (text, isBest) => (isBest ? h('strong', { title: t('segments.choice.best') }, text) : text);
