// The pictures of one forecast: the fan, the parts, and how far off it was before.
import { errorBars, fanChart, foldChart, partsChart, shownIntervals } from '../app/charts-demand.js';
import { directionOf, SHOP, unitRange, units, week } from '../app/demand.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { chartFigure } from './chart-figure.js';
import { notEnoughData, statePanel } from './state-panel.js';

const FEWEST_WEEKS = 3;
/** A year of weeks and a half beside the forecast stays readable. */
const SHOWN_WEEKS = 80;

/** The events of a week behind a point; those of the whole shop are not narrowed. */
function eventsHref(data, from) {
  const subject =
    data.level === 'item' ? { item_id: data.id } : data.subject === SHOP ? {} : { category: data.id };
  return href(['events'], {
    kind: 'purchase',
    ...subject,
    from: format.startOfDay(from),
    to: format.startOfDay(from, 7),
  });
}

/** History and forecast with its ranges. */
export function fan(data) {
  const history = data.history.slice(-SHOWN_WEEKS);
  const forecast = data.forecast ?? [];
  if (history.length < FEWEST_WEEKS) return notEnoughData(t('today.fewWeeks'));
  return chartFigure({
    title: fanFinding(data, forecast),
    unit: t('demand.chart.unit'),
    note: t(forecast.length ? 'demand.chart.note' : 'demand.chart.noteHistory'),
    size: 'tall-fan',
    option: fanChart(history, forecast),
    onSelect: (index) => {
      if (history[index]) location.hash = eventsHref(data, history[index].week);
    },
    table: {
      columns: [t('chart.week'), t('demand.chart.sold'), t('demand.chart.expected'), t('demand.range95')],
      rows: [...history, ...forecast].reverse().map((point) =>
        point.units === undefined
          ? [week(point.week), '', units(point.mean), unitRange(shownIntervals(point).wide)]
          : [
              h('a', { href: eventsHref(data, point.week) }, week(point.week)),
              [units(point.units), remark(point)],
              '',
              '',
            ],
      ),
    },
  });
}

/** What was out of the ordinary in a week. */
function remark({ anomaly, sold_out: isSoldOut }) {
  const words = [
    anomaly ? t(`demand.anomaly.${anomaly}`) : null,
    isSoldOut ? t('demand.chart.soldOut') : null,
  ].filter(Boolean);
  return words.length ? h('span', { class: 'unit' }, ` ${words.join(' · ')}`) : null;
}

function fanFinding(data, forecast) {
  if (!forecast.length) return t('demand.chart.findingHistory');
  const values = { units: units(data.units_next_4), range: unitRange(data.range_next_4) };
  if (data.change === null || data.change === undefined) return t('demand.chart.finding', values);
  return t(`demand.chart.finding.${directionOf(data)}`, {
    ...values,
    change: format.percent(Math.abs(data.change), 0),
  });
}

/** Trend, season and what neither explains. */
export function parts(data) {
  const points = data.decomposition ?? [];
  if (points.length < FEWEST_WEEKS) return statePanel('waiting', { title: t('demand.parts.none') });
  const swing = (name) =>
    Math.max(...points.map((one) => one[name] ?? 0)) - Math.min(...points.map((one) => one[name] ?? 0));
  const isSeasonal = swing('seasonal') > swing('remainder');
  return chartFigure({
    title: t(isSeasonal ? 'demand.parts.season' : 'demand.parts.noise'),
    unit: t('demand.parts.unit'),
    size: 'tall',
    option: partsChart(points),
    table: {
      columns: [t('chart.week'), ...['trend', 'seasonal', 'remainder'].map((name) => t(`demand.part.${name}`))],
      rows: [...points]
        .reverse()
        .map((point) => [
          week(point.week),
          ...[point.trend, point.seasonal, point.remainder].map((value) => format.decimal(value, 1)),
        ]),
    },
  });
}

/** What was forecast before, week by week, and what then came. */
export function folds({ backtest, history }) {
  const list = backtest?.folds ?? [];
  if (list.length === 0) return notEnoughData(t('demand.folds.none'));
  const first = list.map((fold) => fold.from_week.slice(0, 10)).sort()[0];
  return chartFigure({
    title: foldFinding(list),
    unit: t('demand.chart.unit'),
    note: t('demand.folds.note', { count: list.length }),
    option: foldChart(list, history.filter((point) => point.week.slice(0, 10) >= first)),
    table: {
      columns: [t('demand.folds.from'), t('demand.folds.weeks'), t('demand.chart.foretold'), t('demand.folds.came')],
      rows: [...list]
        .reverse()
        .map((fold) => [
          week(fold.from_week),
          format.count(fold.mean.length),
          units(sum(fold.mean.slice(0, fold.actual.length))),
          units(sum(fold.actual)),
        ]),
    },
  });
}

const sum = (list) => list.reduce((total, value) => total + value, 0);

function foldFinding(list) {
  const told = sum(list.map((fold) => sum(fold.mean.slice(0, fold.actual.length))));
  const came = sum(list.map((fold) => sum(fold.actual)));
  const off = came > 0 ? told / came - 1 : null;
  if (off === null) return t('demand.folds.title');
  if (Math.abs(off) < 0.02) return t('demand.folds.even');
  return t(off > 0 ? 'demand.folds.high' : 'demand.folds.low', { share: format.percent(Math.abs(off), 0) });
}

/** How the error grows with the distance. */
export function errorsAhead({ backtest }) {
  const steps = backtest?.by_horizon ?? [];
  if (steps.length === 0) return notEnoughData(t('demand.folds.none'));
  return chartFigure({
    title: t('demand.ahead.finding', {
      first: format.decimal(steps[0].mase, 2),
      last: format.decimal(steps.at(-1).mase, 2),
    }),
    unit: t('demand.ahead.unit'),
    note: t('demand.ahead.note'),
    size: 'small',
    option: errorBars(steps),
    table: {
      columns: [t('demand.ahead.weeks'), 'MASE'],
      rows: steps.map((one) => [format.count(one.step), format.decimal(one.mase, 2)]),
    },
  });
}

