// Answers about sequences: funnels and paths.
import {
  EVENT,
  byGroup,
  eventWords,
  groupWords,
  labelWords,
  lasting,
  ownPart,
  rowsOf,
  valueWords,
} from '../app/analytics.js';
import { pathFlow } from '../app/charts-analytics.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { pointButton, stepBar } from './analytics-marks.js';
import { chartFigure } from './chart-figure.js';
import { dataTable } from './data-table.js';

const DAY = 86_400;

// ── Funnels ──────────────────────────────────────────────────────────────────────────────────────────────────

/** A step in words; the same event again says which time it is. */
function stepWords(row, definition) {
  const steps = ownPart(definition).steps ?? [];
  const selector = steps[row.step - 1];
  const words = selector ? eventWords(selector) : labelWords(row.label);
  const same = steps.filter((step) => eventWords(step) === words).length;
  return same > 1 ? t('analytics.funnel.time', { event: words, count: row.step }) : words;
}

function windowWords(definition) {
  const own = ownPart(definition);
  const seconds = own.window_seconds ?? (own.window_days ?? 0) * DAY;
  return seconds ? lasting(seconds) : null;
}

export const funnel = {
  sentences(result) {
    const steps = byGroup(rowsOf(result, 'steps'))[0] ?? [];
    const [first, last] = [steps[0], steps.at(-1)];
    if (!first || first.customers === 0) return [t('analytics.funnel.nobody')];
    const window = windowWords(result.definition);
    const property = result.definition.breakdown?.property;
    const worst = steps.slice(1).sort((a, b) => a.step_rate - b.step_rate)[0];
    const values = {
      count: format.count(first.customers),
      first: stepWords(first, result.definition),
      last: stepWords(last, result.definition),
      share: format.percent(last.rate, 1),
      window,
    };
    const lead =
      first.group_kind === 'all'
        ? t(window ? 'analytics.funnel.lead' : 'analytics.funnel.leadOpen', values)
        : t('analytics.funnel.leadGroup', { ...values, group: groupWords(first, property) });
    return [
      lead,
      worst && steps.length > 2
        ? t('analytics.funnel.worst', {
            before: stepWords(steps[worst.step - 2], result.definition),
            step: stepWords(worst, result.definition),
            share: format.percent(worst.step_rate, 0),
            lost: format.count(steps[worst.step - 2].customers - worst.customers),
          })
        : null,
    ].filter(Boolean);
  },
  picture(result, tools) {
    const groups = byGroup(rowsOf(result, 'steps'));
    if (groups.length === 0) return null;
    const property = result.definition.breakdown?.property;
    const most = Math.max(1, ...groups.map((rows) => rows[0].customers));
    return h(
      'div',
      { class: 'funnels' },
      groups
        .slice(0, tools.small ? 1 : undefined)
        .map((rows) => oneFunnel(rows, { result, tools, property, most: groups.length > 1 ? rows[0].customers : most })),
    );
  },
  more(result) {
    const rows = rowsOf(result, 'steps').filter((row) => row.step > 1);
    if (rows.length === 0) return null;
    const property = result.definition.breakdown?.property;
    return dataTable({
      caption: t('analytics.funnel.times'),
      rows,
      columns: [
        {
          label: t('analytics.funnel.step'),
          head: true,
          cell: (row) => stepWords(row, result.definition),
        },
        property ? { label: t('analytics.group'), cell: (row) => groupWords(row, property) } : null,
        {
          label: t('analytics.range95'),
          number: true,
          wide: true,
          cell: (row) => `${format.percent(row.lower, 1)}–${format.percent(row.upper, 1)}`,
        },
        { label: t('analytics.quarter'), number: true, wide: true, cell: (row) => lasting(row.p25) },
        { label: t('analytics.half'), number: true, cell: (row) => lasting(row.p50) },
        { label: t('analytics.nineTenths'), number: true, cell: (row) => lasting(row.p90) },
      ].filter(Boolean),
    });
  },
};

function oneFunnel(rows, { result, tools, property, most }) {
  const name = rows[0].group_kind === 'all' ? null : groupWords(rows[0], property);
  const line = (row, index) => {
    const words = stepWords(row, result.definition);
    const title = name ? `${words} · ${name}` : words;
    const before = rows[index - 1];
    const lost = before ? before.customers - row.customers : 0;
    return h(
      'li',
      null,
      h(
        'div',
        { class: 'step-head' },
        h('span', { class: 'step-name' }, `${row.step}. ${words}`),
        h(
          'span',
          { class: 'step-figures' },
          pointButton(format.count(row.customers), () => tools.open(row.point, title)),
          ' ',
          h('span', { class: 'unit' }, format.percent(row.rate, 1)),
        ),
      ),
      stepBar(row.customers / most, before ? before.customers / most : row.customers / most),
      before && !tools.small
        ? h(
            'p',
            { class: 'unit' },
            t('analytics.funnel.goOn', {
              share: format.percent(row.step_rate, 1),
              time: lasting(row.p50),
            }),
            lost > 0
              ? [
                  ' · ',
                  pointButton(t('analytics.funnel.lost', { count: lost }), () =>
                    tools.open(
                      { ...before.point, state: 'dropped' },
                      t('analytics.funnel.lostAfter', { step: stepWords(before, result.definition) }),
                    ),
                  ),
                ]
              : null,
          )
        : null,
    );
  };
  return h('div', null, name ? h('h3', null, name) : null, h('ol', { class: 'funnel' }, rows.map(line)));
}

