// One customer, all around: who is this, what do they need next, why, and what to offer?
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { quietly, region } from '../components/async-region.js';
import { customerHabits } from '../components/customer-habits.js';
import { customerInterests } from '../components/customer-interests.js';
import { customerNeeds } from '../components/customer-needs.js';
import { hoursChart, spendChart, weekdaysChart } from '../components/customer-charts.js';
import { dataTable } from '../components/data-table.js';
import { cycleBar, shareBar } from '../components/marks.js';
import { eventDays } from '../components/event-days.js';
import { marks } from '../components/page-slots.js';
import {
  dataSpan,
  exportButton,
  figures,
  orError,
  pageHead,
  section,
  sentences,
  showPage,
} from '../components/page-frame.js';
import { customerChurn } from '../components/customer-churn.js';
import { customerValue } from '../components/customer-value.js';
import { customerVoice, notReadYet } from '../components/subject-voice.js';
import { notEnoughData, statePanel } from '../components/state-panel.js';

const NEEDS = 20;
/** As many needs as one answer can hold. */
const ALL = 500;
/** The strongest reasons say enough; more would push the next offer out of sight. */
const REASONS = 2;
const EVENTS = 100;
/** The 28 moments of a week are shown as a whole. */
const WEEK = 28;

/** Draws the page. */
export default function customer(context) {
  const { id } = context.params;
  const store = createStore(context.signal);
  const path = ['customers', id];
  const title = t('customer.title', { id });
  const back = { href: href(['customers']), label: t('nav.customers') };
  showPage(
    context.root,
    title,
    pageHead({
      title,
      back,
      csv: { parts: [...path, 'needs'], query: () => ({ limit: ALL }), name: `customer-${id}-needs` },
    }),
    region(store, 'customer', (data) => overview(id, data, context.shop), 6),
    region(store, 'value', customerValue, 2, quietly),
    region(store, 'churn', customerChurn, 1, quietly),
    h(
      'div',
      { class: 'columns wide-first' },
      section(
        t('customer.needs'),
        region(store, 'needs', (list) => customerNeeds(context, list, () => loadNeeds(ALL)), 10),
      ),
      section(
        t('customer.recommendations'),
        region(store, 'recommendations', (list) => recommendations(id, list), 10),
      ),
    ),
    section(
      t('interests.title'),
      exportButton({ parts: [...path, 'interests'], query: () => ({ per_dimension: ALL }), name: `customer-${id}-interests` }),
      region(store, 'interests', (data) => customerInterests(data, id), 10),
    ),
    section(
      t('habits.title'),
      exportButton({ parts: [...path, 'patterns'], query: () => ({}), name: `customer-${id}-habits` }),
      region(store, 'habits', (data) => customerHabits(data, id), 6),
    ),
    section(
      t('voice.customerTitle'),
      region(store, 'voice', (data) => customerVoice(data, id), 4, notReadYet),
    ),
    section(
      t('customer.rhythm'),
      region(store, 'customer', (data) => rhythm(data.profile, context.shop), 6),
    ),
    section(
      t('customer.cycles'),
      region(store, 'customer', (data) => cycles(id, data.profile), 8),
    ),
    section(
      t('customer.timeline'),
      region(store, 'events', (list) => timeline(list), 8),
    ),
  );

  function loadNeeds(limit) {
    store.load('needs', (signal) => api.get([...path, 'needs'], { limit }, signal));
  }

  function timeline(list) {
    if (list.items.length === 0) return statePanel('empty', { title: t('customer.noEvents') });
    return [
      h(
        'p',
        { class: 'unit' },
        t('customer.timelineBase', { shown: list.items.length, count: list.total }),
      ),
      eventDays(list.items),
      list.next_cursor
        ? h('p', null, h('button', { type: 'button', onclick: () => loadMore(list) }, t('customer.earlier')))
        : null,
    ];
  }

  function loadMore(list) {
    store.load('events', async (signal) => {
      const next = await api.get(
        ['events'],
        { customer_id: id, limit: EVENTS, cursor: list.next_cursor },
        signal,
      );
      return { ...next, items: [...list.items, ...next.items] };
    });
  }

  store.load('customer', (signal) => api.get(path, {}, signal)).then((slice) =>
    orError(slice, context.root, title, back),
  );
  loadNeeds(NEEDS);
  store.load('value', (signal) => api.get(['value', 'customers', id], {}, signal));
  store.load('interests', (signal) => api.get([...path, 'interests'], { per_dimension: WEEK }, signal));
  store.load('habits', (signal) => api.get([...path, 'patterns'], {}, signal));
  store.load('churn', (signal) => api.get(['churn', 'customers', id], {}, signal));
  store.load('voice', (signal) => api.get([...path, 'voice'], {}, signal));
  store.load('recommendations', (signal) => api.get([...path, 'recommendations'], { limit: 10 }, signal));
  store.load('events', (signal) => api.get(['events'], { customer_id: id, limit: EVENTS }, signal));
}

