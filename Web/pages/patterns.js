// Patterns: what is bought together, as rules and as a graph, tried on weeks that the search has not seen.
import * as api from '../app/api.js';
import { graphOf, ruleGraph } from '../app/charts-patterns.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, splitSentences, t } from '../app/i18n.js';
import { ordersHref, RUN, span, times } from '../app/patterns.js';
import { createStore } from '../app/store.js';
import { quietly, region } from '../components/async-region.js';
import { chartFigure } from '../components/chart-figure.js';
import { dataTable } from '../components/data-table.js';
import { runControl } from '../components/model-run.js';
import { section, sentences } from '../components/page-frame.js';
import { patternView } from '../components/pattern-list.js';
import { heldMark, orderCount, patternFilters, things } from '../components/pattern-parts.js';

const NAMES = ['query', 'level', 'min_support', 'min_confidence', 'min_lift', 'item', 'category'];
/** More ties than this cannot be told apart; a phone has room for fewer. */
const MOST_TIES = matchMedia('(max-width: 720px)').matches ? 18 : 40;
const ENOUGH_RULES = 200;

/** Draws the page. */
export default function patterns(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const again = runControl(context, RUN, () => patterns(context));
  const listQuery = () => ({
    ...Object.fromEntries(NAMES.map((name) => [name, query[name]])),
    level: query.level ?? 'category',
    validated: query.all ? null : 'true',
    sort: query.sort,
  });
  const loadGraph = () =>
    store.load('graph', (signal) =>
      api.get(
        ['patterns', 'rules'],
        { ...listQuery(), sort: null, limit: ENOUGH_RULES },
        signal,
      ),
    );
  patternView(
    context,
    {
      view: 'rules',
      names: NAMES,
      listQuery,
      lead: () => region(store, 'summary', (data) => lead(data, again), 3, quietly),
      above: () => region(store, 'graph', graph, 10, quietly),
      filters: (change) => {
        const both = (patch, options) => {
          change(patch, options);
          loadGraph();
        };
        return patternFilters({
          query,
          change: both,
          least: [
            { name: 'min_support', label: t('patterns.min.support'), unit: '%', scale: 100 },
            { name: 'min_confidence', label: t('patterns.min.confidence'), unit: '%', scale: 100 },
            { name: 'min_lift', label: t('patterns.min.lift'), unit: '×', scale: 1 },
          ],
        });
      },
      table: (list, change) => table(list, query, change),
    },
    () => patterns(context),
  );
  store.load('summary', (signal) => api.get(['patterns'], {}, signal));
  loadGraph();
}

const lead = (data, again) => [
  h('div', { class: 'with-action' }, sentences(splitSentences(local(data.summary))), again),
];

function graph(list) {
  const found = graphOf(list.items, MOST_TIES);
  if (found.ties.length < 2) return null;
  const [first] = found.ties;
  return section(
    t('patterns.graph'),
    chartFigure({
      title: t('patterns.graph.finding', {
        first: first.source.label,
        then: first.target.label,
        share: format.percent(first.rule.confidence, 0),
      }),
      unit: t('patterns.graph.unit', { count: found.ties.length }),
      note: t('patterns.graph.note'),
      size: 'graph',
      option: ruleGraph(found),
      table: {
        columns: [t('patterns.if'), t('patterns.then'), t('patterns.confidence'), t('patterns.lift'), t('patterns.orders')],
        rows: found.ties.map(({ rule, source, target }) => [
          source.label,
          target.label,
          format.percent(rule.confidence),
          format.decimal(rule.lift, 1),
          h('a', { href: ordersHref([source, target], rule.level) }, format.count(rule.orders)),
        ]),
      },
    }),
  );
}

function table(list, query, change) {
  return dataTable({
    caption: t('patterns.title.rules'),
    rows: list.items,
    sort: query.sort ?? 'leverage',
    onSort: (sort) => change({ sort }),
    columns: [
      {
        label: t('patterns.rule'),
        head: true,
        cell: (row) => [
          things(row.if, row.level),
          h('span', { class: 'arrow', 'aria-label': t('patterns.leadsTo') }, ' → '),
          things(row.then, row.level),
        ],
      },
      {
        label: t('patterns.confidence'),
        sort: 'confidence',
        number: true,
        cell: (row) => [format.percent(row.confidence), later(row, format.percent(row.later.confidence))],
      },
      {
        label: t('patterns.lift'),
        sort: 'lift',
        number: true,
        cell: (row) => [times(row.lift), later(row, times(row.later.lift))],
      },
      {
        label: t('patterns.support'),
        sort: 'support',
        number: true,
        wide: true,
        cell: (row) => format.percent(row.support, 2),
      },
      {
        label: t('patterns.beyond'),
        sort: 'leverage',
        number: true,
        wide: true,
        cell: (row) => format.percent(row.leverage, 2),
      },
      {
        label: t('patterns.orders'),
        number: true,
        cell: (row) => orderCount(row.orders + row.later.orders, [...row.if, ...row.then], row.level),
      },
      {
        label: t('patterns.later'),
        wide: true,
        cell: (row) => [
          heldMark(row),
          row.later.confidence_range
            ? h(
                'span',
                { class: 'note' },
                span(
                  format.percent(row.later.confidence_range.lower),
                  format.percent(row.later.confidence_range.upper),
                ),
              )
            : null,
        ],
      },
    ],
  });
}

const later = (row, text) => h('span', { class: 'note' }, t('patterns.laterValue', { value: text }));
