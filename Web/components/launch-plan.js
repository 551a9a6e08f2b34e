// The plan of one launch: what to expect, on what that rests, when to start, whom to tell, what it takes from others.
import { launchCurve } from '../app/charts-demand.js';
import { csvText } from '../app/csv.js';
import { demandHref, itemSubject, span, sureness, unitRange, units, week } from '../app/demand.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, splitSentences, t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { needHref } from '../app/voice.js';
import { chartFigure } from './chart-figure.js';
import { dataTable } from './data-table.js';
import { shareBar } from './marks.js';
import { exportButton, figures, section, sentences } from './page-frame.js';
import { notEnoughData, statePanel } from './state-panel.js';

/** How many similar products are drawn beside the curve. */
const DRAWN = 5;
const TOLD = 10;

/** Everything that the server said about it. */
export function launchPlan(plan, query) {
  const columns = (...parts) => h('div', { class: 'columns' }, parts);
  return [
    h('h2', { class: 'plan-title' }, t('launch.planFor', { title: query.title })),
    sentences(splitSentences(local(plan.words))),
    keyFigures(plan),
    section(t('launch.curve'), curve(plan)),
    section(t('launch.analogues'), analogues(plan)),
    columns(section(t('launch.windows'), windows(plan)), section(t('launch.cannibalised'), cannibalised(plan))),
    section(t('launch.audience'), audience(plan)),
    section(t('launch.unmet'), unmet(plan)),
    section(t('launch.backtest'), honesty(plan.backtest)),
  ];
}

function keyFigures({ total, price_band: band, analogues, audience_total: people }) {
  return figures([
    {
      label: t('launch.total'),
      value: units(total?.mean),
      note: total ? t('demand.rangeNote', { range: unitRange(total) }) : null,
    },
    band
      ? {
          label: t('launch.priceBand'),
          value: money(band.median, band),
          note: span(money(band.lower, band), money(band.upper, band)),
        }
      : null,
    { label: t('launch.analogues'), value: format.count(analogues.length) },
    { label: t('launch.audience'), value: format.count(people) },
  ]);
}

const money = (amount, { currency }) => format.money({ amount, currency });

function curve(plan) {
  if (!plan.curve?.length) return notEnoughData(t('launch.noCurve'));
  const alike = plan.analogues.slice(0, DRAWN);
  return chartFigure({
    title: t('launch.curveFinding', {
      units: units(plan.total?.mean),
      range: unitRange(plan.total),
      count: plan.curve.length,
    }),
    unit: t('launch.curveUnit'),
    note: t('launch.curveNote'),
    option: launchCurve(plan.curve, alike),
    table: {
      columns: [
        t('launch.week'),
        t('demand.chart.expected'),
        t('demand.range80'),
        ...alike.map((one) => one.title || one.item_id),
      ],
      rows: plan.curve.map((point, index) => [
        format.count(point.week),
        units(point.mean),
        unitRange(point),
        ...alike.map((one) => units(one.units_by_week[index] ?? null)),
      ]),
    },
  });
}

function analogues({ analogues: list }) {
  if (list.length === 0) return notEnoughData(t('launch.noAnalogues'));
  return dataTable({
    caption: t('launch.analogues'),
    rows: list,
    columns: [
      {
        label: t('events.item'),
        head: true,
        cell: (row) => [
          h('a', { href: href(['items', row.item_id]) }, row.title || row.item_id),
          row.reasons?.length
            ? h('span', { class: 'note' }, row.reasons.map(local).join(' · '))
            : null,
        ],
      },
      { label: t('launch.similarity'), wide: true, cell: (row) => shareBar(row.similarity, { digits: 0 }) },
      { label: t('item.price'), number: true, wide: true, cell: (row) => format.money(row.price) },
      { label: t('launch.first'), number: true, cell: (row) => (row.first_week ? week(row.first_week) : t('launch.firstUnknown')) },
      {
        label: t('demand.chart.sold'),
        number: true,
        cell: (row) =>
          h(
            'a',
            { href: demandHref(itemSubject(row.item_id)) },
            units(row.units_by_week.reduce((sum, value) => sum + value, 0)),
          ),
      },
    ],
  });
}

