// One need: how does it move, how strong is it, and who has it?
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { probability, shareBar, tag, trendMark } from '../components/marks.js';
import { probabilitySpan, strengthChart, trendChart } from '../components/need-charts.js';
import { saidAbout } from '../components/said-mark.js';
import {
  choices,
  figures,
  orError,
  pageHead,
  section,
  sentences,
  showPage,
} from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

const SIZE = 50;
const KINDS = ['replenish', 'explore'];
const STRENGTHS = [0.25, 0.5, 0.75];
// What the list of customers can be narrowed by; each is a parameter of the list's request too.
const NO_FILTER = { kind: null, min_strength: null, max_strength: null, days: null, overdue: null };

/** Draws the page. */
export default function need(context) {
  const { subject } = context.params;
  const { query } = context;
  const store = createStore(context.signal);
  const listQuery = () => Object.fromEntries(Object.keys(NO_FILTER).map((name) => [name, query[name]]));
  const isFiltered = () => Object.values(listQuery()).some(Boolean);
  const load = () =>
    store.load('customers', (signal) =>
      api.get(['needs', subject, 'customers'], { ...listQuery(), limit: SIZE, cursor: query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  const change = (patch) => {
    paging.reset();
    context.setQuery({ ...patch, cursor: null, page: null });
    load();
    showWho();
  };
  const showWho = () => who.scrollIntoView({ block: 'start' });
  const who = section(
    t('need.who'),
    region(store, 'customers', () => filters(query, change), 1),
    region(store, 'customers', (list) => people(list, { query, subject, paging }), 10),
  );
  who.id = 'who';
  const back = { href: href(['needs']), label: t('nav.needs') };
  showPage(
    context.root,
    subject,
    pageHead({
      title: subject,
      back,
      csv: {
        parts: ['needs', subject, 'customers'],
        query: listQuery,
        name: `need-${subject.replace(/[^\w-]+/g, '_')}`,
      },
    }),
    region(store, 'need', (data) => detail(context, data, change), 10),
    who,
  );
  const loaded = [store.load('need', (signal) => api.get(['needs', subject], {}, signal)), load()];
  loaded[0].then((slice) => orError(slice, context.root, subject, back));
  // Who comes from a number of the board has asked for the customers behind it.
  if (isFiltered()) Promise.all(loaded).then(() => context.signal.aborted || showWho());
}

function detail(context, data, change) {
  const figure = (label, value, filter, note) => ({
    label,
    value,
    note,
    href: href(['needs', data.subject.id], filter),
    onclick: () => change({ ...NO_FILTER, ...filter }),
  });
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
      figure(
        t('needs.expected'),
        format.count(data.expected_customers),
        {},
        t('need.expectedNote', { share: format.percent(data.share_of_customers, 1) }),
      ),
      { label: t('needs.atStake'), value: format.money(data.at_stake), note: t('need.atStakeNote') },
      figure(t('needs.replenish'), format.count(data.replenish_customers), { kind: 'replenish' }),
      figure(t('needs.explore'), format.count(data.explore_customers), { kind: 'explore' }),
      figure(t('needs.dueSoon'), format.count(data.due_within_7_days), { days: 7 }),
      figure(t('needs.overdue'), format.count(data.overdue), { overdue: true }),
      { label: t('needs.change'), value: trendMark(data.trend), note: testNote(data.trend) },
    ]),
    h('p', null, h('a', { href: href(['demand', `category:${data.subject.id}`]) }, t('need.toDemand'))),
    saidAbout(data),
    h(
      'div',
      { class: 'columns' },
      section(t('need.movement'), trendChart(data, context.shop)),
      section(t('need.likelihood'), strengthChart(data, (filter) => change({ ...NO_FILTER, ...filter }))),
    ),
  ];
}

function testNote({ q_value: q, p_value: p }) {
  if (q !== null && q !== undefined) return t('trend.q', { value: probability(q) });
  return p === null || p === undefined ? null : t('trend.p', { value: probability(p) });
}

function filters(query, change) {
  const option = (text, chosen, patch) => ({ text, chosen, onclick: () => change(patch) });
  const when = query.overdue ? 'overdue' : query.days ? 'soon' : 'any';
  const { min_strength: least, max_strength: most } = query;
  return h(
    'div',
    { class: 'filters' },
    choices(
      t('need.kind'),
      [null, ...KINDS].map((kind) =>
        option(kind ? t(`kind.${kind}`) : t('needs.any'), (query.kind ?? null) === kind, { kind }),
      ),
      { labelled: true },
    ),
    choices(
      t('need.when'),
      [
        option(t('need.when.any'), when === 'any', { days: null, overdue: null }),
        option(t('need.when.soon'), when === 'soon', { days: 7, overdue: null }),
        option(t('need.overdue'), when === 'overdue', { days: null, overdue: true }),
      ],
      { labelled: true },
    ),
    choices(
      t('need.strength'),
      [
        option(t('need.anyStrength'), !least && !most, { min_strength: null, max_strength: null }),
        ...STRENGTHS.map((from) =>
          option(t('need.atLeast', { share: format.percent(from, 0) }), Number(least) === from && !most, {
            min_strength: from,
            max_strength: null,
          }),
        ),
        // A bar of the chart was opened.
        ...(most ? [option(probabilitySpan(least ?? 0, most), true, {})] : []),
      ],
      { labelled: true },
    ),
  );
}

function peopleLead(list, query) {
  return t(query.overdue ? 'need.leadOverdue' : 'need.lead', {
    count: list.total,
    days: list.horizon_days,
    expected: format.count(list.expected_customers),
  });
}

function people(list, { query, subject, paging }) {
  if (list.items.length === 0) {
    return statePanel('empty', {
      title: t('need.nobody'),
      detail: t('need.nobodyDetail'),
      action: h('a', { href: href(['needs', subject]) }, t('action.clearFilters')),
    });
  }
  const open = (row) => href(['customers', row.customer_id], { need: subject });
  return [
    h('p', null, peopleLead(list, query)),
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
        { label: t('need.kind'), wide: true, cell: (row) => tag(tOr(`kind.${row.kind}`, row.kind)) },
        {
          label: t('need.due'),
          number: true,
          cell: (row) =>
            row.overdue ? tag(t('need.overdue'), 'warn') : format.due(row.expected_in_days),
        },
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