// ── Paths ────────────────────────────────────────────────────────────────────────────────────────────────────

function nodeWords(node, kind, definition) {
  if (kind === 'other') return t('analytics.other');
  if (kind === 'none') return t('analytics.none');
  return valueWords(node, ownPart(definition).node ?? EVENT.kind);
}

export const paths = {
  sentences(result) {
    const nodes = rowsOf(result, 'nodes');
    const start = nodes.filter((row) => row.level === 0);
    const all = start.reduce((sum, row) => sum + row.paths, 0);
    if (all === 0) return [t('analytics.paths.nobody')];
    const isBack = ownPart(result.definition).direction === 'to';
    const next = nodes
      .filter((row) => row.level === 1 && row.node_kind === 'value')
      .sort((a, b) => b.paths - a.paths)[0];
    const event = eventWords(ownPart(result.definition).event);
    if (!next) return [t('analytics.paths.alone', { event, count: format.count(all) })];
    const isKind = (ownPart(result.definition).node ?? EVENT.kind) === EVENT.kind;
    const sentence = isBack ? 'analytics.paths.before' : 'analytics.paths.after';
    return [
      t(isKind ? sentence : `${sentence}Value`, {
        event,
        next: nodeWords(next.node, next.node_kind, result.definition),
        share: format.percent(next.paths / all, 0),
        count: format.count(all),
      }),
    ];
  },
  picture(result, tools) {
    const { definition } = result;
    const isBack = ownPart(definition).direction === 'to';
    const rows = rowsOf(result, 'nodes').filter((row) => row.paths > 0);
    if (rows.length < 2) return null;
    const deepest = Math.max(...rows.map((row) => row.level));
    const isNarrow = tools.small || matchMedia('(max-width: 720px)').matches;
    const last = isNarrow ? Math.min(deepest, 2) : deepest;
    const id = (level, node, kind) => `${level}|${kind}|${node}`;
    const kept = rows.filter((row) => row.level <= last);
    const nodes = kept.map((row) => ({
      id: id(row.level, row.node, row.node_kind),
      name: nodeWords(row.node, row.node_kind, definition),
      level: isBack ? last - row.level : row.level,
      value: row.paths,
      isFaint: row.node_kind !== 'value',
      row,
    }));
    const known = new Set(nodes.map((node) => node.id));
    const links = rowsOf(result, 'links')
      .map((row) => ({
        source: id(isBack ? row.level + 1 : row.level, row.source, row.source_kind),
        target: id(isBack ? row.level : row.level + 1, row.target, row.target_kind),
        value: row.paths,
        row,
      }))
      .filter((link) => link.value > 0 && known.has(link.source) && known.has(link.target));
    const linkWords = ({ row }) =>
      `${nodeWords(row.source, row.source_kind, definition)} → ${nodeWords(row.target, row.target_kind, definition)}`;
    const open = (data, isLink) => tools.open(data.row.point, isLink ? linkWords(data) : data.name);
    return chartFigure({
      title: t(isBack ? 'analytics.paths.titleTo' : 'analytics.paths.titleFrom', {
        event: eventWords(ownPart(definition).event),
      }),
      unit: t('analytics.paths.unit'),
      note: t('analytics.paths.note'),
      size: tools.small ? 'small' : 'tall-flow',
      option: pathFlow(nodes, links, {
        isNarrow,
        title: (data, isLink) => (isLink ? linkWords(data) : data.name),
        rows: (data, isLink) =>
          [
            [t('analytics.paths'), format.count(data.row.paths)],
            [t('needs.customers'), format.count(data.row.customers)],
            isLink ? null : [t('analytics.paths.ended'), format.count(data.row.ended)],
          ].filter(Boolean),
      }),
      onPoint: (index, { dataType }) =>
        dataType === 'edge' ? open(links[index], true) : open(nodes[index], false),
      table: {
        columns: [t('analytics.paths.step'), t('analytics.paths'), t('needs.customers')],
        rows: [...links]
          .sort((a, b) => a.row.level - b.row.level || b.value - a.value)
          .map((link) => [
            `${link.row.level + 1}. ${linkWords(link)}`,
            format.count(link.value),
            pointButton(format.count(link.row.customers), () => open(link, true)),
          ]),
      },
    });
  },
  more: () => null,
};
