import { h } from '../app/dom.js';
import { t } from '../app/i18n.js';

/**
 * A table that the server sorts and pages.
 *
 * `columns`: `{ label, cell(row), number, sort, wide, head }`. `sort` is the server's name for the order;
 * `wide` columns are left out on narrow screens; `head` marks the cell that names the row.
 * `rowHref(row)` makes the whole row open what its first link opens.
 */
export function dataTable({ caption, columns, rows, sort, onSort, rowHref }) {
  const header = (column) => {
    const sorted = column.sort && column.sort === sort;
    const label =
      column.sort && onSort
        ? h(
            'button',
            { type: 'button', class: 'sort', 'data-sort': column.sort, onclick: () => onSort(column.sort) },
            column.label,
            h('span', { 'aria-hidden': 'true' }, sorted ? ' ↓' : ''),
          )
        : column.label;
    return h(
      'th',
      { scope: 'col', class: cellClass(column), 'aria-sort': sorted ? 'descending' : null },
      label,
    );
  };
  const line = (row) => {
    const target = rowHref?.(row);
    return h(
      'tr',
      { class: target ? 'opens' : '', onclick: target ? (event) => openRow(event, target) : null },
      columns.map((column) =>
        h(
          column.head ? 'th' : 'td',
          { class: cellClass(column), scope: column.head ? 'row' : null },
          column.cell(row),
        ),
      ),
    );
  };
  return h(
    'div',
    { class: 'table-scroll', role: 'region', tabindex: 0, 'aria-label': caption },
    h(
      'table',
      { class: 'data' },
      h('caption', { class: 'visually-hidden' }, caption),
      h('thead', null, h('tr', null, columns.map(header))),
      h('tbody', null, rows.map(line)),
    ),
  );
}

const known = (value) => value !== null && value !== undefined;

/** Where in the list this page is, and the way to the next. `page` counts from 1. */
function pager({ total, size, page, shown, hasNext, onNext, onBack, onFirst }) {
  if (page <= 1 && !hasNext) return null;
  const from = (page - 1) * size + 1;
  const button = (label, key, action, enabled) =>
    h('button', { type: 'button', 'data-page': key, disabled: !enabled, onclick: action }, label);
  return h(
    'nav',
    { class: 'pager', 'aria-label': t('table.pages') },
    // Some filtered lists are not counted: that would take a pass over everything.
    h(
      'span',
      null,
      t(known(total) ? 'table.range' : 'table.rangeOpen', { from, to: from + shown - 1, total }),
    ),
    page > 2 ? button(t('table.first'), 'first', onFirst, true) : null,
    button(t('table.previous'), 'previous', onBack, page > 1),
    button(t('table.next'), 'next', onNext, hasNext),
  );
}

/**
 * Paging by cursor with the page number in the address. Cursors lead only forward, so the ones
 * already passed are remembered; a link from elsewhere goes back to the first page instead.
 */
export function cursorPaging(context, reload) {
  const passed = [];
  return {
    reset: () => {
      passed.length = 0;
    },
    controls(list, size) {
      const page = Number(context.query.page ?? 1);
      const move = (cursor, number) => {
        context.setQuery({ cursor, page: number > 1 ? number : null });
        reload();
      };
      return pager({
        total: list.total,
        size,
        page,
        shown: list.items.length,
        hasNext: Boolean(list.next_cursor),
        onNext: () => {
          passed.push(context.query.cursor ?? '');
          move(list.next_cursor, page + 1);
        },
        onBack: () => (passed.length > 0 ? move(passed.pop(), page - 1) : move(null, 1)),
        onFirst: () => {
          passed.length = 0;
          move(null, 1);
        },
      });
    },
  };
}

function cellClass(column) {
  return [column.number ? 'number' : '', column.wide ? 'wide-only' : ''].filter(Boolean).join(' ');
}

function openRow(event, target) {
  const onControl = event.target.closest('a, button, input, select, textarea, summary');
  if (!onControl && !window.getSelection()?.toString()) location.hash = target;
}
