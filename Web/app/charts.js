// Everything that knows ECharts: loading it late, the shop-wide look, and the few kinds of chart in use.
import { h } from './dom.js';
import * as format from './format.js';
import { t } from './i18n.js';

let library = null;

/** Loads ECharts once, the first time a chart comes into view. */
export function loadECharts() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = '/vendor/echarts.min.js';
    script.onload = () => resolve(window.echarts);
    script.onerror = () => {
      library = null;
      script.remove();
      reject(new Error(t('chart.unavailable')));
    };
    document.head.append(script);
  });
  return library;
}

/** The colours of the style sheet as they are now, light or dark. */
export function theme() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    ink: read('--ink'),
    muted: read('--muted'),
    rule: read('--rule'),
    paper: read('--paper'),
    accent: read('--accent'),
    soft: read('--accent-soft'),
    quiet: read('--quiet'),
    rise: read('--rise'),
    fall: read('--fall'),
    font: style.fontFamily,
  };
}

/** A tooltip's content. Nodes, not HTML: text stays text and no inline style is written. */
export function tip(title, rows) {
  return h(
    'div',
    { class: 'chart-tip' },
    h('strong', null, title),
    rows.map(([label, value]) => h('div', null, h('span', null, label), h('b', null, value))),
  );
}

/** What all charts share. */
export function base(colours, { tooltip, trigger = 'axis' }) {
  return {
    animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    animationDuration: 250,
    textStyle: { fontFamily: colours.font, fontSize: 12, color: colours.ink },
    grid: { left: 4, right: 12, top: 12, bottom: 4, containLabel: true },
    tooltip: {
      trigger,
      confine: true,
      formatter: tooltip,
      backgroundColor: colours.paper,
      borderColor: colours.rule,
      borderWidth: 1,
      padding: 8,
      extraCssText: 'box-shadow:none',
      textStyle: { color: colours.ink, fontSize: 12 },
      axisPointer: { type: 'line', lineStyle: { color: colours.muted, width: 1 } },
    },
  };
}

/** An axis of labels. */
export function categoryAxis(colours, data, formatter, interval) {
  return {
    type: 'category',
    data,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: colours.muted } },
    axisLabel: {
      color: colours.muted,
      fontSize: 12,
      formatter,
      interval: interval ?? 'auto',
      hideOverlap: true,
    },
  };
}

/** An axis of values from zero. */
export function valueAxis(colours, formatter, extra = {}) {
  return {
    type: 'value',
    min: 0,
    splitNumber: 3,
    axisLabel: { color: colours.muted, fontSize: 12, formatter },
    splitLine: { lineStyle: { color: colours.rule } },
    ...extra,
  };
}

/** The month that a week begins in. */
export const monthOf = (text) => format.day(text, { month: 'short' });

/** Labels only the first week of a month. */
export function monthStart(points) {
  return (index) => index === 0 || monthOf(points[index].week) !== monthOf(points[index - 1].week);
}

/**
 * Bars by week. `points` are `{ week, value, partial }`; a week that is not over is drawn hollow.
 * `rows(point)` gives the tooltip's lines.
 */
export function weeklyBars(points, { formatAxis, rows }) {
  return (colours) => ({
    ...base(colours, {
      tooltip: ([mark]) => tip(weekTitle(points[mark.dataIndex]), rows(points[mark.dataIndex])),
    }),
    xAxis: categoryAxis(
      colours,
      points.map((point) => point.week),
      monthOf,
      monthStart(points),
    ),
    yAxis: valueAxis(colours, formatAxis),
    series: [
      {
        type: 'bar',
        barCategoryGap: '20%',
        cursor: 'pointer',
        data: points.map((point) => ({
          value: point.value,
          itemStyle: point.partial
            ? { color: colours.paper, borderColor: colours.accent, borderType: 'dashed' }
            : { color: point.recent === false ? colours.soft : colours.accent },
        })),
        emphasis: { itemStyle: { color: colours.ink } },
      },
    ],
  });
}

/** A line by week from zero. Pass whole weeks only: a broken one would look like a fall. */
export function weeklyLine(points, { formatAxis, rows, name }) {
  return (colours) => ({
    ...base(colours, {
      tooltip: ([mark]) => tip(weekTitle(points[mark.dataIndex]), rows(points[mark.dataIndex])),
    }),
    xAxis: {
      ...categoryAxis(
        colours,
        points.map((point) => point.week),
        monthOf,
        monthStart(points),
      ),
      boundaryGap: false,
    },
    yAxis: valueAxis(colours, formatAxis),
    series: [
      {
        name,
        type: 'line',
        data: points.map((point) => point.value),
        symbolSize: 5,
        showSymbol: false,
        lineStyle: { width: 2, color: colours.accent },
        itemStyle: { color: colours.accent },
        areaStyle: { color: colours.accent, opacity: 0.08 },
        cursor: 'pointer',
      },
    ],
  });
}

