// Churn: who may stop buying, what is at stake with each, why, and how far can that be trusted?
import * as api from '../app/api.js';
import { customerHref, day, listHref, reasonsHref, RUN } from '../app/churn.js';
import { debounce, h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, splitSentences, t } from '../app/i18n.js';
import { createStore } from '../app/store.js';
import { quietly, region } from '../components/async-region.js';
import { churnCard } from '../components/churn-card.js';
import { stakes } from '../components/churn-charts.js';
import { direction, reasonList } from '../components/churn-drivers.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { filterChoices } from '../components/filter-choices.js';
import { shareBar } from '../components/marks.js';
import { orNotRun, runControl } from '../components/model-run.js';
import { chips, figures, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

const SIZE = 25;
const FILTERS = ['risk_from', 'query', 'risk_below', 'value_from'];
const RISKS = ['0.1', '0.2', '0.3'];
const DEFAULT_SORT = 'value_at_stake';

/** Draws the page. */
export default function churn(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const title = t('churn.title');
  const listQuery = () => ({
    ...Object.fromEntries(FILTERS.map((name) => [name, query[name]])),
    sort: query.sort ?? DEFAULT_SORT,
  });
  const load = () =>
    store.load('list', (signal) =>
      api.get(['churn', 'customers'], { ...listQuery(), limit: SIZE, cursor: query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  const change = (patch, options) => {
    paging.reset();
    context.setQuery({ ...patch, cursor: null, page: null }, options);
    load();
  };
  const again = runControl(context, RUN, () => churn(context));
  showPage(
    context.root,
    title,
    pageHead({ title, csv: { parts: ['churn', 'customers'], query: listQuery, name: 'churn-alerts' } }),
    region(store, 'churn', (data) => lead(data, again), 6),
    section(
      t('churn.alerts'),
      filters(query, change),
      region(store, 'list', (list) => table(list, { query, change, paging }), 12),
    ),
    region(store, 'churn', (data) => (data.customers ? section(t('churn.stakes'), stakes(data)) : null), 8, quietly),
    region(store, 'churn', (data) => churnCard(context, data), 8, quietly),
  );
  orNotRun(
    store.load('churn', (signal) => api.get(['churn'], {}, signal)),
    context,
    { title, run: RUN },
    () => churn(context),
  );
  load();
}

function lead(data, again) {
  return [
    sentences([...splitSentences(local(data.summary)), local(data.definition.text)]),
    h(
      'div',
      { class: 'with-action' },
      h(
        'p',
        { class: 'unit' },
        t('churn.base', {
          count: data.customers,
          as_of: day(data.as_of),
          date: format.dateTime(data.computed_at),
          version: data.model.version,
        }),
      ),
      again,
    ),
    totals(data),
  ];
}

function totals(data) {
  const { test } = data.card;
  const chosen = test?.methods.find((one) => one.name === test.chosen);
  return figures([
    { label: t('churn.active'), value: format.count(data.customers) },
    {
      label: t('churn.expected'),
      value: format.count(data.expected_lapses),
      note: t('churn.expectedNote', { share: format.percent(data.expected_lapses / data.customers, 1) }),
    },
    { label: t('churn.stake'), value: format.money(data.value_at_stake), note: t('churn.stakeNote') },
    chosen
      ? {
          label: t('churn.lift'),
          value: t('churn.times', { value: format.decimal(chosen.metrics['lift@10'], 1) }),
          note: t('churn.liftNote', { day: day(test.as_of) }),
        }
      : null,
  ]);
}

function filters(query, change) {
  const input = h('input', {
    type: 'search',
    'data-filter': true,
    value: query.query ?? '',
    placeholder: t('churn.filter'),
    'aria-label': t('churn.filter'),
    oninput: debounce(() => change({ query: input.value.trim() }, { replace: true }), 200),
  });
  const without = (names) =>
    listHref(
      Object.fromEntries([...FILTERS, 'sort'].map((name) => [name, names.includes(name) ? null : query[name]])),
    );
  const from = query.risk_from;
  const isRange = query.risk_below || (from && !RISKS.includes(from));
  return [
    h(
      'div',
      { class: 'filters' },
      filterChoices({
        label: t('churn.risk'),
        name: 'risk_from',
        values: RISKS.map((risk) => [risk, t('churn.riskFrom', { risk: format.percent(Number(risk), 0) })]),
        query,
        change,
      }),
      input,
    ),
    chips(
      [
        isRange ? { name: t('churn.risk'), value: riskRange(query), href: without(['risk_from', 'risk_below']) } : null,
        query.value_from
          ? {
              name: t('churn.stake'),
              value: t('churn.riskFrom', { risk: format.money(Number(query.value_from)) }),
              href: without(['value_from']),
            }
          : null,
      ].filter(Boolean),
    ),
  ];
}

function riskRange({ risk_from: from, risk_below: below }) {
  const write = (value) => format.percent(Number(value), Number(value) * 100 === Math.round(Number(value) * 100) ? 0 : 1);
  if (!below) return t('churn.riskFrom', { risk: write(from) });
  return t('churn.range', { lower: write(from ?? 0), upper: write(below) });
}

function table(list, { query, change, paging }) {
  if (list.items.length === 0) {
    if (FILTERS.some((name) => query[name]))
      return statePanel('empty', {
        title: t('churn.noMatch'),
        action: h('a', { href: listHref({}) }, t('action.clearFilters')),
      });
    return statePanel('empty', { title: t('churn.nobody') });
  }
  return [
    dataTable({
      caption: t('churn.alerts'),
      rows: list.items,
      sort: query.sort ?? DEFAULT_SORT,
      onSort: (sort) => change({ sort }),
      rowHref: (row) => reasonsHref(row.customer_id),
      columns: columns(list),
    }),
    h('p', { class: 'unit' }, t('churn.note')),
    paging.controls(list, SIZE),
  ];
}

function columns({ definition }) {
  const horizon = format.span(definition.horizon_days);
  return [
    { label: t('customers.customer'), head: true, cell: nameCell },
    { label: t('churn.stake'), sort: 'value_at_stake', number: true, cell: (row) => format.money(row.value_at_stake) },
    { label: t('churn.risk'), sort: 'risk', cell: (row) => shareBar(row.risk, { digits: row.risk < 0.0995 ? 1 : 0 }) },
    {
      label: t('churn.expectedSpend', { horizon }),
      sort: 'expected_spend',
      number: true,
      wide: true,
      cell: (row) => format.money(row.expected_spend),
    },
    { label: t('churn.since'), sort: 'recency', number: true, wide: true, cell: sinceCell },
    { label: t('churn.why'), wide: true, cell: (row) => reasonList(row.reasons) },
  ];
}

/** The name opens the reasons; the customer's own page is one step away. */
function nameCell(row) {
  const main = row.reasons.find((reason) => reason.raises);
  return [
    h('a', { href: reasonsHref(row.customer_id) }, row.customer_id),
    h(
      'span',
      { class: 'note' },
      h(
        'a',
        {
          href: customerHref(row.customer_id),
          'data-action': 'profile',
          'aria-label': t('churn.profileOf', { id: row.customer_id }),
        },
        t('churn.profile'),
      ),
    ),
    h('span', { class: 'note narrow-only' }, t('churn.sinceShort', { days: format.days(row.days_since_last) })),
    main ? h('span', { class: 'note narrow-only' }, direction(main), ' ', local(main.text)) : null,
  ];
}

function sinceCell(row) {
  return [
    format.days(row.days_since_last),
    row.usual_gap_days === null
      ? null
      : h('span', { class: 'note' }, t('churn.usually', { count: Math.round(row.usual_gap_days) })),
  ];
}
