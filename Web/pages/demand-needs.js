// Needs against series: where do the customers' own rhythms point elsewhere than the sales history does?
import * as api from '../app/api.js';
import { demandHref, unitChange, units } from '../app/demand.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { quietly, region } from '../components/async-region.js';
import { dataTable } from '../components/data-table.js';
import { directionMark } from '../components/demand-marks.js';
import { orNoForecast } from '../components/demand-run.js';
import { demandTabs } from '../components/demand-tabs.js';
import { pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { notEnoughData, statePanel } from '../components/state-panel.js';

/** A shop has hundreds of categories: all are asked for, and those that matter most are shown. */
const MOST = 500;
const SHOWN = 30;

/** Draws the page. */
export default function demandNeeds(context) {
  const store = createStore(context.signal);
  const title = t('nav.demand');
  const tabs = () => demandTabs('needs');
  const listQuery = () => ({ level: 'category', sort: 'needs' });
  const loading = store.load('rows', async (signal) => {
    const { items } = await api.get(['demand'], { ...listQuery(), limit: MOST }, signal);
    // The widest gap in pieces first: a share of next to nothing is large and means little.
    return items.filter((row) => row.needs).sort((one, other) => Math.abs(gapOf(other)) - Math.abs(gapOf(one)));
  });
  showPage(
    context.root,
    `${t('demand.tab.needs')} · ${title}`,
    pageHead({ title, csv: { parts: ['demand'], query: listQuery, name: 'demand-needs' } }),
    tabs(),
    region(store, 'rows', lead, 2, quietly),
    region(store, 'rows', tables, 12),
  );
  orNoForecast(loading, context, { title, tabs: tabs() }, () => demandNeeds(context));
}

const gapOf = ({ needs }) => needs.by_needs - needs.by_series;
const differing = (rows) => rows.filter((row) => row.needs.differs);

function lead(rows) {
  const [first, ...others] = differing(rows);
  if (rows.length === 0) return sentences([t('demand.needs.leadNone')]);
  return [
    sentences([
      first
        ? t('demand.needs.lead', {
            count: others.length + 1,
            name: first.label,
            needs: units(first.needs.by_needs),
            series: units(first.needs.by_series),
          })
        : t('demand.needs.leadAgree', { count: rows.length }),
    ]),
    h('p', null, t('demand.needs.next')),
  ];
}

function tables(rows) {
  if (rows.length === 0) return notEnoughData(t('demand.needs.none'));
  const agreeing = rows.filter((row) => !row.needs.differs);
  const found = differing(rows);
  return [
    section(
      t('demand.needs.differing'),
      found.length
        ? [h('p', { class: 'unit' }, t('demand.needs.note')), table(found, t('demand.needs.differing'))]
        : statePanel('empty', { title: t('demand.needs.noneDiffers') }),
    ),
    agreeing.length
      ? section(
          t('demand.needs.agreeing', { count: agreeing.length }),
          table(agreeing.slice(0, SHOWN), t('demand.needs.agreeing', { count: agreeing.length })),
          agreeing.length > SHOWN ? h('p', { class: 'unit' }, t('demand.needs.cut', { count: SHOWN })) : null,
        )
      : null,
  ];
}

function table(rows, caption) {
  return dataTable({
    caption,
    rows,
    rowHref: (row) => demandHref(row.subject),
    columns: [
      {
        label: t('demand.name.category'),
        head: true,
        cell: (row) => h('a', { href: demandHref(row.subject) }, row.label),
      },
      {
        label: t('demand.needs.byNeeds'),
        number: true,
        cell: (row) => h('a', { href: href(['needs', row.id]) }, units(row.needs.by_needs)),
      },
      { label: t('demand.needs.bySeries'), number: true, cell: (row) => units(row.needs.by_series) },
      {
        label: t('demand.needs.combined'),
        number: true,
        wide: true,
        cell: (row) => units(row.needs.combined),
      },
      { label: t('demand.needs.gap'), number: true, cell: gap },
    ],
  });
}

/** The difference in pieces, with its share where that says something. */
function gap(row) {
  const pieces = gapOf(row);
  const direction = row.needs.differs ? (pieces > 0 ? 'rising' : 'falling') : 'steady';
  const share = row.needs.by_series >= 1 ? format.change(pieces / row.needs.by_series) : null;
  return [
    directionMark(direction, unitChange(pieces)),
    share ? h('span', { class: 'note' }, share) : null,
  ];
}
