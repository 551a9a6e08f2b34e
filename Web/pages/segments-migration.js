// Migration: who moved between segments, and what changed for them?
import * as api from '../app/api.js';
import { base, tip } from '../app/charts.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { colourOf, day, nameOf, segmentHref, sentencesOf } from '../app/segments.js';
import { createStore } from '../app/store.js';
import { quietly, region } from '../components/async-region.js';
import { chartFigure } from '../components/chart-figure.js';
import { dataTable } from '../components/data-table.js';
import { choices, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { orNoSegments } from '../components/segment-run.js';
import { segmentTabs } from '../components/segment-tabs.js';
import { changeWords } from './segment.js';

/** Beyond this index the shares of segments have changed clearly. */
const CLEAR = 0.25;

/** Draws the page. */
export default function segmentsMigration(context) {
  const store = createStore(context.signal);
  const title = t('nav.segments');
  const load = () =>
    store.load('moves', (signal) =>
      api.get(['segments', 'migration'], { steps: context.query.steps ?? 1 }, signal),
    );
  const draw = () => {
    showPage(
      context.root,
      title,
      pageHead({ title, csv: { name: 'segment-migration', text: () => csvText(shown) } }),
      segmentTabs('migration'),
      region(store, 'moves', (data) => spans(data, context, load), 1, quietly),
      region(store, 'moves', (data) => sentences(sentencesOf(local(data.summary))), 2, quietly),
      section(t('segments.flows'), region(store, 'moves', flows, 10)),
      // A phone has the flows above, which say the same.
      h('div', { class: 'wide-only' }, section(t('segments.matrix'), region(store, 'moves', matrix, 6, quietly))),
      section(t('segments.drift'), region(store, 'moves', drift, 6, quietly)),
    );
    const loading = load();
    orNoSegments(loading, context, { tab: 'migration', draw });
  };
  draw();
}

let shown = null;

function csvText(data) {
  const lines = (data?.flows ?? []).map((flow) => [flow.from.id, flow.to.id, flow.customers, flow.share].join(','));
  return ['from,to,customers,share', ...lines].join('\r\n');
}

function spans(data, context, load) {
  shown = data;
  return choices(
    t('segments.span'),
    Array.from({ length: data.most_steps }, (_, index) => index + 1).map((steps) => ({
      text: t('segments.weeks', { count: 4 * steps }),
      chosen: data.steps === steps,
      onclick: () => {
        context.setQuery({ steps });
        load();
      },
    })),
    { labelled: true },
  );
}

function flows(data) {
  const moves = data.flows;
  if (moves.length === 0) return h('p', null, t('segments.noMoves'));
  const place = new Map(data.segments.map((segment, index) => [segment.id, index]));
  const links = [
    ...moves.map((flow) => ({ from: flow.from.id, to: flow.to.id, value: flow.customers, flow })),
    ...data.segments.map(({ id, stayed }) => ({ from: id, to: id, value: stayed, flow: null })),
  ].filter((link) => link.value > 0);
  const node = (side, segment, index) => ({
    name: `${side}:${segment.id}`,
    itemStyle: { color: colourOf(index) },
    depth: side === 'before' ? 0 : 1,
  });
  const nameAt = (name) => nameOf(data.segments[place.get(name.split(':').slice(1).join(':'))]);
  return [
    chartFigure({
      title: t('segments.flowsTitle', { from: day(data.from_date), to: day(data.to_date) }),
      unit: t('segments.flowsUnit'),
      size: 'sankey-plot',
      option: (colours) => ({
        ...base(colours, {
          trigger: 'item',
          tooltip: ({ dataType, data: mark }) =>
            dataType === 'edge'
              ? tip(`${nameAt(mark.source)} → ${nameAt(mark.target)}`, [[t('segments.customers'), format.count(mark.value)]])
              : tip(nameAt(mark.name), []),
        }),
        series: [
          {
            type: 'sankey',
            left: 4,
            right: 4,
            top: 8,
            bottom: 8,
            nodeGap: 12,
            draggable: false,
            layoutIterations: 0,
            nodeAlign: 'justify',
            data: data.segments.flatMap((segment, index) => [
              node('before', segment, index),
              node('now', segment, index),
            ]),
            links: links.map((link) => ({
              source: `before:${link.from}`,
              target: `now:${link.to}`,
              value: link.value,
              lineStyle: { color: colourOf(place.get(link.from)), opacity: link.flow ? 0.45 : 0.15 },
            })),
            label: {
              color: colours.ink,
              fontSize: 12,
              overflow: 'truncate',
              width: 150,
              formatter: ({ name }) => nameAt(name),
              position: 'right',
            },
            levels: [{ depth: 1, label: { position: 'left' } }],
          },
        ],
      }),
      table: {
        columns: [t('segments.fromTo'), t('segments.customers')],
        rows: moves.map((flow) => [`${nameOf(flow.from)} → ${nameOf(flow.to)}`, format.count(flow.customers)]),
      },
    }),
    dataTable({
      caption: t('segments.flows'),
      rows: moves,
      columns: [
        {
          label: t('segments.fromTo'),
          head: true,
          cell: (row) => [
            h('a', { href: segmentHref(row.from.id) }, nameOf(row.from)),
            ' → ',
            h('a', { href: segmentHref(row.to.id) }, nameOf(row.to)),
          ],
        },
        { label: t('segments.customers'), number: true, cell: (row) => format.count(row.customers) },
        { label: t('segments.ofBefore'), number: true, cell: (row) => format.percent(row.share) },
        { label: t('segments.why'), wide: true, cell: (row) => row.changes.slice(0, 2).map((change) => h('div', null, changeWords(change))) },
      ],
    }),
  ];
}

function matrix(data) {
  const count = (from, to) =>
    from.id === to.id
      ? from.stayed
      : (data.flows.find((flow) => flow.from.id === from.id && flow.to.id === to.id)?.customers ?? 0);
  const largest = Math.max(...data.segments.map((segment) => segment.stayed), 1);
  return [
    h('p', { class: 'unit' }, t('segments.matrixNote')),
    dataTable({
      caption: t('segments.matrix'),
      rows: data.segments,
      columns: [
        { label: t('segments.fromTo'), head: true, cell: (row) => h('a', { href: segmentHref(row.id) }, nameOf(row)) },
        ...data.segments.map((to) => ({
          label: nameOf(to),
          number: true,
          cell: (row) => (row.id === to.id ? h('strong', { 'data-share': count(row, to) / largest }, format.count(count(row, to))) : format.count(count(row, to))),
        })),
        { label: t('segments.gone'), number: true, cell: (row) => format.count(row.left) },
        { label: t('segments.before'), number: true, cell: (row) => format.count(row.before) },
      ],
    }),
    h('p', { class: 'unit' }, t('segments.joined', { count: data.joined })),
  ];
}

function drift(data) {
  return [
    h('p', { class: 'unit' }, t('segments.driftNote')),
    dataTable({
      caption: t('segments.drift'),
      rows: [...data.drift].reverse(),
      columns: [
        { label: t('segments.date'), head: true, cell: (row) => day(row.date) },
        {
          label: t('segments.shift'),
          number: true,
          cell: (row) => t(row.stability_index >= CLEAR ? 'segments.shiftClear' : 'segments.shiftSmall', { value: format.decimal(row.stability_index, 3) }),
        },
        { label: t('segments.fit'), number: true, cell: (row) => format.decimal(row.distance, 2) },
        { label: t('segments.stayedShare'), number: true, cell: (row) => format.percent(row.stayed) },
        ...data.segments.map((segment, index) => ({
          label: nameOf(segment),
          number: true,
          wide: true,
          cell: (row) => format.count(row.sizes[index]),
        })),
      ],
    }),
  ];
}
