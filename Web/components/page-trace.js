// How a page came about: what was named, what the rules did, and what became of each candidate.
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { dataTable } from './data-table.js';
import { shareBar, tag } from './marks.js';
import { choices } from './page-frame.js';
import { figure, idBesideTitle, sourceName } from './page-slots.js';

const FATES = [
  'shown',
  'outranked',
  'removed',
  'capped',
  'diversity',
  'held_back',
  'fatigued',
  'bought_before',
  'no_candidate',
  'not_in_catalogue',
];
const STAGES = ['sources', 'ranking', 'rules', 'reranking', 'trace'];
const TONES = { shown: 'good', removed: 'warn', capped: 'warn', fatigued: 'warn', held_back: 'warn' };

/** The sources, each with how many items it named and how many of them are on the page. */
export function sourceTable(trace) {
  const rows = trace.sources ?? [];
  if (rows.length === 0) return h('p', { class: 'muted' }, t('trace.noSources'));
  return dataTable({
    caption: t('trace.sources'),
    rows,
    columns: [
      {
        label: t('trace.source'),
        head: true,
        cell: (row) => [sourceName(row.name), row.note ? h('span', { class: 'note' }, local(row.note)) : null],
      },
      { label: t('trace.named'), number: true, cell: (row) => format.count(row.items) },
      { label: t('trace.used'), number: true, cell: (row) => format.count(row.used) },
    ],
  });
}

/** The rules with what each removed and moved on this page; `rulesHref(line)` opens one in the editor. */
export function ruleTable(trace, rulesHref) {
  const rows = trace.rules ?? [];
  if (rows.length === 0)
    return h('p', null, t('trace.noRules'), ' ', h('a', { href: rulesHref() }, t('trace.writeRules')));
  return dataTable({
    caption: t('trace.rules'),
    rows,
    columns: [
      {
        label: t('trace.rule'),
        head: true,
        cell: (row) => [
          h('a', { href: rulesHref(row.line) }, row.name),
          row.active ? null : [' ', tag(t('trace.inactive'))],
          row.words ? h('span', { class: 'note' }, local(row.words)) : null,
        ],
      },
      { label: t('trace.removed'), number: true, cell: (row) => format.count(row.removed) },
      { label: t('trace.moved'), number: true, cell: (row) => format.count(row.moved) },
    ],
  });
}

/** Re-ranking, exploration and time in sentences. */
export function traceSentences(trace) {
  const { reranking, exploration, timings_ms: timings } = trace;
  const list = [
    reranking?.diversify
      ? t('trace.diversify', {
          method: tOr(`trace.method.${reranking.diversify.method}`, reranking.diversify.method),
          strength: format.decimal(reranking.diversify.strength, 2),
        })
      : null,
    Number.isFinite(reranking?.calibrate)
      ? t('trace.calibrate', { strength: format.decimal(reranking.calibrate, 2) })
      : null,
    !reranking?.diversify && !Number.isFinite(reranking?.calibrate) ? t('trace.noReranking') : null,
    exploration ? explored(exploration) : t('trace.noExploration'),
    timings ? timing(timings) : null,
  ];
  return h(
    'ul',
    { class: 'said' },
    list.filter(Boolean).map((text) => h('li', null, text)),
  );
}

function explored({ share, slots, explored: places = [] }) {
  const key = places.length > 0 ? 'trace.explore' : 'trace.exploreNone';
  return t(key, {
    share: format.percent(share, 0),
    count: slots,
    places: places.map((place) => format.count(place)).join(t('import.and')),
  });
}

function timing(timings) {
  const parts = STAGES.filter((name) => Number.isFinite(timings[name])).map((name) =>
    t('trace.stage', { name: t(`trace.stage.${name}`), value: format.decimal(timings[name], 1) }),
  );
  return t('trace.timings', { total: format.decimal(timings.total, 1), parts: parts.join(t('import.and')) });
}

