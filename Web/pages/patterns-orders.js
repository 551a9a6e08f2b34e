// Patterns: the orders behind a figure.
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { idsOf } from '../app/patterns.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { pageHead, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

const SIZE = 50;

/** Draws the page. */
export default function orders(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const ids = idsOf(query);
  const title = t('patterns.ordersTitle', { names: ids.join(' + ') });
  const path = ['patterns', 'orders'];
  const listQuery = () => ({ id: ids, level: query.level ?? 'category' });
  const load = () =>
    store.load('list', (signal) => api.get(path, { ...listQuery(), limit: SIZE, cursor: query.cursor }, signal));
  const paging = cursorPaging(context, load);
  showPage(
    context.root,
    title,
    pageHead({
      title,
      back: { href: href(['patterns']), label: t('nav.patterns') },
      csv: { parts: path, query: listQuery, name: 'pattern-orders' },
    }),
    region(
      store,
      'list',
      (list) =>
        list.items.length === 0
          ? statePanel('empty', { title: t('patterns.noOrders') })
          : [
              h('p', { class: 'lead' }, t('patterns.ordersCount', { count: list.total })),
              table(list),
              paging.controls(list, SIZE),
            ],
      12,
    ),
  );
  load();
}

const day = (text) => format.day(text, { year: 'numeric', month: 'short', day: 'numeric' });

/** The events of a customer's day. */
const dayHref = (row) =>
  href(['events'], {
    customer_id: row.customer_id,
    kind: 'purchase',
    from: format.startOfDay(row.day),
    to: format.startOfDay(row.day, 1),
  });

function table(list) {
  return dataTable({
    caption: t('patterns.orders'),
    rows: list.items,
    columns: [
      {
        label: t('patterns.day'),
        head: true,
        cell: (row) => (row.customer_id ? h('a', { href: dayHref(row) }, day(row.day)) : day(row.day)),
      },
      {
        label: t('customers.customer'),
        cell: (row) =>
          row.customer_id
            ? h('a', { href: href(['customers', row.customer_id]) }, row.customer_id)
            : h('span', { class: 'muted' }, format.MISSING),
      },
      { label: t('patterns.lines'), number: true, cell: (row) => format.count(row.lines) },
    ],
  });
}
