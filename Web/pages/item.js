// One item: what is it, what is like it, and who bought it lately?
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { dataTable } from '../components/data-table.js';
import { shareBar } from '../components/marks.js';
import { exportButton, orError, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { itemVoice, notReadYet } from '../components/subject-voice.js';
import { notEnoughData, statePanel } from '../components/state-panel.js';

const TELL_EXPORT = 500;

/** Draws the page. */
export default function item(context) {
  const { id } = context.params;
  const store = createStore(context.signal);
  const title = t('item.title', { id });
  showPage(
    context.root,
    title,
    pageHead({
      title,
      csv: { parts: ['events'], query: () => ({ item_id: id }), name: `item-${id}-events` },
    }),
    region(store, 'item', facts, 4),
    h(
      'div',
      { class: 'columns' },
      section(t('item.similar'), region(store, 'similar', similar, 6)),
      section(
        t('item.recent'),
        region(
          store,
          'events',
          (list) =>
            list.items.length === 0
              ? statePanel('empty', { title: t('item.noEvents') })
              : [
                  recent(list.items),
                  h(
                    'p',
                    null,
                    h(
                      'a',
                      { href: href(['events'], { item_id: id }) },
                      t('item.allEvents', { count: list.total }),
                    ),
                  ),
                ],
          6,
        ),
      ),
    ),
    section(
      t('voice.itemTitle'),
      region(store, 'voice', (list) => itemVoice(list, id), 4, notReadYet),
    ),
    section(t('item.tell'), region(store, 'tell', (list) => tell(list, id), 6)),
  );
  store.load('item', (signal) => api.get(['items', id], {}, signal)).then((slice) =>
    orError(slice, context.root, title),
  );
  store.load('similar', (signal) => api.get(['items', id, 'similar'], { limit: 8 }, signal));
  store.load('events', (signal) => api.get(['events'], { item_id: id, limit: 20 }, signal));
  store.load('voice', (signal) => api.get(['voice', 'aspects'], { item_id: id, limit: 20 }, signal));
  store.load('tell', (signal) => api.get(['items', id, 'customers'], { limit: 20 }, signal));
}

/** The customers who have not bought it and would most likely want it, each with the first reasons. */
function tell(list, id) {
  if (list.items.length === 0) return statePanel('empty', { title: t('item.tellNobody') });
  const most = Math.max(...list.items.map((row) => row.score ?? 0), Number.EPSILON);
  return [
    h(
      'div',
      { class: 'with-action' },
      h('p', null, t('item.tellLead', { count: list.items.length, considered: format.count(list.considered) })),
      exportButton(
        {
          parts: ['items', id, 'customers'],
          query: () => ({ limit: TELL_EXPORT }),
          name: `item-${id}-customers`,
        },
        'export-customers',
      ),
    ),
    dataTable({
      caption: t('item.tell'),
      rows: list.items,
      columns: [
        {
          label: t('customers.customer'),
          head: true,
          cell: (row) => h('a', { href: href(['customers', row.customer_id]) }, row.customer_id),
        },
        {
          label: t('item.tellScore'),
          cell: (row) => shareBar((row.score ?? 0) / most, { digits: 0 }),
        },
        {
          label: t('need.reason'),
          wide: true,
          cell: (row) => (row.reasons?.length ? local(row.reasons[0].text) : format.MISSING),
        },
        {
          label: t('models.action'),
          cell: (row) =>
            h(
              'a',
              { href: href(['recommend'], { customer: row.customer_id, wanted: id }) },
              t('item.tellOpen'),
            ),
        },
      ],
    }),
    h(
      'p',
      { class: 'unit' },
      t('item.tellModel', {
        model: list.model?.name ?? format.MISSING,
        version: list.model?.version ?? format.MISSING,
      }),
    ),
  ];
}

function facts(data) {
  const rows = [
    [
      t('customer.category'),
      data.category
        ? h(
            'a',
            { href: href(['needs', data.category]) },
            (data.category_path?.length ? data.category_path : [data.category]).join(' › '),
          )
        : null,
    ],
    [t('item.brand'), data.brand],
    [t('item.price'), data.price ? format.money(data.price) : null],
    ...Object.entries(data.attributes ?? {}).map(([name, value]) => [
      tOr(`attribute.${name}`, name.replaceAll('_', ' ')),
      String(value),
    ]),
  ].filter(([, value]) => value);
  return [
    sentences([data.title || data.item_id]),
    h(
      'dl',
      { class: 'facts' },
      rows.map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))),
    ),
    h(
      'p',
      null,
      h('a', { href: href(['demand', `item:${data.item_id}`]) }, t('item.toDemand')),
      ' · ',
      h('a', { href: href(['restock'], { query: data.item_id }) }, t('item.toRestock')),
    ),
  ];
}

function recent(events) {
  return dataTable({
    caption: t('item.recent'),
    rows: events,
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
      { label: t('events.quantity'), number: true, cell: (row) => format.count(row.quantity) },
      {
        label: t('events.amount'),
        number: true,
        cell: (row) => (row.amount ? format.money(row.amount) : format.MISSING),
      },
    ],
  });
}

function similar(list) {
  if (list.items.length === 0) return notEnoughData(t('item.noSimilar'));
  return [
    h(
      'ol',
      { class: 'recommendations' },
      list.items.map((entry) =>
        h(
          'li',
          null,
          h(
            'p',
            null,
            h('a', { href: href(['items', entry.item_id]) }, entry.title || entry.item_id),
            h('span', { class: 'number' }, format.decimal(entry.score, 2)),
          ),
          h('p', { class: 'unit' }, entry.category),
          entry.reasons?.length
            ? h(
                'ul',
                { class: 'reasons' },
                entry.reasons.map((reason) => h('li', null, local(reason.text ?? reason))),
              )
            : null,
        ),
      ),
    ),
    h(
      'p',
      { class: 'unit' },
      t('item.similarModel', {
        model: list.model?.name ?? format.MISSING,
        version: list.model?.version ?? format.MISSING,
      }),
    ),
  ];
}
