// Answers over time: trends, visits, what happens now.
import {
  EVENT,
  bucketWords,
  byGroup,
  eventWords,
  gathered,
  groupWords,
  labelWords,
  lasting,
  ownPart,
  rowsOf,
} from '../app/analytics.js';
import { timeLines } from '../app/charts-analytics.js';
import { classBars } from '../app/charts.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { figureLink, pointButton } from './analytics-marks.js';
import { chartFigure } from './chart-figure.js';
import { dataTable } from './data-table.js';
import { trendMark } from './marks.js';
import { figures } from './page-frame.js';

// ── Trends ───────────────────────────────────────────────────────────────────────────────────────────────────

const MONEY = new Set([EVENT.amount, EVENT.discount]);
const FLAT = 0.005;

/** How a series' values are written. */
function writer(series) {
  if (!series) return (value) => format.decimal(value, 2);
  const isSum = ['sum', 'mean', 'median', 'per_customer'].includes(series.measure);
  if (!isSum) return (value) => format.count(value);
  if (MONEY.has(series.of ?? EVENT.amount)) return (value) => format.money(value);
  return (value) => format.decimal(value, 1);
}

/** What a series counts, in words. */
function seriesWords(series) {
  if (!series) return t('analytics.ratio');
  const name = series.measure ?? 'events';
  const event = eventWords(series.event);
  const known =
    tOr(`analytics.seriesName.${name}.${series.of ?? EVENT.amount}`, null) ?? tOr(`analytics.seriesName.${name}`, null);
  if (known) return known.replace('{event}', event);
  return t('analytics.seriesName', { measure: t(`analytics.measure.${name}`), event });
}

const seriesOf = (result, index) => ownPart(result.definition).series?.[index];

function lineName(row, result, lines) {
  const series = seriesOf(result, row.series);
  if (row.group_kind === 'all') return seriesWords(series);
  const group = groupWords(row, result.definition.breakdown?.property);
  return lines > 1 ? `${group} · ${seriesWords(series)}` : group;
}

/** Series and groups, each with its rows by bucket. */
function trendLines(result) {
  const given = rowsOf(result, 'series');
  // The rest of all groups would press those down that were asked for; it is in the table.
  const chosen = given.filter((row) => row.group_kind === 'value' || row.group_kind === 'all');
  const all = chosen.length > 0 ? chosen : given;
  const count = new Set(all.map((row) => row.series)).size;
  return gathered(all, (row) => `${row.series}:${row.group_kind}:${row.group}`).map((rows) => {
    const series = seriesOf(result, rows[0].series);
    return { rows, series, name: lineName(rows[0], result, count), write: writer(series) };
  });
}

