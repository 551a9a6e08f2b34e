// The charts of customers' value: how it is spread, who holds how much of it, who may leave, and what came of forecasts.
import { base, categoryAxis, tip, valueAxis } from './charts.js';
import * as format from './format.js';
import { t } from './i18n.js';

const short = (value) => format.money(value, { compact: true });

/** What share of the value each part of the customers holds, the most valuable first, beside equal shares. */
export function lorenzChart(points) {
  return (colours) => ({
    ...base(colours, {
      tooltip: ([mark]) => {
        const point = points[mark.dataIndex];
        return tip(t('value.lorenz.point', { share: format.percent(point.customers, 0) }), [
          [t('value.lorenz.held'), format.percent(point.value, 1)],
        ]);
      },
    }),
    xAxis: {
      ...categoryAxis(
        colours,
        points.map((point) => format.percent(point.customers, 0)),
        undefined,
        (index) => index % 10 === 0,
      ),
      boundaryGap: false,
      name: t('value.lorenz.customers'),
      nameLocation: 'middle',
      nameGap: 28,
      nameTextStyle: { color: colours.muted, fontSize: 12 },
    },
    yAxis: valueAxis(colours, (value) => format.percent(value, 0), { max: 1 }),
    grid: { left: 4, right: 16, top: 12, bottom: 22, containLabel: true },
    series: [
      {
        type: 'line',
        data: points.map((point) => point.value),
        showSymbol: false,
        lineStyle: { width: 2, color: colours.accent },
        itemStyle: { color: colours.accent },
        areaStyle: { color: colours.accent, opacity: 0.1 },
      },
      {
        type: 'line',
        data: points.map((point) => point.customers),
        showSymbol: false,
        silent: true,
        lineStyle: { width: 1, type: 'dashed', color: colours.muted },
        itemStyle: { color: colours.muted },
      },
    ],
  });
}

/** Each customer by whether they still buy and what they are worth if so; the lines part the quadrants. */
export function aliveScatter(points, bounds) {
  const least = Math.max(1, Math.min(...points.map((point) => point.value_if_staying).filter((one) => one > 0)));
  return (colours) => ({
    ...base(colours, {
      trigger: 'item',
      tooltip: ({ dataIndex }) => {
        const point = points[dataIndex];
        return tip(point.customer_id, [
          [t('value.alive'), format.percent(point.p_alive)],
          [t('value.ifStaying'), format.money(point.value_if_staying)],
          [t('value.value'), format.money(point.value)],
        ]);
      },
    }),
    grid: { left: 8, right: 16, top: 28, bottom: 24, containLabel: true },
    xAxis: valueAxis(colours, (value) => format.percent(value, 0), {
      max: 1,
      interval: 0.2,
      name: t('value.alive'),
      nameLocation: 'middle',
      nameGap: 26,
      nameTextStyle: { color: colours.muted, fontSize: 12 },
    }),
    yAxis: valueAxis(colours, short, {
      type: 'log',
      min: 10 ** Math.floor(Math.log10(least)),
      name: t('value.ifStaying'),
      nameLocation: 'end',
      nameTextStyle: { color: colours.muted, fontSize: 12, align: 'left' },
    }),
    series: [
      {
        type: 'scatter',
        symbolSize: 6,
        cursor: 'pointer',
        data: points.map((point) => ({
          value: [point.p_alive, Math.max(point.value_if_staying, least)],
          itemStyle: {
            color: point.p_alive < bounds.p_alive ? colours.fall : colours.accent,
            opacity: point.value_if_staying >= bounds.value.amount ? 0.8 : 0.35,
          },
          symbol: point.p_alive < bounds.p_alive ? 'diamond' : 'circle',
        })),
        markLine: {
          silent: true,
          symbol: 'none',
          animation: false,
          label: { show: false },
          lineStyle: { color: colours.muted, type: 'dashed', width: 1 },
          data: [{ xAxis: bounds.p_alive }, { yAxis: bounds.value.amount }],
        },
      },
    ],
  });
}

/** What was foretold for each tenth of the customers, and what came. */
export function checkBars(deciles, { predicted, actual, formatAxis }) {
  const bars = (name, values, color) => ({
    name,
    type: 'bar',
    data: values,
    barGap: '10%',
    barCategoryGap: '28%',
    itemStyle: { color },
  });
  return (colours) => ({
    ...base(colours, {
      tooltip: ([mark]) => {
        const decile = deciles[mark.dataIndex];
        return tip(t('value.decile', { count: decile.decile }), [
          [t('value.check.predicted'), formatAxis(predicted(decile))],
          [t('value.check.actual'), formatAxis(actual(decile))],
          [t('chart.sampleSize'), format.count(decile.customers)],
        ]);
      },
    }),
    grid: { left: 4, right: 12, top: 28, bottom: 4, containLabel: true },
    graphic: [
      { type: 'text', left: 60, top: 4, silent: true, style: { text: t('value.check.predicted'), fill: colours.accent, fontSize: 12 } },
      { type: 'text', left: 150, top: 4, silent: true, style: { text: t('value.check.actual'), fill: colours.ink, fontSize: 12 } },
    ],
    xAxis: categoryAxis(
      colours,
      deciles.map((decile) => format.count(decile.decile)),
    ),
    yAxis: valueAxis(colours, formatAxis),
    series: [
      bars('predicted', deciles.map(predicted), colours.accent),
      bars('actual', deciles.map(actual), colours.ink),
    ],
  });
}
