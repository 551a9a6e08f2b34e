// Who stops buying: its addresses, its words, and what contacting customers would bring.
import * as format from './format.js';
import { t, tOr } from './i18n.js';
import { href } from './router.js';

/** The job that the pages rest on. */
export const RUN = { kind: 'churn', parts: ['churn', 'estimation'] };

/** The list of alerts, narrowed. */
export const listHref = (query) => href(['churn'], query);

/** Why one customer may stop buying. */
export const reasonsHref = (id) => href(['churn', id]);

export const customerHref = (id) => href(['customers', id]);

/** The name of a way to foretell. */
export const methodName = (name) => tOr(`churn.method.${name}`, name);

/** “0.72 – 0.81”, or nothing where no interval is known. */
export function numberRange(range, write) {
  return range ? t('churn.range', { lower: write(range.lower), upper: write(range.upper) }) : null;
}

/** A day with its year. */
export const day = (text) => format.day(text, { year: 'numeric', month: 'short', day: 'numeric' });

/** The share that a log-odds stands for. */
export const logistic = (value) => 1 / (1 + Math.exp(-value));

/**
 * What contacting those at most risk saves, for each point of the curve: the losses of those who are kept less
 * the contacts. `kept` is the share of the leavers who stay because of it.
 */
export function savings(curve, { contact, loss, kept }) {
  const points = curve.map((point) => ({ ...point, gain: point.lapsed * loss * kept - point.contacted * contact }));
  const best = points.reduce((top, point) => (point.gain > top.gain ? point : top), points[0]);
  return { points, best };
}