/** Bars over labelled classes: a histogram, hours of the day, days of the week. */
export function classBars(points, { formatAxis, rows, interval, labels = false }) {
  return (colours) => ({
    ...base(colours, {
      tooltip: ([mark]) =>
        tip(points[mark.dataIndex].title ?? points[mark.dataIndex].label, rows(points[mark.dataIndex])),
    }),
    xAxis: categoryAxis(
      colours,
      points.map((point) => point.label),
      undefined,
      interval,
    ),
    yAxis: valueAxis(colours, formatAxis),
    series: [
      {
        type: 'bar',
        barCategoryGap: '12%',
        cursor: 'pointer',
        data: points.map((point) => point.value),
        itemStyle: { color: colours.accent },
        emphasis: { itemStyle: { color: colours.ink } },
        label: {
          show: labels,
          position: 'top',
          color: colours.muted,
          fontSize: 12,
          formatter: ({ value }) => formatAxis(value),
        },
      },
    ],
  });
}

/** Predicted against observed share; points on the diagonal are perfectly calibrated. */
export function calibration(points) {
  const largest = Math.max(...points.map((point) => Math.max(point.predicted, point.observed)), 0.1);
  // A whole number of steps, so that the last label is as far from the one before as all others.
  const step = largest > 0.5 ? 0.25 : largest > 0.25 ? 0.1 : 0.05;
  const limit = Math.min(1, Math.ceil(largest / step) * step);
  const most = Math.max(...points.map((point) => point.count), 1);
  const axis = (colours, name) =>
    valueAxis(colours, (value) => format.percent(value, 0), {
      max: limit,
      interval: step,
      name,
      nameLocation: 'middle',
      nameTextStyle: { color: colours.muted, fontSize: 12 },
    });
  return (colours) => ({
    ...base(colours, {
      trigger: 'item',
      tooltip: ({ dataIndex, seriesIndex }) =>
        seriesIndex === 0
          ? ''
          : tip(t('models.calibration.group'), [
              [t('models.calibration.predicted'), format.percent(points[dataIndex].predicted, 1)],
              [t('models.calibration.observed'), format.percent(points[dataIndex].observed, 1)],
              [t('chart.sampleSize'), format.count(points[dataIndex].count)],
            ]),
    }),
    grid: { left: 28, right: 16, top: 12, bottom: 24, containLabel: true },
    xAxis: { ...axis(colours, t('models.calibration.predicted')), nameGap: 28 },
    yAxis: { ...axis(colours, t('models.calibration.observed')), nameGap: 40 },
    series: [
      {
        type: 'line',
        data: [
          [0, 0],
          [limit, limit],
        ],
        symbol: 'none',
        silent: true,
        lineStyle: { color: colours.muted, type: 'dashed', width: 1 },
      },
      {
        type: 'line',
        data: points.map((point) => [point.predicted, point.observed]),
        symbol: 'circle',
        symbolSize: (_, { dataIndex }) => 6 + 10 * Math.sqrt(points[dataIndex].count / most),
        lineStyle: { color: colours.accent, width: 1 },
        itemStyle: { color: colours.accent },
      },
    ],
  });
}

/** A week in words. */
export function weekTitle(point) {
  const title = t('chart.weekOf', {
    day: format.day(point.week, { year: 'numeric', month: 'short', day: 'numeric' }),
  });
  return point.partial ? t('chart.weekNotOver', { week: title }) : title;
}

/** Marks the weeks that begin before the first event or end after the last: they are not whole. */
export function withPartialWeeks(points, shop) {
  const start = shop?.first_event_at ? format.dayKey(shop.first_event_at) : '';
  const end = shop?.as_of ? format.dayKey(shop.as_of) : '9999-12-31';
  return points.map((point) => {
    const last = new Date(`${point.week.slice(0, 10)}T00:00:00Z`);
    last.setUTCDate(last.getUTCDate() + 6);
    return { ...point, partial: point.week.slice(0, 10) < start || last.toISOString().slice(0, 10) > end };
  });
}

/** The weeks that are whole. */
export const wholeWeeks = (points, shop) => withPartialWeeks(points, shop).filter((point) => !point.partial);

/** Compares the last `width` whole weeks with the `width` before: relative change, or null. */
export function recentChange(points, width = 4) {
  const whole = points.filter((point) => !point.partial);
  if (whole.length < 2 * width) return null;
  const sum = (list) => list.reduce((total, point) => total + point.value, 0);
  const before = sum(whole.slice(-2 * width, -width));
  return before > 0 ? sum(whole.slice(-width)) / before - 1 : null;
}