/** The part of the history that weighs most. */
export function historyTable(trace, customer) {
  const { events, items, newest = [] } = trace.history ?? {};
  if (!events) return h('p', { class: 'muted' }, t('trace.noHistory'));
  const most = Math.max(...newest.map((row) => row.weight ?? 0), Number.EPSILON);
  const text = t('trace.history', { count: events, items: format.count(items) });
  return [
    h(
      'p',
      { class: 'unit' },
      customer ? h('a', { href: href(['events'], { customer_id: customer }) }, text) : text,
    ),
    newest.length === 0
      ? null
      : dataTable({
          caption: t('trace.newest'),
          rows: newest,
          columns: [
            {
              label: t('events.item'),
              head: true,
              cell: (row) => h('a', { href: href(['items', row.item_id]) }, row.title || row.item_id),
            },
            { label: t('events.when'), number: true, cell: (row) => format.ago(row.age_days) },
            // Where all weigh the same, saying so ten times tells nothing.
            newest.some((row) => row.weight !== newest[0].weight) && {
              label: t('recommend.weight'),
              wide: true,
              cell: (row) => (Number.isFinite(row.weight) ? shareBar(row.weight / most, { digits: 0 }) : ''),
            },
          ].filter(Boolean),
        }),
  ];
}

/**
 * The candidates with what became of each; `show(fate)` keeps one fate. With `whyNot(item)`, the address that asks
 * about an item, each one not shown leads there.
 */
export function candidateTable(trace, fate, show, whyNot) {
  const all = trace.candidates ?? [];
  if (all.length === 0) return h('p', { class: 'muted' }, t('trace.noCandidates'));
  const number = (name) => all.filter((row) => row.why === name).length;
  const known = FATES.filter((name) => number(name) > 0);
  const rows = known.includes(fate) ? all.filter((row) => row.why === fate) : all;
  return [
    h('p', { class: 'unit' }, t('trace.candidatesNote', { count: all.length })),
    choices(
      t('trace.fate'),
      [
        { text: t('trace.all', { count: all.length }), chosen: rows === all, onclick: () => show(null) },
        ...known.map((name) => ({
          text: `${t(`trace.why.${name}`)} ${format.count(number(name))}`,
          chosen: fate === name,
          onclick: () => show(name),
        })),
      ],
      { labelled: true },
    ),
    dataTable({
      caption: t('trace.candidates'),
      rows,
      columns: [
        {
          label: t('events.item'),
          head: true,
          cell: (row) => [
            h('a', { href: href(['items', row.item_id]) }, row.title || row.item_id),
            h(
              'span',
              { class: 'path' },
              [row.category, idBesideTitle(row)].filter(Boolean).join(' · '),
            ),
          ],
        },
        { label: t('trace.fate'), cell: (row) => fateCell(row, whyNot) },
        { label: t('trace.place'), number: true, cell: (row) => format.count(row.place) },
        { label: t('trace.modelRank'), number: true, cell: (row) => format.count(row.model_rank) },
        { label: t('trace.modelScore'), number: true, wide: true, cell: (row) => figure(row.model_score) },
        { label: t('trace.pageScore'), number: true, wide: true, cell: (row) => figure(row.page_score) },
        { label: t('trace.source'), wide: true, cell: (row) => sourceName(row.source) },
      ],
    }),
  ];
}

function fateCell(row, whyNot) {
  return [
    tag(tOr(`trace.why.${row.why}`, row.why), TONES[row.why] ?? ''),
    whyNot && !row.place
      ? [
          ' ',
          h(
            'a',
            {
              class: 'unit',
              href: whyNot(row.item_id),
              'aria-label': t('whyNot.askLabel', { item: row.title || row.item_id }),
            },
            t('whyNot.ask'),
          ),
        ]
      : null,
    row.rules?.length ? h('span', { class: 'note' }, row.rules.join(t('import.and'))) : null,
  ];
}
