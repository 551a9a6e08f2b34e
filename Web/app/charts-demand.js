// The charts of demand: forecasts that fan out, forecasts against what came, and the parts of a series.
import { base, categoryAxis, monthOf, monthStart, tip, valueAxis, weekTitle } from './charts.js';
import { unitRange, units, weekAfter } from './demand.js';
import * as format from './format.js';
import { t } from './i18n.js';

const WIDE = 0.95;
const NARROW = 0.8;

/** The interval of a level, or null: levels may be written as shares or come rounded. */
export const intervalAt = (point, level) =>
  point.intervals?.find((one) => Math.abs(one.level - level) < 0.001) ?? null;

/** The two intervals that are shown. */
export const shownIntervals = (point) => ({ narrow: intervalAt(point, NARROW), wide: intervalAt(point, WIDE) });

/** Weeks on an axis, labelled by month. */
function weekAxis(colours, weeks, extra = {}) {
  const points = weeks.map((week) => ({ week }));
  return { ...categoryAxis(colours, weeks, monthOf, monthStart(points)), boundaryGap: false, ...extra };
}

const line = (colours, name, data, extra = {}) => ({
  name,
  type: 'line',
  data,
  showSymbol: false,
  symbolSize: 5,
  lineStyle: { width: 2, color: colours.accent },
  itemStyle: { color: colours.accent },
  ...extra,
});

/** A band between two bounds: an unseen line with the width of the band stacked upon it. */
function band(colours, id, bounds, opacity) {
  const invisible = { showSymbol: false, lineStyle: { opacity: 0 }, silent: true, tooltip: { show: false } };
  const part = (data, extra) => ({
    type: 'line',
    stack: id,
    stackStrategy: 'all',
    data,
    ...invisible,
    itemStyle: { color: colours.accent },
    ...extra,
  });
  return [
    part(bounds.map((one) => one?.lower ?? null)),
    part(
      bounds.map((one) => (one ? one.upper - one.lower : null)),
      { areaStyle: { color: colours.accent, opacity } },
    ),
  ];
}

/** The names of lines in their own colours instead of a legend, from the left. */
function names(list) {
  let left = 60;
  return list.filter(Boolean).map(([text, fill]) => {
    const node = { type: 'text', left, top: 4, silent: true, style: { text, fill, fontSize: 12 } };
    left += [...text].reduce((width, sign) => width + (sign > '\u2e80' ? 12 : 7), 0) + 16;
    return node;
  });
}

/**
 * What was sold and what is expected: history, mean, and bands of 80 % and 95 %. The fan opens at the last week
 * that was sold; weeks out of the ordinary are marked. Without a forecast it is the history alone.
 */
export function fanChart(history, forecast) {
  const weeks = [...history, ...forecast].map((point) => point.week);
  const last = history.at(-1);
  const joint = last ? { lower: last.units, upper: last.units } : null;
  const before = history.map((_, index) => (index === history.length - 1 && forecast.length ? joint : null));
  const bounds = (level) => [...before, ...forecast.map((point) => intervalAt(point, level))];
  const mean = [
    ...history.map((point, index) => (index === history.length - 1 && forecast.length ? point.units : null)),
    ...forecast.map((point) => point.mean),
  ];
  const odd = history.map((point) => (point.anomaly ? point.units : null));
  const isOdd = odd.some((value) => value !== null);
  return (colours) => ({
    ...base(colours, {
      tooltip: (marks) => fanTip(history, forecast, marks[0].dataIndex),
    }),
    grid: { left: 4, right: 12, top: 28, bottom: 4, containLabel: true },
    graphic: names([
      [t('demand.chart.sold'), colours.ink],
      forecast.length ? [t('demand.chart.expected'), colours.accent] : null,
      isOdd ? [`◆ ${t('demand.chart.odd')}`, colours.fall] : null,
    ]),
    xAxis: weekAxis(colours, weeks),
    yAxis: valueAxis(colours, format.compact),
    series: [
      line(colours, 'sold', history.map((point) => point.units), {
        lineStyle: { width: 1.5, color: colours.ink },
        itemStyle: { color: colours.ink },
        markLine:
          forecast.length && last
            ? {
                silent: true,
                symbol: 'none',
                animation: false,
                lineStyle: { color: colours.muted, type: 'dashed', width: 1 },
                label: {
                  formatter: t('demand.chart.starts'),
                  color: colours.muted,
                  fontSize: 12,
                  position: 'insideEndTop',
                  rotate: 0,
                  align: 'right',
                  padding: [0, 4, 0, 0],
                },
                data: [{ xAxis: history.length - 1 }],
              }
            : undefined,
      }),
      ...band(colours, 'wide', bounds(WIDE), 0.13),
      ...band(colours, 'narrow', bounds(NARROW), 0.22),
      line(colours, 'mean', mean, { lineStyle: { width: 2, type: [6, 3], color: colours.accent } }),
      {
        type: 'scatter',
        data: odd,
        symbol: 'diamond',
        symbolSize: 10,
        itemStyle: { color: colours.fall },
        silent: true,
      },
    ],
  });
}

