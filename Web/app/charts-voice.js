// The charts of what customers say: good against bad by week, and the map of importance and performance.
import { base, categoryAxis, monthOf, monthStart, tip, valueAxis, weekTitle } from './charts.js';
import * as format from './format.js';
import { t } from './i18n.js';

/** Good upwards and bad downwards from one line, by week. `points` are `{ week, good, bad }`. */
export function goodBadWeeks(points) {
  const series = (colours, name, sign, colour) => ({
    name,
    type: 'bar',
    stack: 'tone',
    barCategoryGap: '20%',
    data: points.map((point) => sign * (sign > 0 ? point.good : point.bad)),
    itemStyle: { color: colour },
    emphasis: { itemStyle: { color: colours.ink } },
  });
  const most = Math.max(1, ...points.map((point) => Math.max(point.good, point.bad)));
  // The same scale on both sides, in whole steps.
  const step = Math.ceil(most / 2);
  const nameOf = (text, fill, right) => ({ type: 'text', right, top: 4, style: { text, fill, fontSize: 12 } });
  return (colours) => ({
    ...base(colours, {
      tooltip: ([mark]) => {
        const point = points[mark.dataIndex];
        return tip(weekTitle(point), [
          [t('tone.good'), format.count(point.good)],
          [t('tone.bad'), format.count(point.bad)],
          [t('chart.sampleSize'), format.count(point.good + point.bad)],
        ]);
      },
    }),
    grid: { left: 4, right: 12, top: 24, bottom: 4, containLabel: true },
    // Names in the colours of the bars instead of a legend.
    graphic: [
      nameOf(`▲ ${t('tone.good')}`, colours.rise, 72),
      nameOf(`▼ ${t('tone.bad')}`, colours.fall, 14),
    ],
    xAxis: {
      ...categoryAxis(
        colours,
        points.map((point) => point.week),
        monthOf,
        monthStart(points),
      ),
      axisLine: { onZero: true, lineStyle: { color: colours.muted } },
      axisLabel: {
        ...categoryAxis(colours, [], monthOf, monthStart(points)).axisLabel,
        // Below the bars of what is bad, not across them.
        margin: 8,
      },
      position: 'bottom',
    },
    yAxis: valueAxis(colours, (value) => format.compact(Math.abs(value)), {
      min: -2 * step,
      max: 2 * step,
      interval: step,
    }),
    series: [
      series(colours, t('tone.good'), 1, colours.rise),
      series(colours, t('tone.bad'), -1, colours.fall),
    ],
  });
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const LABEL = 12;
/** How many needs are named beside their point; a narrow screen has room for fewer. */
const NAMED = 14;
const NAMED_NARROW = 6;
const clip = (text) => ([...text].length > LABEL ? `${[...text].slice(0, LABEL).join('')}…` : text);

/**
 * Share of customers against sentiment, one point for each need, split at both means. `rows(need)` gives the
 * tooltip's lines, `corners` the four names: `{ topLeft, topRight, bottomLeft, bottomRight }`.
 */
export function importanceMap(needs, { rows, corners, toneOf }) {
  const share = mean(needs.map((need) => need.share_of_customers));
  const level = mean(needs.map((need) => need.sentiment));
  const widest = Math.max(...needs.map((need) => need.share_of_customers), 0.02);
  const limit = Math.ceil(widest * 11) / 10;
  const most = Math.max(...needs.map((need) => need.customers), 1);
  const named = matchMedia('(max-width: 720px)').matches ? NAMED_NARROW : NAMED;
  const fewest = [...needs].sort((one, other) => other.customers - one.customers)[named]?.customers ?? 0;
  // No zero is needed for places in a plane; the ends leave room for names.
  const levels = needs.map((need) => need.sentiment);
  const lowest = Math.max(-1, Math.floor(Math.min(...levels) * 4 - 0.4) / 4);
  const highest = Math.min(1, Math.ceil(Math.max(...levels) * 4 + 0.4) / 4);
  const corner = (colours, text, place) => ({
    type: 'text',
    ...place,
    silent: true,
    style: { text, fill: colours.muted, fontSize: 12, fontWeight: 650 },
  });
  return (colours) => {
    const colour = { good: colours.rise, bad: colours.fall, neutral: colours.muted };
    return {
      ...base(colours, {
        trigger: 'item',
        tooltip: ({ dataIndex }) => tip(needs[dataIndex].label, rows(needs[dataIndex])),
      }),
      grid: { left: 30, right: 16, top: 30, bottom: 34, containLabel: true },
      graphic: [
        corner(colours, corners.topLeft, { left: 84, top: 6 }),
        corner(colours, corners.topRight, { right: 18, top: 6 }),
        corner(colours, corners.bottomLeft, { left: 84, bottom: 62 }),
        corner(colours, corners.bottomRight, { right: 18, bottom: 62 }),
      ],
      xAxis: valueAxis(colours, (value) => format.percent(value, 0), {
        max: Math.min(1, limit),
        axisLine: { onZero: false, show: true, lineStyle: { color: colours.muted } },
        name: t('said.map.x'),
        nameLocation: 'middle',
        nameGap: 28,
        nameTextStyle: { color: colours.muted, fontSize: 12 },
        splitLine: { show: false },
      }),
      yAxis: valueAxis(colours, (value) => format.signed(value, 2), {
        min: lowest,
        max: highest,
        interval: 0.25,
        name: t('said.map.y'),
        nameLocation: 'middle',
        nameGap: 44,
        nameTextStyle: { color: colours.muted, fontSize: 12 },
        splitLine: { show: false },
      }),
      series: [
        {
          type: 'scatter',
          cursor: 'pointer',
          data: needs.map((need) => ({
            value: [need.share_of_customers, need.sentiment],
            label: { show: need.customers > fewest },
            symbol: { good: 'circle', bad: 'diamond', neutral: 'rect' }[toneOf(need.sentiment)],
            itemStyle: { color: colour[toneOf(need.sentiment)], opacity: 0.85 },
          })),
          symbolSize: (_, { dataIndex }) => 8 + 12 * Math.sqrt(needs[dataIndex].customers / most),
          label: {
            show: true,
            position: 'top',
            color: colours.ink,
            fontSize: 12,
            formatter: ({ dataIndex }) => clip(needs[dataIndex].label),
          },
          labelLayout: { hideOverlap: true },
          emphasis: { itemStyle: { color: colours.ink } },
          markLine: {
            silent: true,
            symbol: 'none',
            label: { show: false },
            animation: false,
            lineStyle: { color: colours.muted, type: 'dashed', width: 1 },
            data: [{ xAxis: share }, { yAxis: level }],
          },
        },
      ],
    };
  };
}
