// Anomalies: in which weeks was something sold as it never is, and what was that?
import * as api from '../app/api.js';
import { demandHref, unitChange, units, week } from '../app/demand.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { createStore } from '../app/store.js';
import { quietly, region } from '../components/async-region.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { directionMark } from '../components/demand-marks.js';
import { orNoForecast } from '../components/demand-run.js';
import { demandTabs } from '../components/demand-tabs.js';
import { tag } from '../components/marks.js';
import { pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

const SIZE = 50;

/** Draws the page. */
export default function anomalies(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const title = t('nav.demand');
  const tabs = () => demandTabs('anomalies');
  const load = () =>
    store.load('list', (signal) =>
      api.get(['demand', 'anomalies'], { limit: SIZE, cursor: query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  showPage(
    context.root,
    `${t('demand.tab.anomalies')} · ${title}`,
    pageHead({ title, csv: { parts: ['demand', 'anomalies'], name: 'demand-anomalies' } }),
    tabs(),
    region(store, 'list', lead, 2, quietly),
    section(
      t('demand.anomalies.title'),
      region(store, 'list', (list) => table(list, paging), 12),
    ),
  );
  orNoForecast(load(), context, { title, tabs: tabs() }, () => anomalies(context));
}

function lead({ items }) {
  const [newest] = items;
  if (!newest) return sentences([t('demand.anomalies.leadNone')]);
  return [
    sentences([
      t(newest.direction === 'up' ? 'demand.anomalies.leadUp' : 'demand.anomalies.leadDown', {
        name: newest.label,
        week: week(newest.week),
        units: units(newest.units),
        expected: units(newest.expected),
      }),
    ]),
    h('p', null, t('demand.anomalies.next')),
  ];
}

function table(list, paging) {
  if (list.items.length === 0)
    return statePanel('empty', { title: t('demand.anomalies.none'), detail: t('demand.anomalies.noneDetail') });
  return [
    h('p', { class: 'unit' }, t('demand.anomalies.note')),
    dataTable({
      caption: t('demand.anomalies.title'),
      rows: list.items,
      rowHref: (row) => demandHref(row.subject),
      columns: [
        {
          label: t('demand.name'),
          head: true,
          cell: (row) => h('a', { href: demandHref(row.subject) }, row.label || row.subject),
        },
        {
          label: t('chart.week'),
          cell: (row) => [
            h('span', { class: 'wide-only' }, week(row.week)),
            h('span', { class: 'narrow-only' }, format.day(row.week)),
          ],
        },
        { label: t('demand.chart.sold'), number: true, cell: (row) => units(row.units) },
        { label: t('demand.chart.usual'), number: true, wide: true, cell: (row) => units(row.expected) },
        {
          label: t('demand.anomalies.off'),
          number: true,
          cell: (row) =>
            directionMark(row.direction === 'up' ? 'rising' : 'falling', unitChange(row.units - row.expected)),
        },
        { label: t('need.kind'), wide: true, cell: (row) => tag(t(`demand.anomaly.${row.kind}`)) },
      ],
    }),
    paging.controls(list, SIZE),
  ];
}
