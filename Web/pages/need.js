// One need: how does it move, how strong is it, and who has it?
import * as api from '../app/api.js';
import { classBars, weeklyLine, wholeWeeks } from '../app/charts.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { chartFigure } from '../components/chart-figure.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { probability, shareBar, tag, trendMark } from '../components/marks.js';
import { choices, figures, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { notEnoughData, statePanel } from '../components/state-panel.js';

const SIZE = 50;
const KINDS = ['replenish', 'explore', 'seasonal'];

/** Draws the page. */
export default function need(context) {
  const { subject } = context.params;
  const { query } = context;
  const store = createStore(context.signal);
  const listQuery = () => ({ kind: query.kind, min_strength: query.min_strength });
  const load = () =>
    store.load('customers', (signal) =>
      api.get(['needs', subject, 'customers'], { ...listQuery(), limit: SIZE, cursor: query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  const change = (patch) => {
    paging.reset();
    context.setQuery({ ...patch, cursor: null, page: null });
    load();
    document.getElementById('who')?.scrollIntoView({ block: 'start' });
  };
  const who = section(
    t('need.who'),
    region(store, 'customers', () => filters(query, change), 1),
    region(store, 'customers', (list) => people(list, { subject, paging }), 10),
  );
  who.id = 'who';
  showPage(
    context.root,
    subject,
    pageHead({
      title: subject,
      back: { href: href(['needs']), label: t('nav.needs') },
      csv: {
        parts: ['needs', subject, 'customers'],
        query: listQuery,
        name: `need-${subject.replace(/[^\w-]+/g, '_')}`,
      },
    }),
    region(store, 'need', (data) => detail(context, data, change), 10),
    who,
  );
  store.load('need', (signal) => api.get(['needs', subject], {}, signal));
  load();
}

function detail(context, data, change) {
  return [
    sentences(local(data.sentences) || []),
    h(
      'p',
      { class: 'unit' },
      [
        data.subject.path?.join(' › '),
        t('need.horizon', { count: data.horizon_days ?? 28 }),
        t('need.base', {
          customers: format.count(data.customers_base ?? context.shop?.customers),
          date: format.date(data.as_of ?? context.shop?.as_of),
        }),
      ]
        .filter(Boolean)
        .join(' · '),
    ),
    figures([
      {
        label: t('needs.expected'),
        value: format.count(data.expected_customers),
        href: href(['needs', data.subject.id]),
        note: t('need.expectedNote', { share: format.percent(data.share_of_customers, 1) }),
      },
      { label: t('needs.atStake'), value: format.money(data.at_stake) },
      {
        label: t('needs.replenish'),
        value: format.count(data.replenish_customers),
        href: href(['needs', data.subject.id], { kind: 'replenish' }),
      },
      {
        label: t('needs.explore'),
        value: format.count(data.explore_customers),
        href: href(['needs', data.subject.id], { kind: 'explore' }),
      },
      { label: t('needs.dueSoon'), value: format.count(data.due_within_7_days) },
      { label: t('needs.overdue'), value: format.count(data.overdue) },
      { label: t('needs.change'), value: trendMark(data.trend), note: testNote(data.trend) },
    ]),
    h(
      'div',
      { class: 'columns' },
      section(t('need.movement'), trendChart(data, context)),
      section(t('need.likelihood'), strengthChart(data, change)),
    ),
  ];
}

function testNote({ q_value: q, p_value: p }) {
  if (q !== null && q !== undefined) return t('trend.q', { value: probability(q) });
  return p === null || p === undefined ? null : t('trend.p', { value: probability(p) });
}

function trendChart(data, context) {
  const points = wholeWeeks(
    data.series.map(({ week, customers }) => ({ week, value: customers })),
    context.shop,
  );
  if (points.length < 3) return notEnoughData(t('today.fewWeeks'));
  const { direction, recent_share: recent, previous_share: previous } = data.trend;
  const opens = (point) =>
    href(['events'], {
      category: data.subject.id,
      from: format.startOfDay(point.week),
      to: format.startOfDay(point.week, 7),
    });
  const shares = { recent: format.percent(recent, 1), previous: format.percent(previous, 1) };
  return chartFigure({
    title: recent === undefined ? t(`trend.${direction}`) : t(`need.finding.${direction}`, shares),
    unit: t('need.weeklyUnit'),
    note: t('need.chartNote'),
    option: weeklyLine(points, {
      name: t('need.weeklyUnit'),
      formatAxis: format.compact,
      rows: (point) => [[t('need.buyers'), format.count(point.value)]],
    }),
    onSelect: (index) => {
      location.hash = opens(points[index]);
    },
    table: {
      columns: [t('chart.week'), t('need.buyers')],
      rows: [...points]
        .reverse()
        .map((point) => [
          h(
            'a',
            { href: opens(point) },
            format.day(point.week, { year: 'numeric', month: 'short', day: 'numeric' }),
          ),
          format.count(point.value),
        ]),
    },
  });
}

function strengthChart(data, change) {
  const bins = data.strength_histogram ?? [];
  if (bins.length === 0) return notEnoughData();
  const total = bins.reduce((sum, bin) => sum + bin.customers, 0);
  const sure = bins.filter((bin) => bin.from >= 0.5).reduce((sum, bin) => sum + bin.customers, 0);
  const label = (bin) => `${Math.round(bin.from * 100)}–${Math.round(bin.to * 100)}%`;
  const opens = (bin) => change({ min_strength: bin.from > 0 ? bin.from : null, kind: null });
  return chartFigure({
    title: t('need.strengthFinding', { count: sure }),
    unit: t('need.strengthUnit'),
    note: t('need.strengthNote', { total: format.count(total) }),
    option: classBars(
      bins.map((bin) => ({ label: label(bin), value: bin.customers })),
      {
        formatAxis: format.compact,
        rows: (point) => [
          [t('needs.customers'), format.count(point.value)],
          [t('need.ofAll', { total: format.count(total) }), format.percent(point.value / total, 1)],
        ],
      },
    ),
    onSelect: (index) => opens(bins[index]),
    table: {
      columns: [t('need.strength'), t('needs.customers')],
      rows: bins.map((bin) => [
        h('button', { type: 'button', class: 'link', onclick: () => opens(bin) }, label(bin)),
        format.count(bin.customers),
      ]),
    },
  });
}

function filters(query, change) {
  return h(
    'div',
    { class: 'filters' },
    choices(
      t('need.kind'),
      [null, ...KINDS.slice(0, 2)].map((kind) => ({
        text: kind ? t(`kind.${kind}`) : t('needs.any'),
        chosen: (query.kind ?? null) === kind,
        onclick: () => change({ kind }),
      })),
      { labelled: true },
    ),
    choices(
      t('need.strength'),
      [null, 0.25, 0.5, 0.75].map((from) => ({
        text: from ? t('need.atLeast', { share: format.percent(from, 0) }) : t('need.anyStrength'),
        chosen: Number(query.min_strength ?? 0) === (from ?? 0),
        onclick: () => change({ min_strength: from }),
      })),
      { labelled: true },
    ),
  );
}

function people(list, { subject, paging }) {
  if (list.items.length === 0) {
    return statePanel('empty', {
      title: t('need.nobody'),
      detail: t('need.nobodyDetail'),
      action: h('a', { href: href(['needs', subject]) }, t('action.clearFilters')),
    });
  }
  const open = (row) => href(['customers', row.customer_id], { need: subject });
  return [
    dataTable({
      caption: t('need.who'),
      rows: list.items,
      rowHref: open,
      columns: [
        {
          label: t('customers.customer'),
          head: true,
          cell: (row) => h('a', { href: open(row) }, row.customer_id),
        },
        { label: t('need.strength'), cell: (row) => shareBar(row.strength) },
        { label: t('need.kind'), cell: (row) => tag(tOr(`kind.${row.kind}`, row.kind)) },
        { label: t('need.due'), number: true, cell: (row) => format.due(row.expected_in_days) },
        { label: t('need.value'), number: true, cell: (row) => format.money(row.value) },
        {
          label: t('need.lastBought'),
          number: true,
          wide: true,
          cell: (row) => (row.last_bought_at ? format.date(row.last_bought_at) : t('need.never')),
        },
        {
          label: t('need.timesBought'),
          number: true,
          wide: true,
          cell: (row) =>
            row.times_bought
              ? h(
                  'a',
                  { href: href(['events'], { customer_id: row.customer_id, category: subject }) },
                  format.count(row.times_bought),
                )
              : '0',
        },
        {
          label: t('need.discountShare'),
          number: true,
          wide: true,
          cell: (row) => format.percent(row.discount_share, 0),
        },
      ],
    }),
    paging.controls(list, SIZE),
  ];
}
