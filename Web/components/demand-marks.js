// Marks for demand: a forecast with its range, a change that may be chance, how far the data reach.
import { againstRule, changeText, directionOf, errorFigures, errorWords, unitRange, units } from '../app/demand.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { tag } from './marks.js';

/** A number with its range below. */
export function withRange(value, range, label) {
  return [
    value,
    range
      ? h('span', { class: 'note', title: label }, h('span', { class: 'visually-hidden' }, `${label}: `), range)
      : null,
  ];
}

/** What is expected of the next four weeks, or that nothing is. */
export function nextWeeks(row) {
  if (row.units_next_4 === null || row.units_next_4 === undefined)
    return h('span', { class: 'muted' }, t('demand.notForecast'));
  return withRange(units(row.units_next_4), unitRange(row.range_next_4), t('demand.range80'));
}

const SHAPES = { rising: '▲', falling: '▼' };

/** A direction by shape and colour with a text; what is steady is grey. */
export const directionMark = (direction, text) =>
  h(
    'span',
    { class: `trend ${direction}`, title: t(`trend.${direction}`) },
    h('span', { 'aria-hidden': 'true' }, SHAPES[direction] ?? ''),
    h('span', { class: 'visually-hidden' }, t(`trend.${direction}`)),
    ' ',
    text,
  );

/** The change that is expected; grey where what was sold lies within the range. */
export function changeMark(row) {
  if (row.change === null || row.change === undefined) return h('span', { class: 'muted' }, format.MISSING);
  return directionMark(directionOf(row), changeText(row.change));
}

/** The error against the plain rule, with the figures below. */
export function errorMark(row) {
  if (againstRule(row) === null) return h('span', { class: 'muted' }, format.MISSING);
  return [errorWords(row), h('span', { class: 'note' }, errorFigures(row))];
}

/** How far the data reach: said only where they do not reach far enough. */
export function sufficiencyTag(row) {
  if (row.sufficiency === 'good' || !row.sufficiency) return null;
  return tag(t(`demand.sufficiency.${row.sufficiency}`), row.sufficiency === 'insufficient' ? 'warn' : '');
}
