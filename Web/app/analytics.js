// Analyses of behaviour: their addresses, their words, and the questions that each shop's data can answer first.
import * as api from './api.js';
import * as format from './format.js';
import { t, tOr } from './i18n.js';
import { href } from './router.js';

/** The analyses, in the order in which the gallery shows them. */
export const ANALYSES = [
  'trends',
  'retention',
  'funnel',
  'intervals',
  'rfm',
  'value_curves',
  'products',
  'paths',
  'distribution',
  'attribution',
  'sessions',
  'live',
];

/** Properties by name, as definitions write them. */
const named = (owner, names) => Object.fromEntries(names.map((name) => [name, `${owner}.${name}`]));
export const EVENT = named('event', [
  'kind',
  'channel',
  'device',
  'query',
  'campaign',
  'item',
  'session',
  'order',
  'amount',
  'discount',
  'quantity',
  'rating',
  'hour',
  'weekday',
]);
export const ITEM = named('item', ['category', 'brand', 'price']);

/** What the shop has sent: kinds with their counts, spans, which properties hold values. */
let facts = null;

/** Asks once for what the shop has sent; a page that is left open sees news after it is opened again. */
export async function shopFacts(signal) {
  facts = await api.get(['analytics', 'facts'], {}, signal);
  return facts;
}

/** A definition as text in an address, without what is the default anyway. */
export const encoded = (definition) => JSON.stringify(definition);

/** A definition from an address; null where it cannot be read. */
export function decoded(text) {
  try {
    const definition = JSON.parse(text);
    return ANALYSES.includes(definition?.analysis) ? definition : null;
  } catch {
    return null;
  }
}

/** The page of an analysis. */
export const questionHref = (definition) =>
  href(['analytics', definition.analysis], { q: encoded(definition) });
export const presetHref = (analysis, name) => href(['analytics', analysis], { preset: name });

/** The part of a definition that belongs to its analysis alone. */
export const ownPart = (definition) => definition[definition.analysis] ?? {};

// ── Words ────────────────────────────────────────────────────────────────────────────────────────────────────

/** The kinds that a selector names; an empty list stands for any event. */
export function kindsOf(selector) {
  if (!selector) return [];
  if (typeof selector === 'string') return [selector];
  return [selector.kind ?? []].flat();
}

/** A selector in words. */
export function eventWords(selector) {
  const kinds = kindsOf(selector);
  // The server names a selector by its kinds where nobody has named it.
  const { label } = selector ?? {};
  if (label && !kinds.includes(label) && !kinds.every((kind) => label.includes(kind))) return label;
  const words =
    kinds.length > 0
      ? kinds.map((kind) => tOr(`event.${kind}`, kind)).join(t('analytics.or'))
      : t('analytics.anyEvent');
  return selector?.filter ? t('analytics.withFilter', { event: words }) : words;
}

/** A kind or a label of a result in words. */
export const labelWords = (label) => tOr(`event.${label}`, label);

/** The name of a property. */
export function propertyWords(property) {
  const known = tOr(`analytics.property.${property}`, null);
  if (known) return known;
  const name = property.replace(/^(customer|item)\.attribute\./, '').replaceAll('_', ' ');
  return property.startsWith('customer.')
    ? t('analytics.property.ofCustomer', { name })
    : t('analytics.property.ofItem', { name });
}

const DAYS = [1, 2, 3, 4, 5, 6, 7];

/** A value of a property: weekdays and kinds have names, the others speak for themselves. */
export function valueWords(value, property) {
  if (property === EVENT.kind) return labelWords(value);
  if (property === EVENT.weekday && DAYS.includes(Number(value)))
    return format.day(`2024-01-0${value}`, { weekday: 'long' });
  if (property === EVENT.hour) return `${value}:00`;
  return String(value);
}

/** The group of a row: a value, the rest, those without, or all. */
export function groupWords(row, property) {
  if (row.group_kind === 'all') return t('analytics.all');
  if (row.group_kind === 'other') return t('analytics.other');
  if (row.group_kind === 'none') return t('analytics.none');
  return valueWords(row.group, property);
}

/** A length of time as people say it: “3 days”, “40 minutes”. */
export function lasting(seconds) {
  if (seconds === null || seconds === undefined) return format.MISSING;
  const [size, unit] =
    [
      [86_400, 'days'],
      [3_600, 'hours'],
      [60, 'minutes'],
    ].find(([length]) => seconds >= 1.5 * length) ?? [1, 'seconds'];
  const value = seconds / size;
  const count = value < 10 && size > 1 ? Math.round(value * 10) / 10 : Math.round(value);
  return t(`analytics.time.${unit}`, { count });
}

/** A local bucket: a day, a week by its first day, a month, an hour. */
export function bucketWords(label, interval) {
  if (!label) return format.MISSING;
  if (label.length === 7) return bucketWords(`${label}-01`, interval);
  if (interval === 'hour') return `${format.day(label)} ${label.slice(11, 16)}`;
  if (interval === 'month') return format.day(label, { year: 'numeric', month: 'short' });
  return format.day(label, { year: 'numeric', month: 'short', day: 'numeric' });
}

/** The days that an answer rests on. */
export const spanWords = ({ span }) =>
  t('analytics.span', {
    from: format.day(span.from_day, { year: 'numeric', month: 'short', day: 'numeric' }),
    to: format.day(span.to_day, { year: 'numeric', month: 'short', day: 'numeric' }),
  });

/** A period after the first: “month 3”. */
export const periodWords = (period, interval) =>
  period === 0 ? t(`analytics.period.start.${interval}`) : t(`analytics.period.${interval}`, { count: period });

/** How many customers an answer rests on; null where the answer counts only parts of them. */
export function customersOf(result) {
  if (result.sample.customers !== undefined) return result.sample.customers;
  const rows = ['totals', 'summary'].map((name) => rowsOf(result, name)).find((list) => list.length > 0) ?? [];
  const all = rows.filter((row) => row.group_kind === 'all');
  return all.length > 0 ? Math.max(...all.map((row) => row.customers ?? 0)) : null;
}

/** The rows of one of a result's tables. */
export const rowsOf = (result, name) => result.tables.find((table) => table.name === name)?.rows ?? [];

/** Only what is of all customers together, or of the first group where there is a breakdown. */
export function firstGroup(rows) {
  const first = rows[0];
  return first ? rows.filter((row) => row.group === first.group && row.group_kind === first.group_kind) : [];
}

/** Rows that have the same key together, in order of appearance. */
export function gathered(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) {
    const key = keyOf(row);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(row);
  }
  return [...groups.values()];
}

/** Rows by the group of a breakdown. */
export const byGroup = (rows) => gathered(rows, (row) => `${row.group_kind}:${row.group}`);

/** The events that a definition names. */
export function selectorsOf(definition) {
  const own = ownPart(definition);
  const named = ['event', 'events', 'first', 'return', 'from', 'to', 'conversion', 'touch'];
  return [
    ...(own.series ?? []).map((series) => series.event),
    ...(own.steps ?? []),
    ...named.map((name) => own[name]),
    ...(own.exclusions ?? []).map((exclusion) => exclusion.event),
  ].filter(Boolean);
}

/** The selectors that find nothing because the shop has never sent such events. */
export function missingKinds(definition, known = facts) {
  if (!known) return [];
  const sent = new Set(known.kinds.map((row) => row.kind));
  const lacking = selectorsOf(definition)
    .map(kindsOf)
    .filter((kinds) => kinds.length > 0 && !kinds.some((kind) => sent.has(kind)));
  return [...new Set(lacking.flat())];
}
