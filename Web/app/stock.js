// The stock of a plan's items as a sheet: out with what is known, in again with what was filled in.
import * as api from './api.js';
import { csvText } from './csv.js';
import { csvRows } from './csv-read.js';
import { t } from './i18n.js';

/** What a plan reads of an item, beside its demand. */
export const ATTRIBUTES = [
  'stock',
  'on_order',
  'unit_cost',
  'lead_time_days',
  'pack_size',
  'min_order',
  'shelf_life_days',
  'volume',
];
const SHEET = ATTRIBUTES.slice(0, 6);
const PAGE = 500;
const BATCH = 100;
const AT_ONCE = 6;
const SHOWN = 5;

/** A sheet of all items of a plan, with the stock and terms that are known. */
export async function stockSheet(query, signal) {
  const lines = [];
  let cursor;
  do {
    const page = await api.get(['restock'], { ...query, limit: PAGE, cursor }, signal);
    lines.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return csvText(
    ['item_id', 'title', ...SHEET],
    lines.map((line) => [
      line.item_id,
      line.title,
      line.stock,
      line.stock === null ? null : line.on_order,
      line.unit_cost,
      null,
      null,
      null,
    ]),
  );
}

/**
 * What a sheet says: `{ items: [{ id, attributes }], problems: [text] }`. Empty cells say nothing, and so do rows
 * without any number.
 */
export function readSheet(text) {
  const [head = [], ...rows] = csvRows(text);
  const names = head.map((name) => name.trim().replace(/^attributes\./, ''));
  const place = names.indexOf('item_id');
  const columns = ATTRIBUTES.filter((name) => names.includes(name));
  if (place < 0 || columns.length === 0) return { items: [], problems: [t('stock.noColumns')] };
  const problems = [];
  const items = [];
  rows.forEach((row, index) => {
    // A cell that could be taken for a formula was written with a sign before it.
    const id = (row[place] ?? '').trim().replace(/^'(?=[=+\-@])/, '');
    const attributes = {};
    for (const name of columns) {
      const cell = (row[names.indexOf(name)] ?? '').trim();
      if (!cell) continue;
      const value = Number(cell.replace(/(?<=\d),(?=\d{3}\b)/g, ''));
      if (Number.isFinite(value) && value >= 0) attributes[name] = value;
      else problems.push(t('stock.noNumber', { line: index + 2, column: name, value: cell.slice(0, 20) }));
    }
    if (!id && Object.keys(attributes).length) problems.push(t('stock.noItem', { line: index + 2 }));
    else if (Object.keys(attributes).length) items.push({ id, attributes });
  });
  const more = problems.length - SHOWN;
  return {
    items,
    problems: more > 0 ? [...problems.slice(0, SHOWN), t('stock.moreProblems', { count: more })] : problems,
  };
}

/**
 * Stores what a sheet says with the items, which otherwise stay as they are. `onProgress(done)` counts; resolves
 * with how many were taken and the reasons of those that were not.
 */
export async function storeStock(items, onProgress, signal) {
  let taken = 0;
  const refused = [];
  for (let start = 0; start < items.length; start += BATCH) {
    const batch = items.slice(start, start + BATCH);
    const rows = await inParallel(batch, (one) => withAttributes(one, signal));
    const report = await api.post(['items'], {}, { items: rows }, signal);
    taken += report.accepted ?? rows.length - (report.rejected ?? []).length;
    refused.push(...(report.rejected ?? []));
    onProgress(start + batch.length);
  }
  return { taken, refused };
}

/** An item as it is stored, with the new attributes: storing replaces it whole. */
async function withAttributes({ id, attributes }, signal) {
  try {
    const item = await api.get(['items', id], {}, signal);
    return { ...item, attributes: { ...item.attributes, ...attributes } };
  } catch (error) {
    if (error.status !== 404) throw error;
    return { item_id: id, attributes };
  }
}

/** Runs `action` on each of `list`, a few at a time, and keeps the order. */
async function inParallel(list, action) {
  const results = new Array(list.length);
  let next = 0;
  const worker = async () => {
    while (next < list.length) {
      const index = next++;
      results[index] = await action(list[index]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, list.length) }, worker));
  return results;
}