export const trends = {
  sentences(result) {
    const totals = rowsOf(result, 'totals');
    const first = totals[0];
    if (!first) return [];
    const series = seriesOf(result, first.series);
    const grouped = totals.filter((row) => row.series === first.series && row.group_kind !== 'all');
    if (grouped.length > 1) {
      const top = grouped.filter((row) => row.group_kind === 'value').sort((a, b) => b.value - a.value)[0];
      const all = grouped.reduce((sum, row) => sum + row.value, 0);
      const property = result.definition.breakdown?.property;
      const isPart = ['events', 'sum'].includes(series?.measure ?? 'events') && all > 0;
      if (top)
        return [
          isPart
            ? t('analytics.trends.leads', {
                group: groupWords(top, property),
                share: format.percent(top.value / all, 0),
                name: seriesWords(series),
              })
            : t('analytics.trends.leadsValue', {
                group: groupWords(top, property),
                value: writer(series)(top.value),
                name: seriesWords(series),
              }),
        ];
    }
    const values = { name: seriesWords(series), value: writer(series)(first.value), days: result.span.days };
    if (first.change === null || first.change === undefined) return [t('analytics.trends.total', values)];
    const way = Math.abs(first.change) < FLAT ? 'Same' : first.change > 0 ? 'Up' : 'Down';
    return [
      t(`analytics.trends.total${way}`, { ...values, change: format.percent(Math.abs(first.change), 1) }),
    ];
  },
  picture(result, tools) {
    const lines = trendLines(result);
    if (lines.length === 0) return null;
    const { interval } = result;
    const labels = lines[0].rows.map((row) => row.label_time);
    const formatLabel = (label) => bucketWords(label, interval);
    const open = (line, index) => {
      const row = line.rows[index];
      if (row) tools.open(row.point, `${line.name}, ${formatLabel(row.label_time)}`);
    };
    return chartFigure({
      title: t(`analytics.trends.by.${interval}`),
      unit: lines.length === 1 ? lines[0].name : null,
      note: [
        lines.some((line) => line.rows.some((row) => row.previous !== null && row.previous !== undefined))
          ? t('analytics.trends.dashed')
          : null,
        t('analytics.clickHint'),
      ]
        .filter(Boolean)
        .join(' '),
      size: tools.small ? 'small' : '',
      option: timeLines({
        labels,
        lines: lines.map((line) => ({
          name: line.name,
          // A bucket that is not over would look like a fall.
          values: line.rows.map((row) => (row.complete === false ? null : row.value)),
          before: line.rows.some((row) => row.previous !== null && row.previous !== undefined)
            ? line.rows.map((row) => (row.complete === false ? null : row.previous))
            : null,
        })),
        formatAxisLabel: (label) => shortLabel(label, interval),
        formatLabel,
        formatAxis: format.compact,
        area: true,
        rows: (index) =>
          lines.flatMap((line) => {
            const row = line.rows[index];
            return [
              [line.name, line.write(row?.value)],
              row?.previous === null || row?.previous === undefined
                ? null
                : [t('analytics.before'), line.write(row.previous)],
              lines.length === 1 ? [t('needs.customers'), format.count(row?.customers)] : null,
            ].filter(Boolean);
          }),
      }),
      onSelect: (index, value) => {
        const near = (line) => Math.abs((line.rows[index]?.value ?? Infinity) - value);
        open([...lines].sort((a, b) => near(a) - near(b))[0], index);
      },
      table: {
        columns: [t('analytics.when'), ...lines.map((line) => line.name)],
        rows: labels
          .map((label, index) => [
            formatLabel(label),
            ...lines.map((line) => pointButton(line.write(line.rows[index]?.value), () => open(line, index))),
          ])
          .reverse(),
      },
    });
  },
  more(result, tools) {
    const totals = rowsOf(result, 'totals');
    if (totals.length < 2) return null;
    const property = result.definition.breakdown?.property;
    const several = new Set(totals.map((row) => row.series)).size > 1;
    return dataTable({
      caption: t('analytics.trends.totals'),
      rows: totals,
      columns: [
        {
          label: property && !several ? t('analytics.group') : t('analytics.series'),
          head: true,
          cell: (row) => lineName(row, result, several ? 2 : 1),
        },
        {
          label: t('analytics.value'),
          number: true,
          cell: (row) => writer(seriesOf(result, row.series))(row.value),
        },
        { label: t('analytics.events'), number: true, wide: true, cell: (row) => format.count(row.events) },
        {
          label: t('needs.customers'),
          number: true,
          cell: (row) =>
            pointButton(format.count(row.customers), () => tools.open(row.point, lineName(row, result, 2))),
        },
        totals.some((row) => row.change !== null && row.change !== undefined)
          ? { label: t('analytics.change'), number: true, cell: (row) => changeMark(row.change) }
          : null,
      ].filter(Boolean),
    });
  },
};

/** A label on an axis, where there is little room; the span above says which year. */
const shortLabel = (label, interval) => {
  if (interval === 'hour') return label.slice(11, 16);
  return format.day(label.length === 7 ? `${label}-01` : label, {
    month: 'short',
    day: interval === 'month' ? undefined : 'numeric',
  });
};

const changeMark = (change) =>
  change === null || change === undefined
    ? format.MISSING
    : trendMark({ direction: Math.abs(change) < FLAT ? 'steady' : change > 0 ? 'rising' : 'falling', change });

// ── Visits ───────────────────────────────────────────────────────────────────────────────────────────────────

