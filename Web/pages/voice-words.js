// Words: which words do customers use, which come with complaints, and what do they stand beside?
import * as api from '../app/api.js';
import { weeklyLine, wholeWeeks } from '../app/charts.js';
import { debounce, h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { quotesHref, weekHref } from '../app/voice.js';
import { region } from '../components/async-region.js';
import { chartFigure } from '../components/chart-figure.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { filterChoices } from '../components/filter-choices.js';
import { shareBar, signedBar, trendMark } from '../components/marks.js';
import { section, sentences } from '../components/page-frame.js';
import { quoteList } from '../components/quote.js';
import { statePanel } from '../components/state-panel.js';
import { sentimentMark } from '../components/voice-marks.js';
import { orNothingRead, voicePage } from '../components/voice-page.js';

const SIZE = 25;
const SORTS = ['bad', 'good', 'rising'];
const NEIGHBOURS = 12;
const FEWEST_WEEKS = 3;
const CERTAIN = 1.96;

/** Draws the page. */
export default function voiceWords(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const listQuery = () => ({ query: query.query, sort: query.sort ?? 'frequency' });
  const load = () =>
    store
      .load('words', (signal) =>
        api.get(['voice', 'words'], { ...listQuery(), limit: SIZE, cursor: query.cursor }, signal),
      )
      .then((slice) => {
        const word = query.word ?? slice.data?.items[0]?.word;
        if (slice.status === 'ready' && word) open(word);
        return slice;
      });
  const open = (word) => store.load('word', (signal) => api.get(['voice', 'words', word], {}, signal));
  const paging = cursorPaging(context, load);
  const change = (patch, options) => {
    paging.reset();
    context.setQuery({ ...patch, word: null, cursor: null, page: null }, options);
    load();
  };
  const choose = (word) => {
    context.setQuery({ word });
    store.put('words', store.get('words').data);
    open(word);
  };
  voicePage(
    context,
    'words',
    { parts: ['voice', 'words'], query: listQuery, name: 'words' },
    region(store, 'words', (list) => lead(list, query), 2),
    filters(query, change),
    h(
      'div',
      { class: 'columns' },
      section(
        t('voice.tab.words'),
        region(store, 'words', (list) => table(list, { query, choose, paging }), 14),
      ),
      region(store, 'word', (word) => detail(word, { choose, shop: context.shop }), 12),
    ),
  );
  orNothingRead(load(), context, 'words', () => voiceWords(context));
}

function lead(list, query) {
  const [first] = list.items;
  if (!first) return sentences([t('words.leadNone')]);
  const sort = SORTS.includes(query.sort) ? query.sort : 'frequency';
  return [
    sentences([
      t(`words.lead.${sort}`, {
        word: first.word,
        count: first.texts,
        others: list.items
          .slice(1, 4)
          .map((one) => one.word)
          .join(' · '),
      }),
    ]),
    h('p', { class: 'unit' }, t('words.note')),
  ];
}

function filters(query, change) {
  const input = h('input', {
    type: 'search',
    'data-filter': true,
    value: query.query ?? '',
    placeholder: t('words.filter'),
    'aria-label': t('words.filter'),
    oninput: debounce(() => change({ query: input.value.trim() }, { replace: true }), 200),
  });
  return h(
    'div',
    { class: 'filters' },
    filterChoices({
      label: t('voice.sort'),
      name: 'sort',
      values: SORTS.map((sort) => [sort, t(`words.sort.${sort}`)]),
      all: t('words.sort.frequency'),
      query,
      change,
    }),
    input,
  );
}

function table(list, { query, choose, paging }) {
  if (list.items.length === 0)
    return statePanel('empty', {
      title: t('words.none'),
      detail: t('words.noneDetail'),
      action: h('a', { href: href(['voice', 'words']) }, t('action.clearFilters')),
    });
  const chosen = query.word ?? list.items[0].word;
  const scale = Math.max(...list.items.map((one) => Math.abs(one.lift_bad ?? 0)), 1);
  return [
    dataTable({
      caption: t('voice.tab.words'),
      rows: list.items,
      columns: [
        {
          label: t('words.word'),
          head: true,
          cell: (row) =>
            h(
              'button',
              {
                type: 'button',
                class: 'link',
                'aria-pressed': String(row.word === chosen),
                'data-word': row.word,
                onclick: () => {
                  choose(row.word);
                  document.querySelector(`[data-word="${CSS.escape(row.word)}"]`)?.focus();
                },
              },
              row.word,
            ),
        },
        {
          label: t('words.texts'),
          number: true,
          cell: (row) => h('a', { href: quotesHref({ word: row.word }) }, format.count(row.texts)),
        },
        { label: t('needs.customers'), number: true, wide: true, cell: (row) => format.count(row.customers) },
        { label: t('words.lift'), cell: (row) => liftMark(row.lift_bad, scale) },
        { label: t('said.trend'), number: true, wide: true, cell: (row) => trendMark(row.trend) },
      ],
    }),
    paging.controls(list, SIZE),
  ];
}

/** Whether a word is one of complaints or of praise; the bar grows to the side that it belongs to. */
function liftMark(lift, scale) {
  if (lift === null || lift === undefined) return h('span', { class: 'muted' }, format.MISSING);
  const word = Math.abs(lift) < CERTAIN ? 'words.neither' : lift > 0 ? 'words.ofBad' : 'words.ofGood';
  return h(
    'span',
    { class: 'sentiment', title: t('words.z', { value: format.signed(lift, 1) }) },
    signedBar(-lift, scale),
    h('span', { class: Math.abs(lift) < CERTAIN ? 'muted' : '' }, t(word)),
  );
}

function detail(word, { choose, shop }) {
  const most = Math.max(...word.neighbours.map((one) => one.npmi), Number.EPSILON);
  return [
    section(
      t('words.about', { word: word.word }),
      h(
        'p',
        null,
        t('words.facts', { count: word.texts, customers: format.count(word.customers) }),
        ' ',
        sentimentMark(word.sentiment),
      ),
      weeks(word, shop),
    ),
    section(
      t('words.neighbours'),
      word.neighbours.length === 0
        ? statePanel('empty', { title: t('words.noNeighbours') })
        : [
            h(
              'ul',
              { class: 'neighbours' },
              word.neighbours.slice(0, NEIGHBOURS).map((one) =>
                h(
                  'li',
                  null,
                  h(
                    'button',
                    { type: 'button', class: 'link', onclick: () => choose(one.word) },
                    one.word,
                  ),
                  h(
                    'span',
                    { title: t('words.npmi', { value: format.decimal(one.npmi, 2), count: one.sentences }) },
                    shareBar(one.npmi / most, { digits: 0 }),
                  ),
                ),
              ),
            ),
            h('p', { class: 'unit' }, t('words.neighboursNote')),
          ],
    ),
    section(
      t('said.quotes'),
      quoteList(word.quotes, { find: word.word }),
      h(
        'p',
        null,
        h('a', { href: quotesHref({ word: word.word }) }, t('voice.allQuotes', { aspect: word.word })),
      ),
    ),
  ];
}

function weeks(word, shop) {
  const points = wholeWeeks(word.series ?? [], shop).map((point) => ({
    ...point,
    value: point.written > 0 ? point.texts / point.written : 0,
  }));
  if (points.length < FEWEST_WEEKS) return statePanel('waiting', { title: t('today.fewWeeks') });
  return chartFigure({
    title: t('words.weekly', { word: word.word }),
    unit: t('words.weeklyUnit'),
    size: 'small',
    onSelect: (index) => {
      location.hash = weekHref(points[index].week, { word: word.word });
    },
    option: weeklyLine(points, {
      name: word.word,
      formatAxis: (value) => format.percent(value, 0),
      rows: (point) => [
        [t('words.texts'), format.count(point.texts)],
        [t('words.share'), format.percent(point.value)],
        [t('words.written'), format.count(point.written)],
      ],
    }),
    table: {
      columns: [t('chart.week'), t('words.texts'), t('words.written')],
      rows: [...points]
        .reverse()
        .map((point) => [
          h(
            'a',
            { href: weekHref(point.week, { word: word.word }) },
            format.day(point.week, { year: 'numeric', month: 'short', day: 'numeric' }),
          ),
          format.count(point.texts),
          format.count(point.written),
        ]),
    },
  });
}
