// Compare: on which points do products or categories differ in what customers say of them?
import * as api from '../app/api.js';
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { itemsOf } from '../app/items.js';
import { listOf, listText } from '../app/page-request.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { quotesHref } from '../app/voice.js';
import { region } from '../components/async-region.js';
import { dataTable } from '../components/data-table.js';
import { probability, tag } from '../components/marks.js';
import { choices, sentences } from '../components/page-frame.js';
import { askCategories, askItems } from '../components/page-request-form.js';
import { pickList } from '../components/pick-list.js';
import { statePanel } from '../components/state-panel.js';
import { sentimentMark } from '../components/voice-marks.js';
import { orNothingRead, voicePage } from '../components/voice-page.js';

const FEWEST = 2;
const MOST = 5;
const LEVEL = 0.05;
/** How many aspects are shown first: what differs, then what is named most. */
const SHOWN = 20;

/** Draws the page. */
export default function voiceCompare(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const kind = query.category || query.by === 'category' ? 'category' : 'item_id';
  const ids = () => listOf(query[kind]);
  const request = () => ({ [kind]: ids() });
  const result = h('div', { class: 'stack' });
  const load = () => {
    if (ids().length < FEWEST) {
      replace(result, tooFew());
      return;
    }
    replace(
      result,
      region(store, 'compare', (data) => report(data, kind), 12),
    );
    orNothingRead(
      store.load('compare', (signal) => api.get(['voice', 'compare'], request(), signal)),
      context,
      'compare',
      () => voiceCompare(context),
    );
  };
  voicePage(
    context,
    'compare',
    null,
    subjects(context, kind, ids, (next) => {
      context.setQuery({
        [kind]: next.length > 0 ? listText(next) : null,
        by: kind === 'category' ? kind : null,
      });
      load();
    }),
    result,
  );
  load();
}

const tooFew = () => [
  sentences([t('compare.voice.question')]),
  statePanel('empty', { title: t('compare.voice.pick'), detail: t('compare.voice.pickDetail') }),
];

/** What is compared: items or categories, two to five of them. */
function subjects(context, kind, ids, set) {
  const names = new Map();
  const chips = h('span', { class: 'chips' });
  const field = pickList({
    label: t(kind === 'item_id' ? 'compare.voice.addItem' : 'compare.voice.addCategory'),
    placeholder: t(kind === 'item_id' ? 'recommend.itemHint' : 'recommend.categoryHint'),
    ask: kind === 'item_id' ? askItems : askCategories,
    several: true,
    free: kind === 'category',
    onPick: (value, text) => {
      if (!value || ids().length >= MOST) return;
      names.set(value, text);
      set([...new Set([...ids(), value])]);
      draw();
    },
  });
  const draw = () => {
    field.querySelector('input').disabled = ids().length >= MOST;
    replace(
      chips,
      ids().map((id) =>
        h(
          'button',
          {
            type: 'button',
            class: 'chip',
            'aria-label': t('recommend.withoutItem', { item: names.get(id) ?? id }),
            onclick: () => {
              set(ids().filter((other) => other !== id));
              draw();
              field.querySelector('input').focus();
            },
          },
          names.get(id) ?? id,
          ' ×',
        ),
      ),
    );
  };
  draw();
  if (kind === 'item_id')
    itemsOf(ids(), context.signal).then((found) => {
      if (context.signal.aborted) return;
      for (const [id, { title }] of found) if (title) names.set(id, title);
      draw();
    });
  return h(
    'div',
    { class: 'request' },
    choices(
      t('compare.voice.what'),
      [
        ['item_id', 'compare.voice.items', {}],
        ['category', 'compare.voice.categories', { by: 'category' }],
      ].map(([name, key, first]) => ({
        text: t(key),
        href: href(['voice', 'compare'], first),
        chosen: name === kind,
      })),
      { labelled: true },
    ),
    h('div', { class: 'fields' }, field),
    chips,
  );
}

function report({ subjects: columns, aspects }, kind) {
  const known = aspects.filter(({ cells }) => cells.filter(Boolean).length >= FEWEST);
  const differing = known
    .filter((row) => differs(row))
    .sort((one, other) => (one.q_value ?? 1) - (other.q_value ?? 1));
  const rows = [...aspects].sort(
    (one, other) => Number(differs(other)) - Number(differs(one)) || mentions(other) - mentions(one),
  );
  return [
    sentences([
      finding(columns, differing),
      differing.length > 1
        ? t('compare.voice.also', {
            aspects: differing
              .slice(1, 4)
              .map((row) => row.aspect)
              .join(' · '),
          })
        : null,
    ]),
    h('p', { class: 'unit' }, t('compare.voice.note')),
    heads(columns, kind),
    shortened(rows, (shown) => matrix(columns, shown, kind)),
  ];
}

