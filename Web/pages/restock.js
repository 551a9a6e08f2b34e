// Restock: what to order now, how much of it, and what happens if not?
import * as api from '../app/api.js';
import { demandHref, itemSubject, unitRange, units } from '../app/demand.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, splitSentences, t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { quietly, region } from '../components/async-region.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { withRange } from '../components/demand-marks.js';
import { orNoForecast } from '../components/demand-run.js';
import { filterInput } from '../components/filter-input.js';
import { tag } from '../components/marks.js';
import { numberField } from '../components/number-field.js';
import { figures, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { askCategories } from '../components/page-request-form.js';
import { pickList } from '../components/pick-list.js';
import { policyBacktest } from '../components/restock-backtest.js';
import { stockSupply } from '../components/restock-stock.js';
import { statePanel } from '../components/state-panel.js';

const SIZE = 25;
const DEFAULTS = { service_level: 0.95, lead_time_days: 7, review_days: 7 };
const FILTERS = ['category', 'query'];
/** A risk from which a line is marked. */
const HIGH_RISK = 0.2;

/** Draws the page. */
export default function restock(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const title = t('nav.restock');
  const planQuery = () => ({
    service_level: query.service_level,
    lead_time_days: query.lead_time_days,
    review_days: query.review_days,
    budget: query.budget,
    category: query.category,
    query: query.query,
  });
  const load = () =>
    store.load('plan', (signal) =>
      api.get(['restock'], { ...planQuery(), limit: SIZE, cursor: query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  const change = (patch, options) => {
    paging.reset();
    context.setQuery({ ...patch, cursor: null, page: null }, options);
    load();
  };
  const supply = stockSupply(context, planQuery, load);
  // Before the parts that show it.
  store.subscribe('plan', ({ status, data }) => status === 'ready' && supply.show(data));
  showPage(
    context.root,
    title,
    pageHead({ title, csv: { parts: ['restock'], query: planQuery, name: 'restock-plan' } }),
    region(store, 'plan', lead, 2, quietly),
    section(t('restock.whatIf'), controls(context, change), region(store, 'plan', settings, 1, quietly)),
    region(store, 'plan', (plan) => (isUnknown(plan) ? supply : summary(plan)), 3, quietly),
    section(
      t('restock.plan'),
      h('div', { class: 'restock-plan' }, region(store, 'plan', (plan) => table(plan, { query, paging }), 12)),
    ),
    region(store, 'plan', (plan) => (isUnknown(plan) ? null : supply), 1, quietly),
    region(
      store,
      'plan',
      (plan) => section(t('restock.backtest'), policyBacktest(plan.backtest)),
      4,
      quietly,
    ),
  );
  orNoForecast(load(), context, { title }, () => restock(context));
}

/** Whether no line says what is on the shelf: then that comes before any figure. */
const isUnknown = ({ summary: { lines, without_stock: without } }) => lines > 0 && without >= lines;

const lead = ({ summary: { words } }) => sentences(splitSentences(local(words)));

/** What can be changed to see what follows; all of it is in the address. */
function controls(context, change) {
  const { query } = context;
  const set = (name) => (value) => change({ [name]: value }, { replace: true });
  const category = pickList({
    label: t('voice.category'),
    placeholder: t('recommend.categoryHint'),
    ask: askCategories,
    free: true,
    onPick: (value) => change({ category: value || null }),
  });
  category.show(query.category);
  return h(
    'div',
    { class: 'fields what-if' },
    numberField({
      label: t('restock.serviceLevel'),
      unit: '%',
      value: percentOf(query.service_level ?? DEFAULTS.service_level),
      min: 50,
      max: 99.9,
      step: 0.1,
      onChange: (value) =>
        change({ service_level: value === null ? null : shareOf(value) }, { replace: true }),
    }),
    numberField({
      label: t('restock.leadTime'),
      unit: t('restock.days'),
      value: query.lead_time_days ?? DEFAULTS.lead_time_days,
      min: 0,
      max: 180,
      onChange: set('lead_time_days'),
    }),
    numberField({
      label: t('restock.review'),
      unit: t('restock.days'),
      value: query.review_days ?? DEFAULTS.review_days,
      min: 1,
      max: 180,
      onChange: set('review_days'),
    }),
    numberField({
      label: t('restock.budget'),
      unit: context.shop?.currency ?? '',
      value: query.budget,
      min: 0,
      step: 'any',
      placeholder: t('restock.noLimit'),
      onChange: set('budget'),
    }),
    category,
    search(query, change),
  );
}

const percentOf = (share) => Math.round(Number(share) * 1000) / 10;
const shareOf = (percent) => Math.round(percent * 10) / 1000;

function search(query, change) {
  const input = filterInput({ query, change, label: t('restock.filter'), id: 'restock-query' });
  return h('div', { class: 'pick' }, h('label', { for: input.id }, t('restock.item')), input);
}

function settings({ settings: used }) {
  if (!used) return null;
  return h(
    'p',
    { class: 'unit' },
    t('restock.used', {
      level: format.percent(used.service_level, 1),
      lead: format.days(used.lead_time_days),
      review: format.days(used.review_days),
      budget: used.budget ? format.money(used.budget) : t('restock.noLimit'),
    }),
  );
}

function summary({ summary: found }) {
  return figures([
    {
      label: t('restock.toOrder'),
      value: format.count(found.to_order),
      note: t('restock.ofLines', { count: found.lines }),
    },
    { label: t('restock.cost'), value: format.money(found.cost), note: found.cost ? null : t('restock.noCost') },
    found.benefit !== null && found.benefit !== undefined
      ? { label: t('restock.benefit'), value: format.money(found.benefit), note: t('restock.benefitNote') }
      : null,
    found.gap !== null && found.gap !== undefined
      ? { label: t('restock.gap'), value: format.percent(found.gap, 2), note: t('restock.gapNote') }
      : null,
    { label: t('restock.withoutStock'), value: format.count(found.without_stock) },
  ]);
}

function table(plan, { query, paging }) {
  if (plan.items.length === 0) {
    if (FILTERS.some((name) => query[name]))
      return statePanel('empty', {
        title: t('restock.noMatch'),
        action: h(
          'a',
          { href: href(['restock'], { ...query, category: null, query: null, cursor: null, page: null }) },
          t('action.clearFilters'),
        ),
      });
    return statePanel('empty', { title: t('restock.nothing'), detail: t('restock.nothingDetail') });
  }
  const isKnown = plan.items.some((line) => line.order !== null);
  return [
    h('p', { class: 'unit' }, t(isKnown ? 'restock.note' : 'restock.noteUnknown')),
    dataTable({
      caption: t('restock.plan'),
      rows: plan.items,
      columns: [
        { label: t('events.item'), head: true, cell: what },
        ...(isKnown ? orderColumns() : []),
        isKnown
          ? null
          : { label: t('restock.upTo'), number: true, cell: (line) => h('strong', null, units(line.order_up_to)) },
        {
          label: t('restock.expected'),
          number: true,
          wide: isKnown,
          cell: (line) =>
            withRange(
              h('a', { href: demandHref(itemSubject(line.item_id)) }, units(line.expected_demand)),
              unitRange(line.range),
              t('demand.range80'),
            ),
        },
        { label: t('restock.why'), wide: true, cell: (line) => h('span', { class: 'why' }, local(line.why)) },
      ].filter(Boolean),
    }),
    paging.controls(plan, SIZE),
  ];
}

const what = (line) => [
  h('a', { href: href(['items', line.item_id]) }, line.title || line.item_id),
  h('span', { class: 'path' }, [line.item_id, line.category, line.class].filter(Boolean).join(' · ')),
];

/** How much, by when, what for and at which risk: only where the stock is known. */
function orderColumns() {
  return [
    {
      label: t('restock.order'),
      number: true,
      cell: orderCell,
    },
    {
      label: t('restock.orderBy'),
      number: true,
      cell: (line) => (line.order > 0 && line.order_by ? format.day(line.order_by) : format.MISSING),
    },
    { label: t('restock.cost'), number: true, wide: true, cell: (line) => format.money(line.cost) },
    {
      label: t('restock.stock'),
      number: true,
      wide: true,
      cell: stockCell,
    },
    { label: t('restock.risk'), number: true, cell: risk },
  ];
}

/** How much to order and the level it leads to; without the stock the level alone. */
function orderCell(line) {
  const level = t('restock.toLevel', { count: units(line.order_up_to) });
  const order =
    line.order === null
      ? tag(t('restock.unknown'))
      : line.order > 0
        ? h('strong', null, format.count(line.order))
        : '0';
  return [order, h('span', { class: 'note' }, level)];
}

/** What is there and on its way, and how long it lasts. */
function stockCell(line) {
  if (line.stock === null) return h('span', { class: 'muted' }, format.MISSING);
  const notes = [
    line.on_order ? t('restock.onOrder', { count: line.on_order }) : null,
    // An empty shelf lasts for no time at all.
    !(line.stock > 0) || line.weeks_of_cover === null || line.weeks_of_cover === undefined
      ? null
      : t('restock.cover', { weeks: format.decimal(line.weeks_of_cover, 1) }),
  ];
  return [
    format.count(line.stock),
    notes.filter(Boolean).map((note) => h('span', { class: 'note' }, note)),
  ];
}

/** The risk of running out, without the order and with it. */
function risk(line) {
  if (line.stockout_risk === null || line.stockout_risk === undefined) return format.MISSING;
  const before = format.percent(line.stockout_risk, 0);
  const mark = line.stockout_risk >= HIGH_RISK ? h('span', { class: 'warn-text' }, before) : before;
  if (!line.order || line.stockout_risk_after === null) return mark;
  return [mark, h('span', { class: 'wide-only' }, ' → ', format.percent(line.stockout_risk_after, 0))];
}

