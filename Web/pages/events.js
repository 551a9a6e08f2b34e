// The events behind a number: what every drill-down ends in.
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { pageHead, sentences, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

const SIZE = 50;

/** Draws the page. */
export default function events(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const listQuery = () => ({
    customer_id: query.customer_id,
    item_id: query.item_id,
    category: query.category,
    kind: query.kind,
    from: query.from,
    to: query.to,
  });
  const load = () =>
    store.load('list', (signal) =>
      api.get(['events'], { ...listQuery(), limit: SIZE, cursor: query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  showPage(
    context.root,
    t('events.title'),
    pageHead({ title: t('events.title'), csv: { parts: ['events'], query: listQuery, name: 'events' } }),
    region(store, 'list', (list) => sentences([lead(list, query)]), 1),
    filters(query),
    region(store, 'list', (list) => table(list, paging), 14),
  );
  load();
}

function lead(list, query) {
  const count = list.total ?? list.items.length;
  if (query.from && query.to) {
    const last = new Date(new Date(query.to).getTime() - 1).toISOString();
    return t('events.leadBetween', { count, from: format.date(query.from), to: format.date(last) });
  }
  return t('events.lead', { count });
}

function filters(query) {
  const shown = ['customer_id', 'item_id', 'category', 'kind'].filter((name) => query[name]);
  if (shown.length === 0) return null;
  return h(
    'p',
    { class: 'chips' },
    shown.map((name) =>
      h(
        'a',
        {
          class: 'chip',
          href: href(['events'], { ...query, [name]: null, cursor: null, page: null }),
          'aria-label': t('events.without', { name: t(`events.filter.${name}`), value: query[name] }),
        },
        `${t(`events.filter.${name}`)}: ${name === 'kind' ? tOr(`event.${query[name]}`, query[name]) : query[name]} `,
        h('span', { 'aria-hidden': 'true' }, '×'),
      ),
    ),
  );
}

function table(list, paging) {
  if (list.items.length === 0)
    return statePanel('empty', {
      title: t('events.none'),
      detail: t('events.noneDetail'),
      action: h('a', { href: href(['events']) }, t('action.clearFilters')),
    });
  return [
    dataTable({
      caption: t('events.title'),
      rows: list.items,
      columns: [
        { label: t('events.when'), head: true, cell: (row) => format.dateTime(row.timestamp) },
        { label: t('events.filter.kind'), wide: true, cell: (row) => tOr(`event.${row.kind}`, row.kind) },
        {
          label: t('customers.customer'),
          cell: (row) =>
            row.customer_id
              ? h('a', { href: href(['customers', row.customer_id]) }, row.customer_id)
              : format.MISSING,
        },
        {
          label: t('events.item'),
          cell: (row) =>
            row.item_id
              ? h('a', { href: href(['items', row.item_id]) }, row.item_title || row.item_id)
              : (row.query ?? row.text ?? format.MISSING),
        },
        {
          label: t('customer.category'),
          wide: true,
          cell: (row) =>
            row.category ? h('a', { href: href(['needs', row.category]) }, row.category) : format.MISSING,
        },
        { label: t('events.quantity'), number: true, wide: true, cell: (row) => format.count(row.quantity) },
        {
          label: t('events.amount'),
          number: true,
          cell: (row) => (row.amount ? format.money(row.amount) : format.MISSING),
        },
        { label: t('events.order'), wide: true, cell: (row) => row.order_id ?? format.MISSING },
      ],
    }),
    paging.controls(list, SIZE),
  ];
}
