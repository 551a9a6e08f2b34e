// Patterns: their addresses and words.
import * as format from './format.js';
import { t } from './i18n.js';
import { href } from './router.js';

/** The job that the pages rest on. */
export const RUN = { kind: 'patterns', parts: ['patterns', 'mining'] };

export const LEVELS = ['category', 'item'];

/** The page of an item, or the demand of a category. */
export const thingHref = (thing, level) =>
  level === 'item' ? href(['items', thing.id]) : href(['demand', `category:${thing.id}`]);

/** The orders that hold all of these. */
export const ordersHref = (things, level) =>
  href(['patterns'], { view: 'orders', level, ids: things.map((thing) => thing.id ?? thing.item_id).join('\u001f') });

/** The ids in such an address. */
export const idsOf = (query) => (query.ids ?? '').split('\u001f').filter(Boolean);

/** “3.2 times”. */
export const times = (value) =>
  value === null || value === undefined ? format.MISSING : t('patterns.times', { count: format.decimal(value, 1) });

/** A range of numbers: “4 to 9”. */
export const span = (lower, upper) => t('patterns.range', { lower, upper });
