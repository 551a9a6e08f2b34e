// Small marks inside text and tables: trends, shares, sparklines, cycles, signed contributions.
import { h, svg } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';

const SHAPES = { rising: '▲', steady: '', falling: '▼' };

/** Direction by shape and colour, with the size of the change. A change that failed its test is grey. */
export function trendMark(trend) {
  if (!trend) return h('span', { class: 'muted' }, format.MISSING);
  const { direction, change, q_value: q, p_value: p } = trend;
  const test = q ?? p;
  const detail =
    test === null || test === undefined
      ? ''
      : ` · ${t(q === null || q === undefined ? 'trend.p' : 'trend.q', { value: probability(test) })}`;
  return h(
    'span',
    { class: `trend ${direction}`, title: `${t(`trend.${direction}`)}${detail}` },
    h('span', { 'aria-hidden': 'true' }, SHAPES[direction] ?? SHAPES.steady),
    h('span', { class: 'visually-hidden' }, t(`trend.${direction}`)),
    ' ',
    format.change(change),
  );
}

/** A p or q value as it is usually written. */
export function probability(value) {
  return value < 0.001 ? '< 0.001' : `= ${format.decimal(value, 3)}`;
}

/** A share as a bar with its percentage. */
export function shareBar(share, { digits } = {}) {
  const width = Math.max(0, Math.min(1, share ?? 0)) * 100;
  return h(
    'span',
    { class: 'share' },
    svg(
      'svg',
      { class: 'share-bar', 'aria-hidden': 'true', preserveAspectRatio: 'none', viewBox: '0 0 100 8' },
      svg('rect', { class: 'track', width: 100, height: 8 }),
      svg('rect', { class: 'value', width, height: 8 }),
    ),
    h('span', { class: 'share-text' }, format.percent(share, digits)),
  );
}

/**
 * A line of the last weeks without axes; the figures are one click away. It spans at least 40 % of
 * the largest value, so that noise around a level stays small.
 */
export function sparkline(values, label) {
  const width = 96;
  const height = 24;
  if (values.length < 2) return h('span', { class: 'muted' }, format.MISSING);
  const most = Math.max(...values, 1);
  const least = Math.min(...values, 0.6 * most);
  const x = (index) => (index / (values.length - 1)) * (width - 4) + 1;
  const y = (value) => height - 2 - ((value - least) / (most - least)) * (height - 4);
  const points = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  return svg(
    'svg',
    { class: 'spark', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
    svg('polyline', { points }),
    svg('circle', { cx: x(values.length - 1), cy: y(values.at(-1)), r: 2 }),
  );
}

/** Where a customer is in the usual cycle: the tick is one full cycle, the bar the days gone by. */
export function cycleBar(daysSince, cycle) {
  if (!cycle) return h('span', { class: 'muted' }, t('customer.noCycle'));
  const gone = Math.min(2, daysSince / cycle) * 50;
  return svg(
    'svg',
    {
      class: `cycle ${daysSince > cycle ? 'late' : ''}`,
      viewBox: '0 0 100 8',
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': t('customer.cycleLabel', { since: Math.round(daysSince), cycle: Math.round(cycle) }),
    },
    svg('rect', { class: 'track', width: 100, height: 8 }),
    svg('rect', { class: 'value', width: gone, height: 8 }),
    svg('rect', { class: 'tick', x: 49.5, width: 1, height: 8 }),
  );
}

/** A signed bar around a middle line, on a scale shared by its neighbours. */
export function signedBar(value, scale) {
  const width = Math.min(1, Math.abs(value) / scale) * 50;
  return svg(
    'svg',
    {
      class: `signed ${value < 0 ? 'down' : 'up'}`,
      viewBox: '0 0 100 8',
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    },
    svg('rect', { class: 'axis', x: 49.75, width: 0.5, height: 8 }),
    svg('rect', { class: 'value', x: value < 0 ? 50 - width : 50, y: 1, width, height: 6 }),
  );
}

/** A short label with a frame: a kind of need, a state, a stage. */
export function tag(text, tone = '') {
  return h('span', { class: `tag ${tone}` }, text);
}
