// Aspects: what do customers speak of, is it praise or complaint, and how does that change?
import * as api from '../app/api.js';
import { goodBadWeeks } from '../app/charts-voice.js';
import { wholeWeeks } from '../app/charts.js';
import { debounce, h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { createStore } from '../app/store.js';
import { quotesHref, weekHref } from '../app/voice.js';
import { region } from '../components/async-region.js';
import { chartFigure } from '../components/chart-figure.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { filterChoices } from '../components/filter-choices.js';
import { section, sentences } from '../components/page-frame.js';
import { quoteList } from '../components/quote.js';
import { goodBadCell, mostOf, opinionWords } from '../components/said-lists.js';
import { notEnoughData, statePanel } from '../components/state-panel.js';
import { subjectFilter } from '../components/subject-filter.js';
import { sentimentMark } from '../components/voice-marks.js';
import { orNothingRead, voicePage } from '../components/voice-page.js';

const SIZE = 25;
const QUOTES = 5;
/** An aspect that fewer sentences name is not called the best or the worst. */
const ENOUGH = 10;
const SORTS = ['worst', 'best'];

/** Draws the page. */
export default function voice(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const subject = () => ({ item_id: query.item_id, category: query.category });
  const listQuery = () => ({ ...subject(), query: query.query, sort: query.sort ?? 'mentions' });
  const load = () =>
    store
      .load('aspects', (signal) =>
        api.get(['voice', 'aspects'], { ...listQuery(), limit: SIZE, cursor: query.cursor }, signal),
      )
      .then((slice) => {
        if (slice.status === 'ready') open(chosenOf(slice.data));
        return slice;
      });
  const paging = cursorPaging(context, load);
  const change = (patch, options) => {
    paging.reset();
    context.setQuery({ ...patch, cursor: null, page: null }, options);
    load();
  };
  const chosenOf = (list) =>
    list.items.find((one) => one.aspect === query.aspect) ??
    // A link may name an aspect that the list does not show.
    (query.aspect ? { aspect: query.aspect } : list.items[0]);
  const choose = (aspect) => {
    context.setQuery({ aspect });
    const { data } = store.get('aspects');
    store.put('aspects', data);
    open(chosenOf(data));
  };

  /** Loads what is behind an aspect: its figures where the list lacks them, and its newest quotes. */
  function open(chosen) {
    if (!chosen) return;
    store.load('chosen', async (signal) => {
      const [{ items }, quotes] = await Promise.all([
        chosen.mentions === undefined
          ? api.get(['voice', 'aspects'], { ...subject(), query: chosen.aspect, limit: SIZE }, signal)
          : { items: [chosen] },
        api.get(
          ['voice', 'statements'],
          { ...subject(), aspect: chosen.aspect, limit: QUOTES },
          signal,
        ),
      ]);
      return { aspect: items.find((one) => one.aspect === chosen.aspect) ?? null, name: chosen.aspect, quotes };
    });
  }

  voicePage(
    context,
    'aspects',
    { parts: ['voice', 'aspects'], query: listQuery, name: 'aspects' },
    region(store, 'aspects', (list) => lead(list, query), 2),
    filters(context, change),
    h(
      'div',
      { class: 'columns' },
      section(
        t('voice.aspects'),
        region(store, 'aspects', (list) => table(list, { query, paging, choose, chosenOf }), 12),
      ),
      region(store, 'chosen', (data) => detail(data, { context, subject: subject() }), 12),
    ),
  );
  orNothingRead(load(), context, 'aspects', () => voice(context));
}

const shareOfBad = ({ good, bad, mentions }) => (mentions ? bad / mentions : good ? 0 : 1);

function lead(list, query) {
  const known = list.items.filter((one) => one.mentions >= ENOUGH);
  if (known.length === 0) return sentences([t('voice.leadFew')]);
  const most = known.reduce((one, other) => (other.mentions > one.mentions ? other : one));
  const worst = known.reduce((one, other) => (shareOfBad(other) > shareOfBad(one) ? other : one));
  const best = known.reduce((one, other) => (shareOfBad(other) < shareOfBad(one) ? other : one));
  return [
    sentences([
      t('voice.lead', { aspect: most.aspect, count: most.mentions, bad: format.percent(shareOfBad(most), 0) }),
      worst === best
        ? null
        : t('voice.leadEnds', {
            worst: worst.aspect,
            bad: format.percent(shareOfBad(worst), 0),
            best: best.aspect,
            good: format.percent(best.good / best.mentions, 0),
          }),
    ]),
    h('p', { class: 'unit' }, t(query.item_id || query.category ? 'voice.noteNarrow' : 'voice.note')),
  ];
}

function filters(context, change) {
  const { query } = context;
  const input = h('input', {
    type: 'search',
    'data-filter': true,
    value: query.query ?? '',
    placeholder: t('voice.filter'),
    'aria-label': t('voice.filter'),
    oninput: debounce(() => change({ query: input.value.trim() }, { replace: true }), 200),
  });
  return h(
    'div',
    { class: 'request' },
    subjectFilter(context, change),
    h(
      'div',
      { class: 'filters' },
      filterChoices({
        label: t('voice.sort'),
        name: 'sort',
        values: SORTS.map((sort) => [sort, t(`voice.sort.${sort}`)]),
        all: t('voice.sort.mentions'),
        query,
        change,
      }),
      input,
    ),
  );
}

function table(list, { query, paging, choose, chosenOf }) {
  if (list.items.length === 0)
    return statePanel('empty', { title: t('voice.none'), detail: t('voice.noneDetail') });
  const most = mostOf(list.items);
  const chosen = chosenOf(list)?.aspect;
  const narrow = { item_id: query.item_id, category: query.category };
  return [
    dataTable({
      caption: t('voice.aspects'),
      rows: list.items,
      columns: [
        {
          label: t('voice.aspect'),
          head: true,
          cell: (row) =>
            h(
              'button',
              {
                type: 'button',
                class: 'link',
                'aria-pressed': String(row.aspect === chosen),
                'data-aspect': row.aspect,
                onclick: () => {
                  choose(row.aspect);
                  document.querySelector(`[data-aspect="${CSS.escape(row.aspect)}"]`)?.focus();
                },
              },
              row.aspect,
            ),
        },
        { label: t('voice.badGood'), cell: (row) => goodBadCell(row, most, narrow) },
        {
          label: t('said.sentiment'),
          cell: (row) => sentimentMark(row.sentiment, row.sentiment_interval),
        },
        { label: t('voice.opinions'), wide: true, cell: (row) => opinionWords(row, 2) },
      ],
    }),
    paging.controls(list, SIZE),
  ];
}

function detail({ aspect, name, quotes }, { context, subject }) {
  const all = h(
    'p',
    null,
    h('a', { href: quotesHref({ ...subject, aspect: name }) }, t('voice.allQuotes', { aspect: name })),
  );
  return [
    section(
      t('voice.overTime', { aspect: name }),
      aspect ? weeks(aspect, context.shop, subject) : notEnoughData(),
      aspect ? h('p', { class: 'unit' }, `${t('voice.opinions')}: ${opinionWords(aspect, 6)}`) : null,
    ),
    section(t('said.quotes'), quoteList(quotes.items, { find: name }), all),
  ];
}

const FEWEST_WEEKS = 3;

function weeks(aspect, shop, subject) {
  const points = wholeWeeks(aspect.series ?? [], shop);
  if (points.length < FEWEST_WEEKS) return statePanel('waiting', { title: t('today.fewWeeks') });
  const opens = (point) => weekHref(point.week, { aspect: aspect.aspect, ...subject });
  return chartFigure({
    title: t('voice.chartFinding', {
      bad: format.percent(shareOfBad(aspect), 0),
      count: aspect.mentions,
    }),
    unit: t('voice.chartUnit'),
    note: t('voice.chartNote'),
    size: 'small',
    option: goodBadWeeks(points),
    onSelect: (index) => {
      location.hash = opens(points[index]);
    },
    table: {
      columns: [t('chart.week'), t('tone.good'), t('tone.bad')],
      rows: [...points]
        .reverse()
        .map((point) => [
          h(
            'a',
            { href: opens(point) },
            format.day(point.week, { year: 'numeric', month: 'short', day: 'numeric' }),
          ),
          format.count(point.good),
          format.count(point.bad),
        ]),
    },
  });
}
