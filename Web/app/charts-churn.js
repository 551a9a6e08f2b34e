// The charts of who stops buying: gaps between purchases, and what contacting customers would bring.
import { numberRange } from './churn.js';
import { base, categoryAxis, tip, valueAxis } from './charts.js';
import * as format from './format.js';
import { t } from './i18n.js';

const named = (colours, name, gap) => ({
  name,
  nameLocation: 'middle',
  nameGap: gap,
  nameTextStyle: { color: colours.muted, fontSize: 12 },
});

/** Four weeks. */
const STEP = 28;

/** The share of gaps between purchases that last longer than so many days, with its interval. */
export function survivalChart(gaps, horizon) {
  const points = [{ days: 0, longer: 1, interval: null }, ...gaps];
  const line = (values, style) => ({
    type: 'line',
    step: 'end',
    showSymbol: false,
    data: points.map((point, index) => [point.days, values(point, index)]),
    ...style,
  });
  const bound = (read, colours) =>
    line((point) => (point.interval ? read(point.interval) : point.longer), {
      silent: true,
      lineStyle: { width: 1, color: colours.soft },
      itemStyle: { color: colours.soft },
    });
  return (colours) => ({
    ...base(colours, {
      tooltip: ([mark]) => {
        const point = points[mark.dataIndex];
        return tip(t('churn.gaps.longerThan', { count: point.days }), [
          [t('churn.gaps.share'), format.percent(point.longer, 1)],
          point.interval
            ? [
                t('churn.interval', { level: format.percent(point.interval.level, 0) }),
                numberRange(point.interval, (one) => format.percent(one, 1)),
              ]
            : null,
        ].filter(Boolean));
      },
    }),
    grid: { left: 4, right: 16, top: 24, bottom: 22, containLabel: true },
    xAxis: {
      ...valueAxis(colours, format.count, {
        max: Math.ceil(Math.max(...points.map((point) => point.days)) / STEP) * STEP,
        interval: STEP,
        splitLine: { show: false },
      }),
      ...named(colours, t('churn.gaps.days'), 26),
    },
    yAxis: valueAxis(colours, (value) => format.percent(value, 0), { max: 1, interval: 0.25 }),
    series: [
      bound((interval) => interval.lower, colours),
      bound((interval) => interval.upper, colours),
      line((point) => point.longer, {
        lineStyle: { width: 2, color: colours.accent },
        itemStyle: { color: colours.accent },
        areaStyle: { color: colours.accent, opacity: 0.08 },
        markLine: {
          silent: true,
          symbol: 'none',
          animation: false,
          lineStyle: { color: colours.muted, type: 'dashed', width: 1 },
          label: { color: colours.muted, fontSize: 12, formatter: format.span(horizon), position: 'end' },
          data: [{ xAxis: horizon }],
        },
      }),
    ],
  });
}

/** What contacting those at most risk saves, by how many of them are contacted; the best point is marked. */
export function savingsChart(points, best) {
  return (colours) => ({
    ...base(colours, {
      tooltip: ([mark]) => {
        const point = points[mark.dataIndex];
        return tip(t('churn.costs.point', { share: format.percent(point.share, 0) }), [
          [t('churn.costs.contacted'), format.count(point.contacted)],
          [t('churn.costs.found'), format.count(point.lapsed)],
          [t('churn.costs.captured'), format.percent(point.captured, 0)],
          [t('churn.costs.lift'), t('churn.times', { value: format.decimal(point.lift, 1) })],
          [t('churn.costs.gain'), format.money(point.gain)],
        ]);
      },
    }),
    grid: { left: 4, right: 16, top: 28, bottom: 22, containLabel: true },
    xAxis: {
      ...categoryAxis(
        colours,
        points.map((point) => format.percent(point.share, 0)),
        undefined,
        (index) => index % 4 === 0,
      ),
      boundaryGap: false,
      axisLine: { onZero: false, lineStyle: { color: colours.muted } },
      ...named(colours, t('churn.costs.share'), 26),
    },
    yAxis: valueAxis(colours, (value) => format.money(value, { compact: true }), {
      // What costs more than it saves lies below zero; at nobody contacted it is zero itself.
      min: null,
    }),
    series: [
      {
        type: 'line',
        showSymbol: true,
        symbol: 'circle',
        symbolSize: (_, { dataIndex }) => (points[dataIndex] === best ? 10 : 3),
        data: points.map((point) => ({
          value: point.gain,
          label: {
            show: point === best,
            position: 'top',
            color: colours.ink,
            fontSize: 12,
            formatter: format.money(point.gain, { compact: true }),
          },
        })),
        lineStyle: { width: 2, color: colours.accent },
        itemStyle: { color: colours.accent },
        markLine: {
          silent: true,
          symbol: 'none',
          animation: false,
          label: { show: false },
          lineStyle: { color: colours.muted, type: 'dashed', width: 1 },
          data: [{ yAxis: 0 }],
        },
      },
    ],
  });
}
