// Answers about coming back and about size: retention, value over time, time between events, how often.
import {
  bucketWords,
  byGroup,
  eventWords,
  firstGroup,
  gathered,
  groupWords,
  lasting,
  ownPart,
  periodWords,
  rowsOf,
} from '../app/analytics.js';
import { bandLines, groupedBars, timeLines } from '../app/charts-analytics.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { pointButton, shade } from './analytics-marks.js';
import { chartFigure } from './chart-figure.js';
import { dataTable } from './data-table.js';

const propertyOf = (result) => result.definition.breakdown?.property;

// ── Retention ────────────────────────────────────────────────────────────────────────────────────────────────

export const retention = {
  sentences(result) {
    const curve = firstGroup(rowsOf(result, 'curve')).filter((row) => row.period > 0);
    const [first, last] = [curve[0], curve.at(-1)];
    if (!first) return [t('analytics.retention.short')];
    const own = ownPart(result.definition);
    const values = {
      event: eventWords(own.return ?? own.first),
      share: format.percent(first.rate, 0),
      when: periodWords(first.period, result.interval),
      size: format.count(first.size),
    };
    const sentence = t('analytics.retention.lead', values);
    if (!last || last.period === first.period) return [sentence];
    return [
      sentence,
      t('analytics.retention.later', {
        share: format.percent(last.rate, 0),
        when: periodWords(last.period, result.interval),
        size: format.count(last.size),
      }),
    ];
  },
  picture(result, tools) {
    const groups = byGroup(rowsOf(result, 'curve')).map((rows) => rows.filter((row) => row.period > 0));
    if (!groups[0]?.length) return null;
    const labels = groups.reduce((longest, rows) => (rows.length > longest.length ? rows : longest), []);
    const words = (period) => periodWords(period, result.interval);
    const name = (rows) => groupWords(rows[0], propertyOf(result));
    const at = (rows, index) => rows.find((row) => row.period === labels[index].period);
    const open = (rows, index) => {
      const row = at(rows, index);
      if (row) tools.open(row.point, t('analytics.retention.returned', { when: words(row.period) }));
    };
    return chartFigure({
      title: t('analytics.retention.curve'),
      unit: t('analytics.retention.unit'),
      note: [groups.length === 1 ? t('analytics.band') : null, t('analytics.clickHint')].filter(Boolean).join(' '),
      size: tools.small ? 'small' : '',
      option: bandLines(
        groups.map((rows) => ({
          name: name(rows),
          points: labels.map((_, index) => {
            const row = at(rows, index);
            return { value: row?.rate ?? null, lower: row?.lower ?? null, upper: row?.upper ?? null };
          }),
        })),
        {
          labels: labels.map((row) => row.period),
          formatLabel: (period) => (tools.small ? String(period) : words(period)),
          rows: (index) =>
            groups.flatMap((rows) => {
              const row = at(rows, index);
              return [
                [groups.length > 1 ? name(rows) : t('analytics.retention.share'), format.percent(row?.rate, 1)],
                [t('analytics.base'), format.count(row?.size)],
              ];
            }),
        },
      ),
      onSelect: (index) => labels[index] && open(groups[0], index),
      table: {
        columns: [t('analytics.period'), ...groups.flatMap((rows) => [name(rows), t('analytics.base')])],
        rows: labels.map((row, index) => [
          words(row.period),
          ...groups.flatMap((rows) => [
            pointButton(format.percent(at(rows, index)?.rate, 1), () => open(rows, index)),
            format.count(at(rows, index)?.size),
          ]),
        ]),
      },
    });
  },
  more(result, tools) {
    return byGroup(rowsOf(result, 'cohorts')).map((rows) =>
      heatTable(rows, {
        title:
          rows[0].group_kind === 'all'
            ? t('analytics.retention.table')
            : t('analytics.retention.tableOf', { group: groupWords(rows[0], propertyOf(result)) }),
        interval: result.interval,
        value: (row) => row.rate,
        write: (row) => format.percent(row.rate, 0),
        most: 1,
        open: (row, words) => tools.open(row.point, words),
        isCell: (row) => row.period > 0,
      }),
    );
  },
};

const ON_A_PHONE = 3;

