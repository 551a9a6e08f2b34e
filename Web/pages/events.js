// The events behind a number: what every drill-down ends in.
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { chips, pageHead, sentences, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

const SIZE = 50;
const WORDS = 120;

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
    region(store, 'list', (list) => sentences([t('events.lead', { count: list.total })]), 1),
    filters(query),
    region(store, 'list', (list) => table(list, paging), 14),
  );
  load();
}

function filters(query) {
  const without = (...names) => {
    const kept = Object.entries(query).filter(([name]) => !['cursor', 'page', ...names].includes(name));
    return href(['events'], Object.fromEntries(kept));
  };
  const shown = ['customer_id', 'item_id', 'category', 'kind']
    .filter((name) => query[name])
    .map((name) => ({
      name: t(`events.filter.${name}`),
      value: name === 'kind' ? tOr(`event.${query[name]}`, query[name]) : query[name],
      href: without(name),
    }));
  if (query.from || query.to) {
    shown.push({ name: t('events.filter.period'), value: format.period(query), href: without('from', 'to') });
  }
  return chips(shown);
}

/** The first words of a text. */
const clipped = (text) => (text.length > WORDS ? `${text.slice(0, WORDS)}…` : text);

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
              ? [
                  h('a', { href: href(['items', row.item_id]) }, row.item_title || row.item_id),
                  row.text ? h('span', { class: 'path', title: row.text }, clipped(row.text)) : null,
                ]
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