function overview(id, { profile, attributes, segments }, shop) {
  const events = (query) => href(['events'], { customer_id: id, ...query });
  return [
    sentences(local(profile.sentences) || []),
    dataSpan(shop),
    figures([
      { label: t('customers.spend'), value: format.money(profile.spend), href: events({}) },
      {
        label: t('customers.orders'),
        value: format.count(profile.orders),
        href: events({ kind: 'purchase' }),
        note: t('customer.ordersNote', { value: format.decimal(profile.orders_per_28_days) }),
      },
      { label: t('customers.aov'), value: format.money(profile.average_order_value) },
      { label: t('customers.lastOrder'), value: format.ago(profile.recency_days) },
      {
        label: t('customer.basket'),
        value: format.decimal(profile.basket_size),
        note: t('customer.basketNote', { value: format.decimal(profile.basket_categories) }),
      },
      { label: t('customer.repeat'), value: format.percent(profile.repeat_share, 0) },
      { label: t('customer.discount'), value: format.percent(profile.discount_share, 0) },
      {
        label: t('customer.priceLevel'),
        value:
          profile.price_level === null || profile.price_level === undefined
            ? format.MISSING
            : format.change(profile.price_level - 1),
        note: t('customer.priceLevelNote'),
      },
    ]),
    segmentLine(segments),
    facts(attributes),
  ];
}

/** The groups that the customer is in; nothing before customers are segmented. */
function segmentLine(segments) {
  if (!segments) return null;
  const link = ({ id, name }) => h('a', { href: href(['segments', id]) }, local(name));
  return h('p', null, t('customers.segment'), ': ', link(segments.cluster), ' · ', link(segments.rfm));
}

function facts(attributes) {
  const entries = Object.entries(attributes ?? {});
  if (entries.length === 0) return h('p', { class: 'unit' }, t('customer.noAttributes'));
  return h(
    'dl',
    { class: 'facts' },
    entries.map(([name, value]) =>
      h(
        'div',
        null,
        h('dt', null, tOr(`attribute.${name}`, name.replaceAll('_', ' '))),
        h('dd', null, tOr(`attribute.value.${value}`, String(value))),
      ),
    ),
  );
}

const fallbackName = ({ fallback }) => tOr(`fallback.${fallback}`, fallback);

function recommendations(id, list) {
  const workbench = h(
    'p',
    null,
    h('a', { href: href(['recommend'], { customer: id }) }, t('customer.toWorkbench')),
  );
  if (list.items.length === 0) return [notEnoughData(t('customer.noRecommendations')), workbench];
  return [
    workbench,
    list.fallback
      ? h('p', { class: 'warn-text' }, t('customer.fallback', { name: fallbackName(list) }))
      : null,
    h(
      'ol',
      { class: 'recommendations' },
      list.items.map((item) =>
        h(
          'li',
          null,
          h(
            'p',
            null,
            h('a', { href: href(['items', item.item_id]) }, item.title || item.item_id),
            item.price ? h('span', { class: 'number' }, format.money(item.price)) : null,
          ),
          h('p', { class: 'unit' }, [item.category, item.brand].filter(Boolean).join(' · '), ' ', marks(item)),
          item.reasons?.length
            ? h(
                'ul',
                { class: 'reasons' },
                item.reasons.slice(0, REASONS).map((reason) => h('li', null, local(reason.text))),
              )
            : null,
        ),
      ),
    ),
    h(
      'p',
      { class: 'unit' },
      t('customer.recommendationsModel', {
        model: list.model?.name ?? format.MISSING,
        version: list.model?.version ?? format.MISSING,
      }),
      list.decision_id
        ? [' · ', h('a', { href: href(['decisions', list.decision_id]) }, t('decision.link'))]
        : null,
    ),
  ];
}

function rhythm(profile, shop) {
  if ((profile.orders ?? 0) < 3)
    return notEnoughData(t('customer.fewOrders', { count: profile.orders ?? 0 }));
  return h(
    'div',
    { class: 'columns three' },
    spendChart(profile, shop),
    weekdaysChart(profile),
    hoursChart(profile),
  );
}

/** A cycle missed several times over is no longer late: the habit is gone. */
const LAPSED_AFTER_CYCLES = 4;

function dueCell(row) {
  if (row.cycle_days && row.days_since > LAPSED_AFTER_CYCLES * row.cycle_days)
    return h('span', { class: 'muted' }, t('customer.lapsed'));
  return h('span', { class: (row.due_in_days ?? 0) < -0.5 ? 'warn-text' : '' }, format.due(row.due_in_days));
}

function cycles(id, profile) {
  const rows = profile.categories ?? [];
  if (rows.length === 0) return notEnoughData();
  const table = dataTable({
    caption: t('customer.cycles'),
    rows,
    rowHref: (row) => href(['needs', row.category]),
    columns: [
      {
        label: t('customer.category'),
        head: true,
        cell: (row) => h('a', { href: href(['needs', row.category]) }, row.category),
      },
      { label: t('customer.affinity'), cell: (row) => shareBar(row.affinity), wide: true },
      {
        label: t('customers.orders'),
        number: true,
        cell: (row) =>
          h(
            'a',
            { href: href(['events'], { customer_id: id, category: row.category }) },
            format.count(row.orders),
          ),
      },
      { label: t('customers.spend'), number: true, wide: true, cell: (row) => format.money(row.spend) },
      { label: t('customer.cycle'), number: true, cell: (row) => format.days(row.cycle_days) },
      { label: t('customer.since'), number: true, wide: true, cell: (row) => format.ago(row.days_since) },
      { label: t('customer.inCycle'), wide: true, cell: (row) => cycleBar(row.days_since, row.cycle_days) },
      { label: t('need.due'), number: true, cell: dueCell },
    ],
  });
  return [h('p', { class: 'unit' }, t('customer.cyclesNote')), table];
}