/** Cohorts down, periods across; the shade says how much, the figure exactly. */
function heatTable(rows, { title, interval, value, write, most, open, isCell }) {
  const cohorts = gathered(rows, (row) => row.cohort);
  const periods = [...new Set(rows.filter(isCell).map((row) => row.period))].sort((a, b) => a - b);
  const name = (row) => bucketWords(row.label, interval);
  // A narrow screen has room for the first periods only; the picture above has all of them.
  const wide = (period) => (periods.indexOf(period) >= ON_A_PHONE ? 'wide-only' : '');
  const cell = (own, period) => {
    const row = own.find((one) => one.period === period);
    if (!row || row.complete === false)
      return h('td', { class: `number muted ${wide(period)}` }, row ? '…' : '');
    const words = t('analytics.cohortCell', { cohort: name(row), when: periodWords(period, interval) });
    return h(
      'td',
      { class: `number shaded ${shade(value(row) / most)} ${wide(period)}` },
      pointButton(write(row), () => open(row, words), `${words}: ${write(row)}`),
    );
  };
  return h(
    'section',
    null,
    h('h3', null, title),
    h('p', { class: 'unit' }, t('analytics.retention.note')),
    periods.length > ON_A_PHONE
      ? h('p', { class: 'unit phone-only' }, t('analytics.onAPhone', { count: ON_A_PHONE }))
      : null,
    h(
      'div',
      { class: 'table-scroll', role: 'region', tabindex: 0, 'aria-label': title },
      h(
        'table',
        { class: 'heat' },
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            h('th', { scope: 'col' }, t('analytics.cohortOf')),
            h('th', { scope: 'col', class: 'number' }, t('needs.customers')),
            periods.map((period) => h('th', { scope: 'col', class: `number ${wide(period)}` }, String(period))),
          ),
        ),
        h(
          'tbody',
          null,
          cohorts.map((own) =>
            h(
              'tr',
              null,
              h('th', { scope: 'row', class: 'nowrap' }, name(own[0])),
              h('td', { class: 'number' }, format.count(own[0].size)),
              periods.map((period) => cell(own, period)),
            ),
          ),
        ),
      ),
    ),
  );
}

// ── Value over time ──────────────────────────────────────────────────────────────────────────────────────────

export const value_curves = {
  sentences(result) {
    const curve = firstGroup(rowsOf(result, 'curve'));
    const [first, last] = [curve[0], curve.at(-1)];
    if (!first) return [t('analytics.retention.short')];
    return [
      t('analytics.value.lead', {
        amount: format.money(last.per_customer),
        when: periodWords(last.period, result.interval),
        size: format.count(last.size),
      }),
      curve.length > 1
        ? t('analytics.value.first', {
            amount: format.money(first.per_customer),
            when: periodWords(first.period, result.interval),
          })
        : null,
    ].filter(Boolean);
  },
  picture(result, tools) {
    const groups = byGroup(rowsOf(result, 'curve'));
    if (groups.length === 0) return null;
    const longest = groups.reduce((long, rows) => (rows.length > long.length ? rows : long), []);
    const labels = longest.map((row) => row.period);
    const words = (period) => periodWords(period, result.interval);
    const name = (rows) =>
      rows[0].group_kind === 'all' ? t('analytics.value.perCustomer') : groupWords(rows[0], propertyOf(result));
    const open = (rows, index) =>
      rows[index] && tools.open(rows[index].point, t('analytics.value.by', { when: words(rows[index].period) }));
    return chartFigure({
      title: t('analytics.value.title'),
      unit: t('analytics.value.unit'),
      note: t('analytics.clickHint'),
      size: tools.small ? 'small' : '',
      option: timeLines({
        labels,
        lines: groups.map((rows) => ({ name: name(rows), values: rows.map((row) => row.per_customer) })),
        formatLabel: (period) => (tools.small ? String(period) : words(period)),
        formatAxis: (amount) => format.money(amount, { compact: true }),
        area: true,
        rows: (index) =>
          groups.flatMap((rows) => [
            [name(rows), format.money(rows[index]?.per_customer)],
            [t('analytics.base'), format.count(rows[index]?.size)],
          ]),
      }),
      onSelect: (index) => open(groups[0], index),
      table: {
        columns: [t('analytics.period'), ...groups.flatMap((rows) => [name(rows), t('analytics.base')])],
        rows: labels.map((period, index) => [
          words(period),
          ...groups.flatMap((rows) => [
            pointButton(format.money(rows[index]?.per_customer), () => open(rows, index)),
            format.count(rows[index]?.size),
          ]),
        ]),
      },
    });
  },
  more(result, tools) {
    return byGroup(rowsOf(result, 'cohorts')).map((rows) =>
      heatTable(rows, {
        title:
          rows[0].group_kind === 'all'
            ? t('analytics.value.table')
            : t('analytics.value.tableOf', { group: groupWords(rows[0], propertyOf(result)) }),
        interval: result.interval,
        value: (row) => row.per_customer,
        write: (row) => format.money(row.per_customer, { compact: true }),
        most: Math.max(1, ...rows.map((row) => row.per_customer ?? 0)),
        open: (row, words) => tools.open(row.point, words),
        isCell: () => true,
      }),
    );
  },
};

// ── Time between events ──────────────────────────────────────────────────────────────────────────────────────

const secondsRange = (row) => {
  if (row.to_seconds === null || row.to_seconds === undefined)
    return t('analytics.orMore', { from: lasting(row.from_seconds) });
  return row.from_seconds === 0
    ? t('analytics.under', { to: lasting(row.to_seconds) })
    : `${lasting(row.from_seconds)} – ${lasting(row.to_seconds)}`;
};

