// All numbers, dates and money on the screen are written here, in the user's language and the shop's zone.
import { locale, t } from './i18n.js';

const shop = { currency: 'USD', timeZone: 'UTC' };
const cache = new Map();
const DAY = 86_400_000;
export const MISSING = '–';

/** Sets the shop's currency and time zone for everything written later. */
export function useShop({ currency, time_zone: timeZone }) {
  Object.assign(shop, { currency: currency ?? 'USD', timeZone: timeZone ?? 'UTC' });
}

function numbers(options) {
  const key = `n${locale()}${JSON.stringify(options)}`;
  if (!cache.has(key)) cache.set(key, new Intl.NumberFormat(locale(), options));
  return cache.get(key);
}

function dates(options) {
  const key = `d${locale()}${shop.timeZone}${JSON.stringify(options)}`;
  if (!cache.has(key))
    cache.set(key, new Intl.DateTimeFormat(locale(), { timeZone: shop.timeZone, ...options }));
  return cache.get(key);
}

const known = (value) => value !== null && value !== undefined && Number.isFinite(Number(value));

/** A whole number. */
export const count = (value) =>
  known(value) ? numbers({ maximumFractionDigits: 0 }).format(value) : MISSING;

/** A number with a fixed number of decimals. */
export function decimal(value, digits = 1) {
  if (!known(value)) return MISSING;
  return numbers({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** A short number for chart axes: 12K, 1.2万. */
export const compact = (value) =>
  known(value) ? numbers({ notation: 'compact', maximumFractionDigits: 1 }).format(value) : MISSING;

/** A share as a percentage; below 10 % with one decimal, so that small shares stay apart. */
export function percent(value, digits) {
  if (!known(value)) return MISSING;
  const shown = digits ?? (Math.abs(value) < 0.1 ? 1 : 0);
  return numbers({ style: 'percent', minimumFractionDigits: shown, maximumFractionDigits: shown }).format(
    value,
  );
}

/** A signed percentage for changes. */
export const change = (value) =>
  known(value)
    ? numbers({ style: 'percent', signDisplay: 'exceptZero', maximumFractionDigits: 1 }).format(value)
    : MISSING;

/** A number with its sign and a fixed number of decimals, such as a sentiment from −1 to 1. */
export const signed = (value, digits = 2) =>
  known(value)
    ? numbers({
        signDisplay: 'exceptZero',
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }).format(value)
    : MISSING;

/** Money from `{amount, currency}` or from a bare number in the shop's currency. */
export function money(value, { compact: short = false } = {}) {
  const amount = typeof value === 'object' && value !== null ? value.amount : value;
  if (!known(amount)) return MISSING;
  const currency = value?.currency ?? shop.currency;
  const digits = Math.abs(amount) >= 1000 ? 0 : 2;
  return numbers({
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    ...(short
      ? { notation: 'compact', maximumFractionDigits: 1 }
      : { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  }).format(amount);
}

/** A day in the shop's zone. */
export const date = (iso) =>
  iso ? dates({ year: 'numeric', month: 'short', day: 'numeric' }).format(new Date(iso)) : MISSING;

/** A moment in the shop's zone. */
export const dateTime = (iso) =>
  iso
    ? dates({
        year: 'numeric',
        month: 'short',
        day: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
      }).format(new Date(iso))
    : MISSING;

/** A calendar day such as a week's Monday; it carries no zone. */
export function day(text, options = { month: 'short', day: 'numeric' }) {
  return dates({ timeZone: 'UTC', ...options }).format(new Date(`${text.slice(0, 10)}T00:00:00Z`));
}

/** A length of time in days: “6 days”, “today”. */
export function days(value) {
  if (!known(value)) return MISSING;
  const rounded = Math.round(value);
  return t('format.days', { count: rounded });
}

/** A length of time in weeks where it is whole weeks, else in days: “8 weeks”. */
export const span = (value) =>
  known(value) && value % 7 === 0 ? t('format.weeks', { count: value / 7 }) : days(value);

/** How long ago, counted from the moment of the data: “9 days ago”. */
export function ago(value) {
  if (!known(value)) return MISSING;
  const rounded = Math.round(value);
  return rounded === 0 ? t('format.today') : t('format.daysAgo', { count: rounded });
}

/** When something is due, relative to the moment of the data: “in 6 days”, “3 days late”. */
export function due(value) {
  if (!known(value)) return MISSING;
  const rounded = Math.round(value);
  if (rounded === 0) return t('format.dueNow');
  return rounded > 0 ? t('format.dueIn', { count: rounded }) : t('format.late', { count: -rounded });
}

/** How long a job took. */
export function duration(seconds) {
  if (!known(seconds)) return MISSING;
  if (seconds < 60) return t('format.seconds', { value: decimal(seconds, seconds < 10 ? 1 : 0) });
  return t('format.minutes', { minutes: Math.floor(seconds / 60), seconds: Math.round(seconds % 60) });
}

/** The day of `iso` in the shop's zone as `YYYY-MM-DD`, for grouping. */
export function dayKey(iso) {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: shop.timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return parts.format(new Date(iso));
}

/** The days from `from` until just before `to`. */
export function period({ from, to }) {
  const last = to && new Date(new Date(to).getTime() - 1).toISOString();
  return `${from ? date(from) : ''} – ${last ? date(last) : ''}`.trim();
}

/** The moment `days` days before `iso`. */
export const daysBefore = (iso, days) => new Date(new Date(iso).getTime() - days * DAY).toISOString();

/** The UTC moment at which the calendar day `text` begins in the shop's zone, plus `offsetDays`. */
export function startOfDay(text, offsetDays = 0) {
  const guess = new Date(`${text.slice(0, 10)}T00:00:00Z`).getTime() + offsetDays * DAY;
  const inZone = new Date(guess).toLocaleString('sv-SE', { timeZone: shop.timeZone });
  const shift = guess - new Date(`${inZone.replace(' ', 'T')}Z`).getTime();
  return new Date(guess + shift).toISOString().replace('.000Z', 'Z');
}