export const sessions = {
  sentences(result) {
    const row = rowsOf(result, 'summary')[0];
    if (!row) return [];
    const lead = [
      t('analytics.sessions.lead', {
        sessions: format.count(row.sessions),
        events: format.decimal(row.events_per_session, 1),
        share: format.percent(row.bounce_rate, 0),
      }),
    ];
    // Baskets of one moment have no length.
    if (!row.p90_seconds) return lead;
    return [
      ...lead,
      t('analytics.sessions.lasting', { middle: lasting(row.p50_seconds), long: lasting(row.p90_seconds) }),
    ];
  },
  picture(result, tools) {
    const groups = byGroup(rowsOf(result, 'series'));
    if (groups.length === 0) return null;
    const property = result.definition.breakdown?.property;
    const labels = groups[0].map((row) => row.label);
    const formatLabel = (label) => bucketWords(label, result.interval);
    const open = (rows, index) =>
      rows[index] &&
      tools.open(
        rows[index].point,
        t('analytics.sessions.of', { when: formatLabel(rows[index].label) }),
      );
    return chartFigure({
      title: t(`analytics.sessions.by.${result.interval}`),
      unit: t('analytics.sessions.unit'),
      note: t('analytics.clickHint'),
      size: tools.small ? 'small' : '',
      option: timeLines({
        labels,
        lines: groups.map((rows) => ({
          name: groupWords(rows[0], property),
          values: rows.map((row) => (row.complete === false ? null : row.sessions)),
        })),
        formatAxisLabel: (label) => shortLabel(label, result.interval),
        formatLabel,
        formatAxis: format.compact,
        area: true,
        rows: (index) =>
          groups.flatMap((rows) => [
            [groupWords(rows[0], property), format.count(rows[index]?.sessions)],
            [t('analytics.sessions.perVisit'), format.decimal(rows[index]?.events_per_session, 1)],
          ]),
      }),
      onSelect: (index) => open(groups[0], index),
      table: {
        columns: [
          t('analytics.when'),
          t('analytics.sessions'),
          t('needs.customers'),
          t('analytics.sessions.perVisit'),
          t('analytics.sessions.single'),
        ],
        rows: groups[0]
          .map((row, index) => [
            formatLabel(row.label),
            pointButton(format.count(row.sessions), () => open(groups[0], index)),
            format.count(row.customers),
            format.decimal(row.events_per_session, 1),
            format.percent(row.bounce_rate, 0),
          ])
          .reverse(),
      },
    });
  },
  more(result, tools) {
    const depth = rowsOf(result, 'depth');
    const length = rowsOf(result, 'length');
    const chart = (rows, title, label) =>
      rows.length === 0
        ? null
        : chartFigure({
            title,
            unit: t('analytics.sessions.unit'),
            size: 'small',
            option: classBars(
              rows.map((row) => ({ label: label(row), value: row.sessions })),
              {
                formatAxis: format.compact,
                rows: (point) => [[t('analytics.sessions'), format.count(point.value)]],
              },
            ),
            onSelect: (index) => rows[index] && tools.open(rows[index].point, `${title}: ${label(rows[index])}`),
            table: {
              columns: [t('analytics.range'), t('analytics.sessions'), t('needs.customers')],
              rows: rows.map((row) => [
                label(row),
                pointButton(format.count(row.sessions), () => tools.open(row.point, `${title}: ${label(row)}`)),
                format.count(row.customers),
              ]),
            },
          });
    const range = (from, to, write) =>
      to === null || to === undefined ? t('analytics.orMore', { from: write(from) }) : `${write(from)}–${write(to)}`;
    return h(
      'div',
      { class: 'columns' },
      chart(depth, t('analytics.sessions.depth'), (row) =>
        row.to !== null && row.to !== undefined && row.to - row.from <= 1
          ? format.count(row.from)
          : row.to === null || row.to === undefined
            ? t('analytics.orMore', { from: format.count(row.from) })
            : `${format.count(row.from)}–${format.count(row.to - 1)}`,
      ),
      chart(length, t('analytics.sessions.length'), (row) =>
        row.from_seconds === 0 && row.to_seconds !== null
          ? t('analytics.under', { to: lasting(row.to_seconds) })
          : range(row.from_seconds, row.to_seconds, lasting),
      ),
    );
  },
};

// ── Now ──────────────────────────────────────────────────────────────────────────────────────────────────────

export const live = {
  sentences(result) {
    const { events, customers } = result.sample;
    const minutes = ownPart(result.definition).minutes ?? 30;
    const moment = format.dateTime(result.as_of);
    if (!events) return [t('analytics.live.none', { minutes, moment })];
    return [t('analytics.live.lead', { minutes, moment, events: format.count(events), count: customers })];
  },
  picture(result, tools) {
    const rows = rowsOf(result, 'minutes');
    if (rows.length === 0) return null;
    const clock = (row) => row.label.slice(-5);
    const open = (row) => row && tools.open(row.point, t('analytics.live.minute', { minute: clock(row) }));
    return chartFigure({
      title: t('analytics.live.perMinute'),
      unit: t('analytics.events'),
      size: 'small',
      option: classBars(
        rows.map((row) => ({ label: clock(row), value: row.events })),
        {
          formatAxis: format.compact,
          rows: (point) => [[t('analytics.events'), format.count(point.value)]],
        },
      ),
      onSelect: (index) => open(rows[index]),
      table: {
        columns: [t('analytics.when'), t('analytics.events'), t('needs.customers')],
        rows: rows.map((row) => [
          clock(row),
          format.count(row.events),
          pointButton(format.count(row.customers), () => open(row)),
        ]),
      },
    });
  },
  more(result, tools) {
    const kinds = rowsOf(result, 'kinds').filter((row) => row.events > 0);
    if (kinds.length === 0) return null;
    return figures(
      kinds.map((row) => ({
        label: labelWords(row.kind),
        ...figureLink(format.count(row.events), () => tools.open(row.point, labelWords(row.kind))),
        note: t('analytics.customersCount', { count: row.customers }),
      })),
    );
  },
};