function fanTip(history, forecast, index) {
  const sold = history[index];
  if (sold)
    return tip(weekTitle(sold), [
      [t('demand.chart.sold'), units(sold.units)],
      ...(sold.anomaly
        ? [
            [t(`demand.anomaly.${sold.anomaly}`), ''],
            ...(sold.expected === null || sold.expected === undefined
              ? []
              : [[t('demand.chart.usual'), units(sold.expected)]]),
          ]
        : []),
      ...(sold.sold_out ? [[t('demand.chart.soldOut'), '']] : []),
    ]);
  const point = forecast[index - history.length];
  const { narrow, wide } = shownIntervals(point);
  return tip(weekTitle(point), [
    [t('demand.chart.expected'), units(point.mean)],
    [t('demand.range80'), unitRange(narrow)],
    [t('demand.range95'), unitRange(wide)],
  ]);
}

/** Old forecasts against what then came. Each fold is `{ from_week, actual, mean }`; `history` gives the line. */
export function foldChart(folds, history) {
  const weeks = [
    ...new Set(folds.flatMap((fold) => fold.mean.map((_, step) => weekAfter(fold.from_week, step)))),
  ].sort();
  const actual = new Map(history.map((point) => [point.week.slice(0, 10), point.units]));
  for (const fold of folds)
    fold.actual.forEach((value, step) => actual.set(weekAfter(fold.from_week, step), value));
  const sold = weeks.map((week) => actual.get(week) ?? null);
  const lines = folds.map((fold) => {
    const at = new Map(fold.mean.map((value, step) => [weekAfter(fold.from_week, step), value]));
    return weeks.map((week) => at.get(week) ?? null);
  });
  return (colours) => ({
    ...base(colours, {
      tooltip: ([mark]) =>
        tip(weekTitle({ week: weeks[mark.dataIndex] }), [
          [t('demand.chart.sold'), units(sold[mark.dataIndex])],
          ...lines
            .map((values, fold) => [values[mark.dataIndex], folds[fold].from_week])
            .filter(([value]) => value !== null)
            .map(([value, from]) => [t('demand.chart.saidOn', { week: format.day(from) }), units(value)]),
        ]),
    }),
    grid: { left: 4, right: 12, top: 28, bottom: 4, containLabel: true },
    graphic: names([
      [t('demand.chart.sold'), colours.ink],
      [t('demand.chart.foretold'), colours.accent],
    ]),
    xAxis: weekAxis(colours, weeks),
    yAxis: valueAxis(colours, format.compact),
    series: [
      line(colours, 'sold', sold, {
        lineStyle: { width: 1.5, color: colours.ink },
        itemStyle: { color: colours.ink },
      }),
      ...lines.map((values) =>
        line(colours, 'foretold', values, { lineStyle: { width: 2, type: [6, 3], color: colours.accent } }),
      ),
    ],
  });
}

/** The error by how far ahead; the line at 1 is the error of repeating what was last sold. */
export function errorBars(steps) {
  const most = Math.max(1.1, ...steps.map((one) => one.mase ?? 0));
  return (colours) => ({
    ...base(colours, {
      tooltip: ([mark]) =>
        tip(t('demand.stepAhead', { count: steps[mark.dataIndex].step }), [
          ['MASE', format.decimal(steps[mark.dataIndex].mase, 2)],
        ]),
    }),
    xAxis: categoryAxis(
      colours,
      steps.map((one) => format.count(one.step)),
    ),
    yAxis: valueAxis(colours, (value) => format.decimal(value, 1), { max: Math.ceil(most * 2) / 2 }),
    series: [
      {
        type: 'bar',
        barCategoryGap: '30%',
        data: steps.map((one) => one.mase),
        itemStyle: { color: colours.accent },
        emphasis: { itemStyle: { color: colours.ink } },
        markLine: {
          silent: true,
          symbol: 'none',
          animation: false,
          label: { show: false },
          lineStyle: { color: colours.muted, type: 'dashed', width: 1 },
          data: [{ yAxis: 1 }],
        },
      },
    ],
  });
}

