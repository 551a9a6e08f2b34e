// Items by id, for pages that name items in passing.
import * as api from './api.js';

const ENOUGH = 20;

/**
 * What the catalogue says about an item, or null where it has none: shops sell things that are in no catalogue.
 * It asks for a list, because a missing name is no error to a page that can show the id.
 */
export async function itemOf(id, signal) {
  const { items } = await api.get(['items'], { query: id, limit: ENOUGH }, signal);
  return items.find((item) => item.item_id === id) ?? null;
}

/** The items of several ids, by id; those that cannot be told are left out. */
export async function itemsOf(ids, signal) {
  const found = await Promise.all([...new Set(ids)].map((id) => itemOf(id, signal).catch(() => null)));
  return new Map(found.filter(Boolean).map((item) => [item.item_id, item]));
}
