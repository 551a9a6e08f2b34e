// Needs against series: where do the customers' own rhythms foretell something else than the weeks do?
import * as api from '../app/api.js';
import { demandHref, units } from '../app/demand.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { quietly, region } from '../components/async-region.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { orNoForecast } from '../components/demand-run.js';
import { demandTabs } from '../components/demand-tabs.js';
import { tag, trendMark } from '../components/marks.js';
import { pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { notEnoughData } from '../components/state-panel.js';

const SIZE = 50;

/** Draws the page. */
export default function demandNeeds(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const title = t('nav.demand');
  const tabs = () => demandTabs('needs');
  const listQuery = () => ({ level: 'category', sort: 'needs' });
  const load = () =>
    store.load('list', (signal) =>
      api.get(['demand'], { ...listQuery(), limit: SIZE, cursor: query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  showPage(
    context.root,
    `${t('demand.tab.needs')} · ${title}`,
    pageHead({ title, csv: { parts: ['demand'], query: listQuery, name: 'demand-needs' } }),
    tabs(),
    region(store, 'list', (list) => lead(compared(list)), 2, quietly),
    section(
      t('demand.needs.title'),
      region(store, 'list', (list) => table(list, paging), 12),
    ),
  );
  orNoForecast(load(), context, { title, tabs: tabs() }, () => demandNeeds(context));
}

const compared = (list) => list.items.filter((row) => row.needs);

/** How far the needs are from the weeks. */
const gapOf = ({ needs }) => (needs.by_series > 0 ? needs.by_needs / needs.by_series - 1 : null);

function lead(rows) {
  const differ = rows.filter((row) => row.needs.differs);
  if (rows.length === 0) return sentences([t('demand.needs.leadNone')]);
  const [first] = differ;
  return [
    sentences([
      first
        ? t(gapOf(first) > 0 ? 'demand.needs.leadMore' : 'demand.needs.leadLess', {
            count: differ.length,
            name: first.label,
            share: format.percent(Math.abs(gapOf(first) ?? 0), 0),
          })
        : t('demand.needs.leadAgree', { count: rows.length }),
    ]),
    h('p', null, t('demand.needs.next')),
  ];
}

function table(list, paging) {
  const rows = compared(list);
  if (rows.length === 0)
    return [notEnoughData(t('demand.needs.none')), paging.controls(list, SIZE)];
  return [
    h('p', { class: 'unit' }, t('demand.needs.note')),
    dataTable({
      caption: t('demand.needs.title'),
      rows,
      rowHref: (row) => demandHref(row.subject),
      columns: [
        {
          label: t('demand.name.category'),
          head: true,
          cell: (row) => [
            h('a', { href: demandHref(row.subject) }, row.label),
            row.needs.differs ? [' ', tag(t('demand.needs.differsTag'), 'warn')] : null,
          ],
        },
        {
          label: t('demand.needs.byNeeds'),
          number: true,
          cell: (row) => h('a', { href: href(['needs', row.id]) }, units(row.needs.by_needs)),
        },
        { label: t('demand.needs.bySeries'), number: true, cell: (row) => units(row.needs.by_series) },
        { label: t('demand.needs.combined'), number: true, wide: true, cell: (row) => units(row.needs.combined) },
        {
          label: t('demand.needs.gap'),
          number: true,
          cell: (row) => {
            const gap = gapOf(row);
            if (gap === null) return format.MISSING;
            const direction = row.needs.differs ? (gap > 0 ? 'rising' : 'falling') : 'steady';
            return trendMark({ direction, change: gap });
          },
        },
      ],
    }),
    paging.controls(list, SIZE),
  ];
}