/** The next number of one digit: a scale that can be read. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 0.1)));
  return Math.ceil(value / power) * power || power;
}

/** Trend, season and remainder below each other, each on its own scale: that of the season and remainder is shared. */
export function partsChart(points) {
  const rows = [
    { name: 'trend', top: 24 },
    { name: 'seasonal', top: '39%' },
    { name: 'remainder', top: '71%' },
  ];
  const swing = roundUp(
    Math.max(...points.map((point) => Math.max(Math.abs(point.seasonal ?? 0), Math.abs(point.remainder ?? 0)))),
  );
  const weeks = points.map((point) => point.week);
  const axis = (colours, name) =>
    name === 'trend'
      ? valueAxis(colours, format.compact, { min: null, scale: true, splitNumber: 2 })
      : valueAxis(colours, format.compact, { min: -swing, max: swing, interval: swing });
  return (colours) => ({
    ...base(colours, {
      tooltip: (marks) => {
        const point = points[marks[0].dataIndex];
        return tip(
          weekTitle(point),
          rows.map(({ name }) => [t(`demand.part.${name}`), format.decimal(point[name], 1)]),
        );
      },
    }),
    axisPointer: { link: [{ xAxisIndex: 'all' }] },
    graphic: rows.map(({ name, top }) => ({
      type: 'text',
      left: 4,
      top: name === 'trend' ? 2 : `${parseInt(top, 10) - 6}%`,
      silent: true,
      style: { text: t(`demand.part.${name}`), fill: colours.muted, fontSize: 12 },
    })),
    grid: rows.map(({ top }) => ({ left: 52, right: 12, top, height: '23%' })),
    xAxis: rows.map((_, index) =>
      weekAxis(colours, weeks, {
        gridIndex: index,
        axisLine: { onZero: false, lineStyle: { color: colours.rule } },
        ...(index < rows.length - 1 ? { axisLabel: { show: false } } : {}),
      }),
    ),
    yAxis: rows.map(({ name }, index) => {
      const { axisLabel, ...rest } = axis(colours, name);
      return {
        ...rest,
        gridIndex: index,
        axisLabel: { ...axisLabel, formatter: (value) => units(Math.round(value * 10) / 10) },
      };
    }),
    series: rows.map(({ name }, index) => ({
      type: name === 'remainder' ? 'bar' : 'line',
      xAxisIndex: index,
      yAxisIndex: index,
      data: points.map((point) => point[name]),
      showSymbol: false,
      lineStyle: { width: 1.5, color: colours.accent },
      itemStyle: { color: name === 'remainder' ? colours.soft : colours.accent },
    })),
  });
}

/** The weeks after a launch: what is expected with its band, and what came of products like it. */
export function launchCurve(curve, analogues) {
  const count = curve.length;
  const values = (list) => curve.map((_, index) => list[index] ?? null);
  return (colours) => ({
    ...base(colours, {
      tooltip: ([mark]) => {
        const point = curve[mark.dataIndex];
        return tip(t('launch.weekNumber', { count: point.week }), [
          [t('demand.chart.expected'), units(point.mean)],
          [t('demand.range80'), unitRange(point)],
          ...analogues
            .filter((one) => Number.isFinite(one.units_by_week[mark.dataIndex]))
            .map((one) => [clip(one.title || one.item_id), units(one.units_by_week[mark.dataIndex])]),
        ]);
      },
    }),
    grid: { left: 4, right: 12, top: 28, bottom: 4, containLabel: true },
    graphic: names([
      [t('demand.chart.expected'), colours.accent],
      analogues.length ? [t('launch.alike'), colours.muted] : null,
    ]),
    xAxis: {
      ...categoryAxis(
        colours,
        Array.from({ length: count }, (_, index) => format.count(curve[index].week)),
      ),
      boundaryGap: false,
    },
    yAxis: valueAxis(colours, format.compact),
    series: [
      ...analogues.map((one) =>
        line(colours, one.item_id, values(one.units_by_week), {
          lineStyle: { width: 1, color: colours.muted, opacity: 0.7 },
          itemStyle: { color: colours.muted },
          silent: true,
        }),
      ),
      ...band(colours, 'range', curve, 0.2),
      line(colours, 'mean', curve.map((point) => point.mean)),
    ],
  });
}

const LONGEST = 28;
const clip = (text) => ([...text].length > LONGEST ? `${[...text].slice(0, LONGEST).join('')}…` : text);
