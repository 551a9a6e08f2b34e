// How a file is read: its columns with what each is taken for, what was assumed, and its first rows.
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t, tOr } from '../app/i18n.js';
import { icon } from './icon.js';
import { tag } from './marks.js';

/** What a column can be said to be, by what the rows are; the ones that matter most first. */
const FIELDS = {
  events: [
    'timestamp', 'customer_id', 'item_id', 'order_id', 'kind', 'quantity', 'amount', 'unit_price', 'currency',
    'discount', 'session_id', 'event_id', 'rating', 'text', 'query', 'channel', 'device',
  ],
  items: ['item_id', 'title', 'category', 'brand', 'price', 'currency', 'available_from'],
  customers: ['customer_id', 'joined_at'],
};
/** Without these nothing can be read. Each may have stand-ins. */
const NEEDED = {
  events: [['timestamp'], ['customer_id', 'session_id', 'order_id'], ['order_id', 'kind', 'amount']],
  items: [['item_id']],
  customers: [['customer_id']],
};

/** The fields that no column is taken for although the rows need them. */
export function missingFields(preview, kind) {
  const found = new Set(preview.columns.map((column) => column.field));
  return NEEDED[kind].filter((group) => !group.some((field) => found.has(field))).map(([first]) => first);
}

/** The columns; with `reassign(column, field)` each can be said to be something else. */
export function columnTable({ columns }, kind, reassign) {
  const meaning = (column) => {
    if (reassign) return chooser(column, kind, reassign);
    return column.field ? tag(fieldName(column.field), 'good') : unused();
  };
  return table(
    t('import.columns'),
    [t('import.column'), t('import.meaning'), t('import.samples')],
    columns.map((column) => [
      h('th', { scope: 'row' }, column.name),
      h('td', null, meaning(column)),
      h('td', null, column.sample.slice(0, 3).join(' · ')),
    ]),
  );
}

function chooser(column, kind, reassign) {
  const known = FIELDS[kind];
  // An attribute keeps the column's own name.
  const other = column.field && !known.includes(column.field) ? [column.field] : [];
  const select = h(
    'select',
    {
      'aria-label': t('import.meaningOf', { column: column.name }),
      'data-column': column.name,
      onchange: () => reassign(column.name, other.includes(select.value) ? '' : select.value),
    },
    h('option', { value: '' }, t('import.unused')),
    [...other, ...known].map((field) =>
      h('option', { value: field, selected: field === column.field }, fieldName(field)),
    ),
  );
  return select;
}

const unused = () => h('span', { class: 'muted' }, t('import.unused'));

const fieldName = (field) =>
  field.startsWith('attributes.')
    ? t('import.attribute', { name: field.slice('attributes.'.length) })
    : tOr(`field.${field}`, field);

/** The server's sentences about a file. */
export function sayings(tone, list) {
  if (list.length === 0) return null;
  return h(
    'ul',
    { class: 'checks' },
    list.map((text) => h('li', { class: tone }, icon(tone), h('span', null, local(text)))),
  );
}

/** The first rows as they would be stored; a row at fault says why. */
export function rowTable(rows) {
  const names = [...new Set(rows.filter((row) => !row.error).flatMap((row) => Object.keys(row)))];
  return table(
    t('import.firstRows'),
    names.map(fieldName),
    rows.map((row) =>
      row.error
        ? [h('td', { colspan: names.length, class: 'warn-text' }, t('import.line', row), ' ', row.error)]
        : names.map((name) => h('td', null, written(name, row[name]))),
    ),
  );
}

function written(name, value) {
  if (value === null || value === undefined) return '';
  if (name === 'timestamp') return format.dateTime(value);
  if (name === 'kind') return tOr(`event.${value}`, value);
  if (typeof value !== 'object') return String(value);
  return 'amount' in value ? format.money(value) : JSON.stringify(value);
}

function table(caption, head, rows) {
  return h(
    'div',
    { class: 'table-scroll', role: 'region', tabindex: 0, 'aria-label': caption },
    h(
      'table',
      { class: 'data plain' },
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          head.map((text) => h('th', { scope: 'col' }, text)),
        ),
      ),
      h(
        'tbody',
        null,
        rows.map((cells) => h('tr', null, cells)),
      ),
    ),
  );
}