/** The first rows, and a button for all of them. */
function shortened(rows, draw) {
  const place = h('div', { class: 'stack' }, draw(rows.slice(0, SHOWN)));
  if (rows.length > SHOWN)
    place.append(
      h(
        'p',
        null,
        h(
          'button',
          { type: 'button', 'data-action': 'all', onclick: () => replace(place, draw(rows)) },
          t('compare.voice.all', { count: rows.length }),
        ),
      ),
    );
  return place;
}

const differs = ({ q_value: q, p_value: p }) => (q ?? p ?? 1) <= LEVEL;
/** Only products of five mentions take part in the test. */
const isTested = (cell) => cell && cell.mentions >= 5;
const mentions = ({ cells }) => cells.reduce((sum, cell) => sum + (cell?.mentions ?? 0), 0);

function finding(columns, differing) {
  const [first] = differing;
  if (!first) return t('compare.voice.same');
  const scored = first.cells
    .map((cell, index) => ({ cell, name: columns[index].label }))
    .filter(({ cell }) => isTested(cell))
    .sort((one, other) => other.cell.sentiment - one.cell.sentiment);
  return t('compare.voice.differ', {
    aspect: first.aspect,
    best: scored[0].name,
    worst: scored.at(-1).name,
    high: format.signed(scored[0].cell.sentiment),
    low: format.signed(scored.at(-1).cell.sentiment),
  });
}

/** Who is compared, with what each rests on. */
function heads(columns, kind) {
  return h(
    'dl',
    { class: 'figures' },
    columns.map((one) =>
      h(
        'div',
        null,
        h(
          'dt',
          null,
          h('a', { href: kind === 'item_id' ? href(['items', one.id]) : href(['needs', one.id]) }, one.label),
        ),
        h('dd', null, sentimentMark(one.sentiment)),
        h(
          'dd',
          { class: 'note' },
          h('a', { href: quotesHref({ [kind]: one.id }) }, t('compare.voice.texts', { count: one.texts })),
          one.rating === null || one.rating === undefined
            ? null
            : ` · ${t('compare.voice.rating', { value: format.decimal(one.rating, 1) })}`,
        ),
      ),
    ),
  );
}

function matrix(columns, rows, kind) {
  const best = (row) =>
    differs(row) ? Math.max(...row.cells.filter(isTested).map((cell) => cell.sentiment)) : null;
  return dataTable({
    caption: t('compare.voice.matrix'),
    rows,
    columns: [
      { label: t('voice.aspect'), head: true, cell: (row) => row.aspect },
      ...columns.map((one, index) => ({
        label: one.label,
        cell: (row) => {
          const cell = row.cells[index];
          if (!cell) return h('span', { class: 'muted' }, t('compare.voice.notSaid'));
          return [
            sentimentMark(cell.sentiment, cell.interval),
            h(
              'span',
              { class: 'note' },
              h(
                'a',
                { href: quotesHref({ [kind]: one.id, aspect: row.aspect }) },
                t('said.statements', { count: cell.mentions }),
              ),
              h(
                'span',
                { class: 'wide-only' },
                ` ${t('said.between', {
                  lower: format.signed(cell.interval.lower),
                  upper: format.signed(cell.interval.upper),
                })}`,
              ),
              cell.sentiment === best(row) ? [' ', tag(t('compare.voice.best'), 'good')] : null,
            ),
          ];
        },
      })),
      {
        label: t('compare.voice.differs'),
        wide: true,
        cell: (row) => {
          const test = row.q_value ?? row.p_value;
          if (test === null || test === undefined)
            return h('span', { class: 'muted' }, t('compare.voice.tooFew'));
          const text = t(row.q_value === null || row.q_value === undefined ? 'trend.p' : 'trend.q', {
            value: probability(test),
          });
          return [
            differs(row) ? t('compare.voice.yes') : h('span', { class: 'muted' }, t('compare.voice.chance')),
            h('span', { class: 'note' }, text),
          ];
        },
      },
    ],
  });
}
