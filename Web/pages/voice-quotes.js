// Quotes: what did customers write about this, word for word?
import * as api from '../app/api.js';
import { debounce, h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { quotesHref, STATEMENTS, TONES } from '../app/voice.js';
import { region } from '../components/async-region.js';
import { cursorPaging } from '../components/data-table.js';
import { filterChoices } from '../components/filter-choices.js';
import { chips, sentences } from '../components/page-frame.js';
import { quoteList } from '../components/quote.js';
import { statePanel } from '../components/state-panel.js';
import { subjectFilter } from '../components/subject-filter.js';
import { orNothingRead, voicePage } from '../components/voice-page.js';

const SIZE = 25;
const FILTERS = [
  'query',
  'aspect',
  'word',
  'need_id',
  'kind',
  'polarity',
  'item_id',
  'category',
  'customer_id',
  'from',
  'to',
];
/** Those that have no control of their own are chips, each a link to the list without it. */
const CHIPS = ['need_id', 'customer_id', 'aspect', 'word'];

/** Draws the page. */
export default function voiceQuotes(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const listQuery = () => Object.fromEntries(FILTERS.map((name) => [name, query[name]]));
  const load = () =>
    store.load('list', (signal) =>
      api.get(['voice', 'statements'], { ...listQuery(), limit: SIZE, cursor: query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  const change = (patch, options) => {
    paging.reset();
    context.setQuery({ ...patch, cursor: null, page: null }, options);
    load();
  };
  voicePage(
    context,
    'quotes',
    { parts: ['voice', 'statements'], query: listQuery, name: 'quotes' },
    region(store, 'list', (list) => sentences([lead(list, query)]), 1),
    filters(context, change),
    region(
      store,
      'needs',
      (needs) => [
        shownChips(query, needs),
        region(
          store,
          'list',
          (list) =>
            list.items.length === 0
              ? nothing(query)
              : [
                  quoteList(list.items, { needs, find: query.query ?? query.word ?? query.aspect }),
                  paging.controls(list, SIZE),
                ],
          14,
        ),
      ],
      1,
    ),
  );
  // The names of the needs that quotes link to; without them a link says only that there is one.
  store.load('needs', (signal) => needNames(signal));
  orNothingRead(load(), context, 'quotes', () => voiceQuotes(context));
}

/** The labels of needs by id. */
async function needNames(signal) {
  try {
    const { needs } = await api.get(['voice'], {}, signal);
    return new Map(needs.map((need) => [need.need_id, need.label]));
  } catch (error) {
    if (signal.aborted) throw error;
    return new Map();
  }
}

function lead(list, query) {
  const count = list.total ?? list.items.length;
  const more = list.total === null || list.total === undefined ? Boolean(list.next_cursor) : false;
  if (more) return t('quotes.leadOpen', { count });
  return query.query ? t('quotes.leadFor', { count, text: query.query }) : t('quotes.lead', { count });
}

function filters(context, change) {
  const { query } = context;
  const input = h('input', {
    type: 'search',
    'data-filter': true,
    value: query.query ?? '',
    placeholder: t('quotes.search'),
    'aria-label': t('quotes.search'),
    oninput: debounce(() => change({ query: input.value.trim() }, { replace: true }), 200),
  });
  return h(
    'div',
    { class: 'request' },
    h('div', { class: 'filters' }, input),
    h(
      'div',
      { class: 'filters' },
      filterChoices({
        label: t('quotes.tone'),
        name: 'polarity',
        values: TONES.map((tone) => [tone, t(`tone.${tone}`)]),
        query,
        change,
      }),
      filterChoices({
        label: t('quotes.kind'),
        name: 'kind',
        values: STATEMENTS.map((kind) => [kind, t(`statement.${kind}`)]),
        query,
        change,
      }),
    ),
    subjectFilter(context, change),
  );
}

function shownChips(query, needs) {
  const without = (...names) => {
    const kept = Object.entries(query).filter(([key]) => ![...names, 'cursor', 'page'].includes(key));
    return quotesHref(Object.fromEntries(kept));
  };
  const shown = CHIPS.filter((name) => query[name]).map((name) => ({
    name: t(`quotes.filter.${name}`),
    value: name === 'need_id' ? (needs.get(query[name]) ?? query[name]) : query[name],
    href: without(name),
  }));
  if (query.from || query.to) {
    shown.push({
      name: t('events.filter.period'),
      value: format.period(query),
      href: without('from', 'to'),
    });
  }
  return chips(shown);
}

function nothing(query) {
  return statePanel('empty', {
    title: t('quotes.none'),
    detail: t('quotes.noneDetail'),
    action: FILTERS.some((name) => query[name])
      ? h('a', { href: href(['voice', 'quotes']) }, t('action.clearFilters'))
      : null,
  });
}