export const intervals = {
  sentences(result) {
    const row = rowsOf(result, 'summary')[0];
    if (!row?.pairs) return [t('analytics.intervals.nobody')];
    const own = ownPart(result.definition);
    const [from, to] = [eventWords(own.from), eventWords(own.to)];
    const isSame = from === to;
    return [
      t(isSame ? 'analytics.intervals.again' : 'analytics.intervals.lead', { from, to, half: lasting(row.p50) }),
      t('analytics.intervals.rest', {
        quarter: lasting(row.p75),
        tenth: lasting(row.p90),
        pairs: format.count(row.pairs),
        count: format.count(row.customers),
      }),
    ];
  },
  picture(result, tools) {
    return histogram(byGroup(rowsOf(result, 'histogram')), {
      title: t('analytics.intervals.title'),
      unit: t('analytics.intervals.unit'),
      label: secondsRange,
      value: (row) => row.pairs,
      valueName: t('analytics.intervals.pairs'),
      property: propertyOf(result),
      tools,
    });
  },
  more(result) {
    const rows = rowsOf(result, 'summary');
    if (rows.length < 2) return null;
    return dataTable({
      caption: t('analytics.intervals.title'),
      rows,
      columns: [
        { label: t('analytics.group'), head: true, cell: (row) => groupWords(row, propertyOf(result)) },
        { label: t('analytics.intervals.pairs'), number: true, wide: true, cell: (row) => format.count(row.pairs) },
        { label: t('needs.customers'), number: true, cell: (row) => format.count(row.customers) },
        { label: t('analytics.quarter'), number: true, wide: true, cell: (row) => lasting(row.p25) },
        { label: t('analytics.half'), number: true, cell: (row) => lasting(row.p50) },
        { label: t('analytics.nineTenths'), number: true, cell: (row) => lasting(row.p90) },
      ],
    });
  },
};

/** Bars by class, for one group or several side by side. */
function histogram(groups, { title, unit, label, value, valueName, property, tools, note }) {
  if (!groups[0]?.length) return null;
  const labels = groups[0].map(label);
  const name = (rows) => (rows[0].group_kind === 'all' ? valueName : groupWords(rows[0], property));
  const open = (rows, index) => rows[index] && tools.open(rows[index].point, `${title}: ${labels[index]}`);
  return chartFigure({
    title,
    unit,
    note: [note, t('analytics.clickHint')].filter(Boolean).join(' '),
    size: tools.small ? 'small' : '',
    option: groupedBars({
      labels,
      groups: groups.map((rows) => ({ name: name(rows), values: rows.map(value) })),
      formatAxis: format.compact,
      rows: (index) =>
        groups.flatMap((rows) => [
          [name(rows), format.count(rows[index] ? value(rows[index]) : null)],
          groups.length === 1 ? [t('needs.customers'), format.count(rows[index]?.customers)] : null,
        ]).filter(Boolean),
    }),
    onSelect: (index) => open(groups[0], index),
    table: {
      columns: [t('analytics.range'), ...groups.flatMap((rows) => [name(rows), t('needs.customers')])],
      rows: labels.map((text, index) => [
        text,
        ...groups.flatMap((rows) => [
          format.count(rows[index] ? value(rows[index]) : null),
          pointButton(format.count(rows[index]?.customers), () => open(rows, index)),
        ]),
      ]),
    },
  });
}

// ── How often, how much ──────────────────────────────────────────────────────────────────────────────────────

export const distribution = {
  sentences(result) {
    const row = rowsOf(result, 'summary')[0];
    if (!row?.customers) return [t('analytics.distribution.nobody')];
    const measure = ownPart(result.definition).measure ?? 'events';
    const write = amountWriter(measure);
    const name = t(`analytics.distribution.measure.${measure}`, { event: eventWords(ownPart(result.definition).event) });
    return [
      t('analytics.distribution.lead', { name, half: write(row.p50), count: format.count(row.customers) }),
      t('analytics.distribution.rest', { tenth: write(row.p90), few: write(row.p10) }),
    ];
  },
  picture(result, tools) {
    const measure = ownPart(result.definition).measure ?? 'events';
    const write = amountWriter(measure);
    const label = (row) => {
      if (row.bin === 0) return t('analytics.distribution.nothing');
      if (row.to === null || row.to === undefined) return t('analytics.orMore', { from: write(row.from) });
      if (measure === 'sum') return `${write(row.from)}–${write(row.to)}`;
      return row.to - row.from <= 1 ? write(row.from) : `${write(row.from)}–${write(row.to - 1)}`;
    };
    return histogram(byGroup(rowsOf(result, 'bins')), {
      title: t(`analytics.distribution.title.${measure}`),
      unit: t('needs.customers'),
      label,
      value: (row) => row.customers,
      valueName: t('needs.customers'),
      property: propertyOf(result),
      tools,
    });
  },
  more: () => null,
};

const amountWriter = (measure) => (measure === 'sum' ? (value) => format.money(value) : (value) => format.count(value));
