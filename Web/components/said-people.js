// All sentences of a need that is said, and all customers behind it: lists that the server filters and pages.
import * as api from '../app/api.js';
import { debounce, h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { quotesHref } from '../app/voice.js';
import { region } from './async-region.js';
import { cursorPaging, dataTable } from './data-table.js';
import { filterChoices } from './filter-choices.js';
import { exportButton, section } from './page-frame.js';
import { quoteList } from './quote.js';
import { statePanel } from './state-panel.js';
import { sentimentMark } from './voice-marks.js';

const SENTENCES = 20;
const CUSTOMERS = 20;

/** The section of sentences: `{ node, load(), query() }`. Its filters are in the address. */
export function saidSentences(context, store, id) {
  const { query } = context;
  const listQuery = () => ({ polarity: query.polarity, query: query.query });
  const load = () =>
    store.load('statements', (signal) =>
      api.get(
        ['voice', 'needs', id, 'statements'],
        { ...listQuery(), limit: SENTENCES, cursor: query.cursor },
        signal,
      ),
    );
  const paging = cursorPaging(context, load);
  const change = (patch, options) => {
    paging.reset();
    context.setQuery({ ...patch, cursor: null, page: null }, options);
    load();
  };
  const input = h('input', {
    type: 'search',
    'data-filter': true,
    value: query.query ?? '',
    placeholder: t('quotes.search'),
    'aria-label': t('quotes.search'),
    oninput: debounce(() => change({ query: input.value.trim() }, { replace: true }), 200),
  });
  const node = section(
    t('said.allSentences'),
    h(
      'div',
      { class: 'filters' },
      filterChoices({
        label: t('quotes.tone'),
        name: 'polarity',
        values: ['bad', 'good'].map((tone) => [tone, t(`tone.${tone}`)]),
        query,
        change,
      }),
      input,
    ),
    region(
      store,
      'statements',
      (list) => [
        quoteList(list.items, {
          without: ['need_id'],
          emptyDetail: query.query || query.polarity ? t('said.noMatchDetail') : null,
        }),
        paging.controls(list, SENTENCES),
      ],
      8,
    ),
  );
  node.id = 'sentences';
  return { node, load, query: listQuery };
}

/** The section of customers: `{ node, load() }`. More of them come below the first. */
export function saidCustomers(context, store, id) {
  const path = ['voice', 'needs', id, 'customers'];
  const load = () => store.load('customers', (signal) => api.get(path, { limit: CUSTOMERS }, signal));
  const loadMore = (list) =>
    store.load('customers', async (signal) => {
      const next = await api.get(path, { limit: CUSTOMERS, cursor: list.next_cursor }, signal);
      return { ...next, items: [...list.items, ...next.items] };
    });
  const node = section(
    t('said.who'),
    h(
      'div',
      { class: 'with-action' },
      h('p', { class: 'unit' }, t('said.whoNote')),
      exportButton({ parts: path, query: () => ({}), name: `need-${id}-customers` }, 'export-customers'),
    ),
    region(
      store,
      'customers',
      (list) => [
        people(list, id),
        list.next_cursor
          ? h(
              'p',
              null,
              h(
                'button',
                { type: 'button', 'data-action': 'more', onclick: () => loadMore(list) },
                t('said.moreCustomers'),
              ),
            )
          : null,
      ],
      6,
    ),
  );
  node.id = 'customers';
  return { node, load };
}

function people(list, id) {
  if (list.items.length === 0) return statePanel('empty', { title: t('said.nobody') });
  return dataTable({
    caption: t('said.who'),
    rows: list.items,
    rowHref: (row) => href(['customers', row.customer_id]),
    columns: [
      {
        label: t('customers.customer'),
        head: true,
        cell: (row) => h('a', { href: href(['customers', row.customer_id]) }, row.customer_id),
      },
      {
        label: t('said.sentences'),
        number: true,
        cell: (row) =>
          h(
            'a',
            { href: quotesHref({ need_id: id, customer_id: row.customer_id }) },
            format.count(row.statements),
          ),
      },
      { label: t('said.sentiment'), wide: true, cell: (row) => sentimentMark(row.sentiment) },
      {
        label: t('customers.spend'),
        number: true,
        cell: (row) => (row.spent ? format.money(row.spent) : format.MISSING),
      },
      { label: t('said.last'), number: true, wide: true, cell: (row) => format.date(row.last_at) },
      {
        label: t('said.quote'),
        wide: true,
        cell: (row) =>
          row.quote ? h('span', { class: 'clip', title: row.quote }, row.quote) : format.MISSING,
      },
    ],
  });
}
