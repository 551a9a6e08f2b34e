// Needs that customers state in their own words: what do they ask for, and what would it cost to ignore?
import * as api from '../app/api.js';
import { csvText } from '../app/csv.js';
import { debounce, h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, splitSentences, t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { KINDS, POSITIONS, positionName, STATUSES, TRENDS } from '../app/voice.js';
import { region } from '../components/async-region.js';
import { filterChoices } from '../components/filter-choices.js';
import { needsTabs } from '../components/needs-tabs.js';
import { choices, orError, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { saidMap } from '../components/said-map.js';
import { saidTable } from '../components/said-table.js';
import { notEnoughData, statePanel } from '../components/state-panel.js';
import { orNotMined, readingNote } from '../components/voice-mining.js';

const FILTERS = ['kind', 'trend', 'position', 'status', 'query'];

/** Draws the page. */
export default function needsSaid(context) {
  const { query, shop } = context;
  const store = createStore(context.signal);
  const title = t('nav.needs');
  const tabs = needsTabs('said');
  const isMap = query.view === 'map';
  const listQuery = () => ({
    ...Object.fromEntries(FILTERS.map((name) => [name, query[name]])),
    sort: query.sort ?? 'customers',
  });
  // The map's lines are the means of all needs, so it shows all.
  const load = () =>
    store.load('board', (signal) => api.get(['voice'], isMap ? {} : listQuery(), signal));
  const change = (patch, options) => {
    context.setQuery(patch, options);
    load();
  };
  const draw = () => needsSaid(context);
  showPage(
    context.root,
    title,
    pageHead({ title, csv: { text: () => boardCSV(store.get('board')?.data), name: 'needs-said' } }),
    tabs,
    region(store, 'board', (board) => lead(board, shop, draw), 3),
    section(
      t('said.all'),
      h('div', { class: 'filters' }, views(query), isMap ? null : search(query, change)),
      isMap ? null : filters(query, change),
      region(
        store,
        'board',
        (board) => (isMap ? map(board) : list(board, { query, change, shop })),
        14,
      ),
    ),
  );
  load().then((slice) => {
    if (!orNotMined(slice, context, { title, tabs }, draw)) orError(slice, context.root, title);
  });
}

const COLUMNS = [
  ['need_id', (need) => need.need_id],
  ['label', (need) => need.label],
  ['kind', (need) => need.kind],
  ['status', (need) => need.status],
  ['customers', (need) => need.customers],
  ['share_of_customers', (need) => need.share_of_customers],
  ['share_lower', (need) => need.share_interval?.lower],
  ['share_upper', (need) => need.share_interval?.upper],
  ['statements', (need) => need.statements],
  ['sentiment', (need) => need.sentiment],
  ['trend', (need) => need.trend?.direction],
  ['change', (need) => need.trend?.change],
  ['q_value', (need) => need.trend?.q_value],
  ['kano', (need) => need.kano?.class],
  ['position', (need) => need.position],
  ['at_stake', (need) => need.at_stake?.amount],
  ['currency', (need) => need.at_stake?.currency],
  ['purchase_need', (need) => need.purchase_need?.subject_id],
  ['quote', (need) => need.quotes?.[0]?.text],
];

/** The board comes whole, so its file is made of what is shown. */
const boardCSV = (board) =>
  csvText(
    COLUMNS.map(([name]) => name),
    (board?.needs ?? []).map((need) => COLUMNS.map(([, value]) => value(need))),
  );

function lead(board, shop, onMined) {
  return [
    sentences(splitSentences(local(board.findings))),
    readingNote(board, shop, onMined),
    board.can_embed === false ? h('p', { class: 'warn-text' }, t('said.noEmbedding')) : null,
  ];
}

/** The list or the map; both keep what the address says besides. */
function views(query) {
  return choices(
    t('said.view'),
    ['said', 'map'].map((view) => ({
      text: t(`said.view.${view}`),
      href: href(['needs'], { ...query, view }),
      chosen: query.view === view,
    })),
    { labelled: true },
  );
}

function search(query, change) {
  const input = h('input', {
    type: 'search',
    'data-filter': true,
    value: query.query ?? '',
    placeholder: t('said.filter'),
    'aria-label': t('said.filter'),
    oninput: debounce(() => change({ query: input.value.trim() }, { replace: true }), 200),
  });
  return input;
}

function filters(query, change) {
  const row = (name, values, text) =>
    filterChoices({
      label: t(`said.filter.${name}`),
      name,
      values: values.map((value) => [value, text(value)]),
      query,
      change,
    });
  const more = h(
    'details',
    { class: 'more-filters', open: Boolean(query.position || query.status) },
    h('summary', null, t('said.moreFilters')),
    row('position', POSITIONS, positionName),
    row('status', STATUSES, (status) => t(`said.status.${status}`)),
  );
  return h(
    'div',
    { class: 'filters' },
    row('kind', KINDS, (kind) => t(`said.kind.${kind}`)),
    row('trend', TRENDS, (trend) => t(`trend.${trend}`)),
    more,
  );
}

function list(board, { query, change, shop }) {
  if (board.needs.length === 0) return nothing(query);
  return [
    h(
      'p',
      { class: 'unit' },
      [t('said.note'), board.ungrouped ? t('said.ungrouped', { count: board.ungrouped }) : null]
        .filter(Boolean)
        .join(' '),
    ),
    saidTable(board, {
      sort: query.sort ?? 'customers',
      onSort: (sort) => change({ sort }),
      shop,
    }),
    board.rejected && query.status !== 'rejected'
      ? h(
          'p',
          { class: 'more' },
          h(
            'a',
            { href: href(['needs'], { view: 'said', status: 'rejected' }) },
            t('said.rejected', { count: board.rejected }),
          ),
        )
      : null,
  ];
}

function map(board) {
  if (board.needs.length < 3) return notEnoughData(t('said.map.few', { count: format.count(3) }));
  return saidMap(board);
}

function nothing(query) {
  if (FILTERS.some((name) => query[name]))
    return statePanel('empty', {
      title: t('said.noMatch'),
      detail: t('said.noMatchDetail'),
      action: h('a', { href: href(['needs'], { view: 'said' }) }, t('action.clearFilters')),
    });
  return statePanel('waiting', { title: t('said.none'), detail: t('said.noneDetail') });
}
