// One forecast: what will be sold of it, how far off was that before, and what moves it?
import * as api from '../app/api.js';
import { shownIntervals } from '../app/charts-demand.js';
import { csvText } from '../app/csv.js';
import {
  categorySubject,
  changeRange,
  className,
  demandHref,
  errorFigures,
  errorWords,
  SHOP,
  sureness,
  unitRange,
  units,
  week,
  when,
} from '../app/demand.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, splitSentences, t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { dataTable } from '../components/data-table.js';
import { errorsAhead, fan, folds, parts } from '../components/demand-charts.js';
import { changeMark, sufficiencyTag } from '../components/demand-marks.js';
import { orNoForecast } from '../components/demand-run.js';
import { demandTabs } from '../components/demand-tabs.js';
import { tag } from '../components/marks.js';
import { figures, orError, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

/** Draws the page. */
export default function demandSubject(context) {
  const { subject } = context.params;
  const store = createStore(context.signal);
  const isShop = subject === SHOP;
  const back = isShop ? null : { href: href(['demand']), label: t('nav.demand') };
  const tabs = isShop ? demandTabs('shop') : null;
  // The name that the address gives, until the server has said its own.
  const title = isShop ? t('nav.demand') : subject.replace(/^(category|item):/, '');
  showPage(
    context.root,
    title,
    pageHead({
      title,
      back,
      csv: {
        text: () => weeksCSV(store.get('subject')?.data),
        name: `demand-${subject.replace(/[^\w-]+/g, '_')}`,
      },
    }),
    tabs,
    region(store, 'subject', (data) => page(context, data), 16),
  );
  const loading = store.load('subject', (signal) => api.get(['demand', 'subjects', subject], {}, signal));
  orNoForecast(loading, context, { title, back, tabs }, () => demandSubject(context));
  loading.then((slice) => !slice.error?.isNotTrained && orError(slice, context.root, title, back));
}

/** History and forecast in one file: what is sold has units, what is expected a mean and its ranges. */
function weeksCSV(data) {
  if (!data) throw new Error(t('state.loading'));
  const columns = ['week', 'units', 'mean', 'lower_80', 'upper_80', 'lower_95', 'upper_95', 'anomaly'];
  const expected = (data.forecast ?? []).map((point) => {
    const { narrow, wide } = shownIntervals(point);
    return [point.week, null, point.mean, narrow?.lower, narrow?.upper, wide?.lower, wide?.upper, null];
  });
  const sold = data.history.map((point) => [point.week, point.units, null, null, null, null, null, point.anomaly]);
  return csvText(columns, [...sold, ...expected]);
}

function page(context, data) {
  const heading = data.level === SHOP ? t('demand.tab.shop') : data.label || data.id;
  document.title = `${heading} · Lode`;
  if (data.level !== SHOP) context.root.querySelector('h1').textContent = heading;
  const isForecast = (data.forecast ?? []).length > 0;
  return [
    sentences(splitSentences(local(data.words))),
    data.forecast_at ? basis(data) : null,
    links(data),
    isForecast ? keyFigures(data) : refusal(data),
    section(t(isForecast ? 'demand.fan' : 'demand.history'), fan(data)),
    isForecast ? section(t('demand.weeks'), weeksTable(data)) : null,
    data.needs ? section(t('demand.needs.title'), needsAgainstSeries(data)) : null,
    isForecast
      ? h(
          'div',
          { class: 'columns' },
          section(t('demand.folds.title'), folds(data)),
          section(t('demand.ahead.title'), errorsAhead(data), methods(data)),
        )
      : null,
    isForecast
      ? h(
          'div',
          { class: 'columns' },
          section(t('demand.parts.title'), parts(data)),
          section(t('demand.drivers.title'), drivers(data)),
        )
      : null,
  ];
}

/** What the forecast rests on, and how fresh it is. */
const basis = (data) =>
  h(
    'p',
    { class: 'unit' },
    t('demand.base', {
      weeks: data.history_weeks,
      horizon: data.horizon,
      as_of: when(data.as_of),
      date: format.dateTime(data.forecast_at),
    }),
  );

/** What it is part of, and where to go on from here. */
function links(data) {
  const list =
    data.level === 'item'
      ? [
          [href(['items', data.id]), t('demand.to.item')],
          [href(['restock'], { query: data.id }), t('demand.to.restock')],
          data.category
            ? [demandHref(categorySubject(data.category)), t('demand.to.category', { category: data.category })]
            : null,
        ]
      : data.level === 'category'
        ? [
            [href(['needs', data.id]), t('demand.to.need')],
            [href(['demand'], { level: 'item', category: data.id }), t('demand.to.items')],
            [href(['restock'], { category: data.id }), t('demand.to.restockCategory')],
          ]
        : [[href(['restock']), t('demand.to.restock')]];
  return h(
    'p',
    { class: 'marks' },
    data.class ? tag(className(data.class)) : null,
    sufficiencyTag(data),
    h(
      'span',
      null,
      list.filter(Boolean).map(([address, text], index) => [index ? ' · ' : '', h('a', { href: address }, text)]),
    ),
  );
}

/** In usual changes from one week to the next, as the error. */
const EVEN = 0.1;

function biasWords(bias) {
  if (Math.abs(bias) < EVEN) return t('demand.bias.none');
  return t(bias > 0 ? 'demand.bias.high' : 'demand.bias.low');
}

function keyFigures(data) {
  const { backtest } = data;
  return figures([
    {
      label: t('demand.next4'),
      value: units(data.units_next_4),
      note: t('demand.rangeNote', { range: unitRange(data.range_next_4) }),
    },
    { label: t('demand.last4'), value: units(data.units_last_4) },
    { label: t('demand.change'), value: changeMark(data), note: t('demand.changeNote') },
    { label: t('demand.error'), value: errorWords(data), note: errorFigures(data) },
    {
      label: t('demand.bias'),
      value: biasWords(data.bias ?? 0),
      note: t('demand.biasNote', { value: format.signed(data.bias, 2) }),
    },
    backtest?.coverage
      ? {
          label: t('demand.coverage'),
          value: `${format.percent(backtest.coverage['80'], 0)} · ${format.percent(backtest.coverage['95'], 0)}`,
          note: t('demand.coverageNote'),
        }
      : null,
  ]);
}

/** Too little is known: what is missing, and what can be looked at instead. */
function refusal(data) {
  const { sufficiency_detail: known, category } = data;
  return statePanel('waiting', {
    title: data.problem ? local(data.problem) : t('demand.refused'),
    detail: [
      known ? t('demand.refusedWeeks', { weeks: known.weeks, sold: known.weeks_with_sales }) : null,
      ...(known?.missing ?? []).map(local),
    ]
      .filter(Boolean)
      .join(' '),
    action:
      data.level === 'item' && category
        ? [
            h('a', { href: demandHref(categorySubject(category)) }, t('demand.to.category', { category })),
            ' · ',
            h('a', { href: href(['launch'], { category, title: data.label }) }, t('demand.to.launch')),
          ]
        : h('a', { href: href(['data', 'import']) }, t('state.toImport')),
  });
}

function weeksTable(data) {
  const missing = data.sufficiency_detail?.missing ?? [];
  return [
    missing.length ? h('p', { class: 'unit' }, missing.map(local).join(' ')) : null,
    dataTable({
      caption: t('demand.weeks'),
      rows: data.forecast,
      columns: [
        { label: t('chart.week'), head: true, cell: (row) => week(row.week) },
        { label: t('demand.chart.expected'), number: true, cell: (row) => units(row.mean) },
        { label: t('demand.range80'), number: true, cell: (row) => unitRange(shownIntervals(row).narrow) },
        { label: t('demand.range95'), number: true, wide: true, cell: (row) => unitRange(shownIntervals(row).wide) },
      ],
    }),
    h('p', { class: 'unit' }, methodOf(data) ? t('demand.weeksNote', { model: methodOf(data) }) : t('demand.rangesNote')),
  ];
}

/** The method that made the forecast, where the answer names one. */
const methodOf = ({ model }) => (typeof model === 'string' ? model : null);

/** What the customers' own rhythms add up to, beside what the sales history points to. */
export function needsAgainstSeries({ needs, id }) {
  return [
    h('p', null, t(needs.differs ? 'demand.needs.differ' : 'demand.needs.agree')),
    figures([
      {
        label: t('demand.needs.byNeeds'),
        value: units(needs.by_needs),
        href: href(['needs', id]),
        note: t('demand.needs.byNeedsNote'),
      },
      { label: t('demand.needs.bySeries'), value: units(needs.by_series), note: t('demand.needs.bySeriesNote') },
      { label: t('demand.needs.combined'), value: units(needs.combined), note: t('demand.needs.combinedNote') },
    ]),
  ];
}

function methods(data) {
  const { backtest } = data;
  const model = methodOf(data);
  const list = backtest?.models ?? [];
  if (list.length === 0) return null;
  return [
    dataTable({
      caption: t('demand.methods'),
      rows: list,
      columns: [
        {
          label: t('demand.methods'),
          head: true,
          cell: (row) => [row.model, row.model === model ? [' ', tag(t('demand.chosen'), 'good')] : null],
        },
        { label: 'MASE', number: true, cell: (row) => format.decimal(row.mase, 2) },
      ],
    }),
    h('p', { class: 'unit' }, t('demand.methodsNote', { count: backtest.origins, horizon: backtest.horizon })),
  ];
}

function drivers(data) {
  if (!data.drivers?.length)
    return statePanel('empty', { title: t('demand.drivers.none'), detail: t('demand.drivers.noneDetail') });
  return [
    dataTable({
      caption: t('demand.drivers.title'),
      rows: data.drivers,
      columns: [
        { label: t('demand.drivers.what'), head: true, cell: (row) => local(row.label) || row.name },
        { label: t('demand.drivers.effect'), number: true, cell: (row) => format.change(row.effect) },
        { label: t('demand.drivers.range'), number: true, wide: true, cell: (row) => changeRange(row.interval) },
        { label: t('demand.drivers.sure'), cell: (row) => sureness(row.p_value) },
      ],
    }),
    h('p', { class: 'unit' }, t('demand.drivers.note')),
  ];
}
