// The charts of behaviour: several lines over time, bands, flows.
import { base, categoryAxis, tip, valueAxis } from './charts.js';
import * as format from './format.js';

/** Colours that tell up to eight lines apart, dark and light; each line also ends in its name. */
const PALETTE = {
  light: ['#1f4e8c', '#a5441a', '#00695c', '#7a5195', '#855800', '#4a6572', '#b0356b', '#5b5e65'],
  dark: ['#8fb8f0', '#f09a6f', '#5ec8b6', '#c9a3e6', '#e2b55a', '#9fb6c2', '#f08cb8', '#a3a6ad'],
};
const isDark = () => matchMedia('(prefers-color-scheme: dark)').matches;

/** The colour of the line at a place. */
export const lineColour = (index) => PALETTE[isDark() ? 'dark' : 'light'][index % 8];

const LABEL = 16;
const clip = (text) => ([...text].length > LABEL ? `${[...text].slice(0, LABEL - 1).join('')}…` : text);

/**
 * Lines over the same buckets. `lines` are `{ name, values, before, complete }` with a value or null for each of
 * `labels`; `before` are those of the span compared with, drawn thin and dashed. `rows(index)` gives the tooltip.
 */
export function timeLines({ labels, lines, formatLabel, formatAxisLabel = formatLabel, formatAxis, rows, area = false }) {
  return (colours) => ({
    ...base(colours, {
      tooltip: (marks) => {
        const index = marks[0]?.dataIndex ?? 0;
        return tip(formatLabel(labels[index]), rows(index));
      },
    }),
    grid: { left: 4, right: lines.length > 1 ? 112 : 28, top: 12, bottom: 4, containLabel: true },
    xAxis: { ...categoryAxis(colours, labels, formatAxisLabel), boundaryGap: labels.length < 2 },
    yAxis: valueAxis(colours, formatAxis),
    series: lines.flatMap((line, index) => lineSeries(line, index, { colours, lines, area })),
  });
}

function lineSeries(line, index, { colours, lines, area }) {
  const colour = lines.length === 1 ? colours.accent : lineColour(index);
  const main = {
    name: line.name,
    type: 'line',
    data: line.values,
    // A span of one bucket would otherwise be an empty picture.
    showSymbol: line.values.length < 3,
    symbolSize: 5,
    connectNulls: false,
    lineStyle: { width: 2, color: colour, type: line.isDashed ? 'dashed' : 'solid' },
    itemStyle: { color: colour },
    cursor: 'pointer',
    areaStyle: area && lines.length === 1 ? { color: colour, opacity: 0.08 } : null,
    endLabel: {
      show: lines.length > 1,
      formatter: () => clip(line.name),
      color: colour,
      fontSize: 12,
      width: 104,
      overflow: 'truncate',
    },
    labelLayout: { moveOverlap: 'shiftY' },
    emphasis: { focus: 'none' },
  };
  if (!line.before) return [main];
  return [
    main,
    {
      name: `${line.name}·`,
      type: 'line',
      data: line.before,
      showSymbol: false,
      silent: true,
      lineStyle: { width: 1, color: colours.muted, type: 'dashed' },
      itemStyle: { color: colours.muted },
    },
  ];
}

/** One line with the range around it: shares from 0 to 1 by period. `points` are `{ label, value, lower, upper }`. */
export function bandLines(groups, { labels, rows, formatLabel }) {
  return (colours) => ({
    ...base(colours, { tooltip: (marks) => tip(formatLabel(labels[marks[0].dataIndex]), rows(marks[0].dataIndex)) }),
    grid: { left: 4, right: groups.length > 1 ? 112 : 28, top: 12, bottom: 4, containLabel: true },
    xAxis: { ...categoryAxis(colours, labels, formatLabel), boundaryGap: false },
    yAxis: valueAxis(colours, (value) => format.percent(value, 0), { min: 0 }),
    series: groups.flatMap((group, index) => [
      ...lineSeries({ name: group.name, values: group.points.map((point) => point.value) }, index, {
        colours,
        lines: groups,
      }),
      ...(groups.length === 1 ? band(group.points, colours) : []),
    ]),
  });
}

function band(points, colours) {
  const side = (data, more) => ({
    type: 'line',
    stack: 'band',
    data,
    symbol: 'none',
    silent: true,
    lineStyle: { opacity: 0 },
    tooltip: { show: false },
    ...more,
  });
  return [
    side(points.map((point) => point.lower)),
    side(
      points.map((point) => (point.upper === null ? null : point.upper - point.lower)),
      { areaStyle: { color: colours.accent, opacity: 0.15 } },
    ),
  ];
}

/**
 * A Sankey of paths. `nodes` are `{ id, name, level, value, isFaint }`, `links` `{ source, target, value }` of ids.
 * `rows(data, isLink)` gives the tooltip.
 */
export function pathFlow(nodes, links, { title, rows, isNarrow }) {
  return (colours) => ({
    ...base(colours, {
      trigger: 'item',
      tooltip: ({ dataType, dataIndex }) => {
        const isLink = dataType === 'edge';
        const data = isLink ? links[dataIndex] : nodes[dataIndex];
        return tip(title(data, isLink), rows(data, isLink));
      },
    }),
    // Drawn at once: a flow that unrolls shows half of the truth meanwhile.
    animation: false,
    series: [
      {
        type: 'sankey',
        left: 8,
        right: isNarrow ? 88 : 128,
        top: 8,
        bottom: 8,
        nodeWidth: 12,
        nodeGap: 10,
        draggable: false,
        layoutIterations: 32,
        nodeAlign: 'left',
        cursor: 'pointer',
        emphasis: { focus: 'adjacency' },
        label: {
          color: colours.ink,
          fontSize: 12,
          formatter: ({ dataIndex }) => clip(nodes[dataIndex].name),
        },
        lineStyle: { color: colours.soft, opacity: 0.45, curveness: 0.5 },
        data: nodes.map((node) => ({
          name: node.id,
          value: node.value,
          depth: node.level,
          itemStyle: { color: node.isFaint ? colours.muted : colours.accent, borderWidth: 0 },
        })),
        links: links.map(({ source, target, value }) => ({ source, target, value })),
      },
    ],
  });
}

/** Bars by class for several groups side by side. */
export function groupedBars({ labels, groups, formatAxis, rows }) {
  return (colours) => ({
    ...base(colours, { tooltip: (marks) => tip(labels[marks[0].dataIndex], rows(marks[0].dataIndex)) }),
    grid: { left: 4, right: 32, top: 12, bottom: 4, containLabel: true },
    xAxis: categoryAxis(colours, labels),
    yAxis: valueAxis(colours, formatAxis),
    series: groups.map((group, index) => ({
      name: group.name,
      type: 'bar',
      barCategoryGap: '14%',
      barGap: '10%',
      cursor: 'pointer',
      data: group.values,
      itemStyle: { color: groups.length === 1 ? colours.accent : lineColour(index) },
      emphasis: { itemStyle: { color: colours.ink } },
    })),
  });
}
