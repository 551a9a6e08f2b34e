// Customers' value: its addresses and words.
import * as format from './format.js';
import { t } from './i18n.js';
import { href } from './router.js';

/** The job that the pages rest on. */
export const RUN = { kind: 'value', parts: ['value', 'estimation'] };

/** Worth much or less, staying or doubtful. */
export const QUADRANTS = ['valuable_staying', 'valuable_fading', 'small_staying', 'small_fading'];

/** The list of customers, narrowed. */
export const listHref = (query) => href(['value'], query);

export const customerHref = (id) => href(['customers', id]);

/** A range of money or of numbers: “$40 – $60”. */
export function moneyRange(range, options) {
  if (!range) return format.MISSING;
  return t('value.range', { lower: format.money(range.lower, options), upper: format.money(range.upper, options) });
}

/** Numbers of purchases: few with a decimal. */
export const purchases = (value) =>
  value === null || value === undefined
    ? format.MISSING
    : value < 10
      ? format.decimal(value, 1)
      : format.count(value);

/** A range of purchases. */
export const purchaseRange = (range) =>
  range ? t('value.range', { lower: purchases(range.lower), upper: purchases(range.upper) }) : format.MISSING;

/** The name of a model or rule of thumb. */
export const modelName = (name) => t(`value.model.${name}`);