function windows({ windows: list }) {
  if (!list?.length) return notEnoughData(t('launch.noWindows'));
  return [
    h('p', { class: 'unit' }, t('launch.windowsNote')),
    dataTable({
      caption: t('launch.windows'),
      rows: list,
      columns: [
        {
          label: t('chart.week'),
          head: true,
          cell: (row) => [week(row.week), row.words ? h('span', { class: 'note' }, local(row.words)) : null],
        },
        { label: t('launch.index'), number: true, cell: (row) => format.change(row.index - 1) },
        {
          label: t('launch.competing'),
          number: true,
          wide: true,
          cell: (row) => format.count(row.competing_promotions),
        },
      ],
    }),
  ];
}

function cannibalised({ cannibalised: list }) {
  if (!list?.length)
    return statePanel('empty', { title: t('launch.noCannibalised'), detail: t('launch.noCannibalisedDetail') });
  return [
    h('p', { class: 'unit' }, t('launch.cannibalisedNote')),
    dataTable({
      caption: t('launch.cannibalised'),
      rows: list,
      columns: [
        {
          label: t('events.item'),
          head: true,
          cell: (row) => h('a', { href: href(['items', row.item_id]) }, row.title || row.item_id),
        },
        { label: t('launch.taken'), number: true, cell: (row) => format.percent(row.units_share) },
        { label: t('trends.sure'), wide: true, cell: (row) => sureness(row.q_value ?? row.p_value) },
      ],
    }),
  ];
}

const AUDIENCE = ['customer_id', 'score', 'expected_units', 'reason'];

/** The first to tell; all that the server named are in the file. */
function audience({ audience: list, audience_total: total }) {
  if (!list?.length) return statePanel('empty', { title: t('item.tellNobody') });
  const most = Math.max(...list.map((row) => row.score ?? 0), Number.EPSILON);
  const text = () =>
    csvText(
      AUDIENCE,
      list.map((row) => [row.customer_id, row.score, row.expected_units, local(row.reason)]),
    );
  return [
    h(
      'div',
      { class: 'with-action' },
      h('p', null, t('launch.audienceLead', { count: total, shown: Math.min(TOLD, list.length) })),
      exportButton({ text, name: 'launch-audience' }, 'export-audience'),
    ),
    dataTable({
      caption: t('launch.audience'),
      rows: list.slice(0, TOLD),
      columns: [
        {
          label: t('customers.customer'),
          head: true,
          cell: (row) => h('a', { href: href(['customers', row.customer_id]) }, row.customer_id),
        },
        { label: t('item.tellScore'), cell: (row) => shareBar((row.score ?? 0) / most, { digits: 0 }) },
        { label: t('need.reason'), wide: true, cell: (row) => local(row.reason) || format.MISSING },
        {
          label: t('launch.expectedUnits'),
          number: true,
          wide: true,
          cell: (row) => format.decimal(row.expected_units, 2),
        },
      ],
    }),
  ];
}

function unmet({ unmet_needs: list }) {
  if (!list?.length) return h('p', { class: 'muted' }, t('launch.noUnmet'));
  return [
    h('p', null, t('launch.unmetLead')),
    h(
      'ul',
      { class: 'stated' },
      list.map((need) => h('li', null, h('a', { href: needHref(need.need_id) }, need.label))),
    ),
  ];
}

/** How far such plans were off before: said with the plan, not in a report that nobody reads. */
export function honesty(backtest) {
  if (!backtest) return h('p', { class: 'muted' }, t('launch.noBacktest'));
  const { launches, mase, baseline_mase: rule, improvement, interval } = backtest;
  const isSure = interval ? interval.lower > 0 || interval.upper < 0 : false;
  const finding = !isSure ? 'unsure' : improvement > 0 ? 'better' : 'worse';
  return h(
    'p',
    null,
    t(`launch.backtest.${finding}`, {
      count: launches,
      share: format.percent(Math.abs(improvement), 0),
      range: interval
        ? span(format.percent(interval.lower, 0), format.percent(interval.upper, 0))
        : format.MISSING,
      mase: format.decimal(mase, 2),
      rule: format.decimal(rule, 2),
    }),
  );
}
