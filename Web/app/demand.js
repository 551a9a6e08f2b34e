// Demand: its addresses and words, and how numbers of units are written.
import * as format from './format.js';
import { locale, t, tOr } from './i18n.js';
import { href } from './router.js';

/** How demand comes: often or seldom, even or uneven (Syntetos, Boylan and Croston 2005). */
export const CLASSES = ['smooth', 'intermittent', 'erratic', 'lumpy'];
export const SHOP = 'shop';
const DAY = 86_400_000;
const FEW = 10;
const MANY = 1_000_000;
/** A difference smaller than this is not called better or worse. */
const SAME = 0.005;

/** The page of what is sold of a category, an item or in the whole shop. */
export const demandHref = (subject) => href(['demand', subject]);
export const categorySubject = (category) => `category:${category}`;
export const itemSubject = (id) => `item:${id}`;

/** Numbers of pieces: whole ones, small means with a decimal, millions in short. */
export function units(value) {
  if (value === null || value === undefined) return format.MISSING;
  if (Math.abs(value) >= MANY) return inShort(value);
  return Math.abs(value) < FEW && !Number.isInteger(value) ? format.decimal(value, 1) : format.count(value);
}

const shortForms = new Map();

function inShort(value) {
  if (!shortForms.has(locale()))
    shortForms.set(
      locale(),
      new Intl.NumberFormat(locale(), { notation: 'compact', maximumSignificantDigits: 4 }),
    );
  return shortForms.get(locale()).format(value);
}

/** A range of pieces: “40–60”. */
export const unitRange = (range) => (range ? span(units(range.lower), units(range.upper)) : format.MISSING);

const MANIFOLD = 10;

/** A change as a share with its sign; one of many times what was before as that: “×120”. */
export const changeText = (value) =>
  value > MANIFOLD ? t('demand.times', { count: format.count(1 + value) }) : format.change(value);

/** A difference in pieces with its sign. */
export const unitChange = (value) => `${value > 0 ? '+' : value < 0 ? '−' : ''}${units(Math.abs(value))}`;

/** A range of shares with their signs: “−4% to +12%”. */
export const changeRange = (range) =>
  range ? span(format.change(range.lower), format.change(range.upper)) : format.MISSING;

const SIGNED = /^[-−+]/;

/** Two ends of a range; between numbers with a sign a dash could be taken for one. */
export const span = (lower, upper) =>
  SIGNED.test(lower) || SIGNED.test(upper) ? t('demand.to', { lower, upper }) : `${lower}–${upper}`;

/** A week by its first day, with the year. */
export const week = (text) => format.day(text, { year: 'numeric', month: 'short', day: 'numeric' });

/** A day or a moment; a bare day carries no zone. */
export const when = (text) => (!text ? format.MISSING : text.length > 10 ? format.date(text) : week(text));

/** The first day of the week that begins `count` weeks after another. */
export const weekAfter = (text, count) =>
  new Date(Date.parse(`${text.slice(0, 10)}T00:00:00Z`) + 7 * count * DAY).toISOString().slice(0, 10);

/** How a change is called: one that lies within the range is not told from none. */
export function directionOf({ change, units_last_4: last, range_next_4: range }) {
  if (change === null || change === undefined) return 'steady';
  if (range && last >= range.lower && last <= range.upper) return 'steady';
  return change > 0 ? 'rising' : 'falling';
}

/** The error against the plain rule's on the same weeks: −0.2 is a fifth less. Null where it cannot be told. */
export const againstRule = ({ mase, baseline_mase: rule }) =>
  Number.isFinite(mase) && Number.isFinite(rule) && rule > 0 ? mase / rule - 1 : null;

/** That comparison in words. */
export function errorWords(row) {
  const change = againstRule(row);
  if (change === null) return format.MISSING;
  if (Math.abs(change) < SAME) return t('demand.error.same');
  return t(change < 0 ? 'demand.error.less' : 'demand.error.more', {
    share: format.percent(Math.abs(change), 0),
  });
}

/** The errors themselves, for those who know the measure. */
export const errorFigures = ({ mase, baseline_mase: rule }) =>
  t('demand.error.figures', { mase: format.decimal(mase, 2), rule: format.decimal(rule, 2) });

/** The name of how demand comes. */
export const className = (name) => tOr(`demand.class.${name}`, name ?? format.MISSING);

/** A p or q value in plain words. */
export function sureness(value) {
  if (value === null || value === undefined) return format.MISSING;
  if (value < 0.01) return t('demand.sure.very');
  if (value < 0.05) return t('demand.sure.yes');
  return t(value < 0.1 ? 'demand.sure.weak' : 'demand.sure.no');
}
