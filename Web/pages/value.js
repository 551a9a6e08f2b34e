// Value: what are customers worth, who is worth most, who may be leaving, and how far can that be trusted?
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, splitSentences, t } from '../app/i18n.js';
import { createStore } from '../app/store.js';
import {
  customerHref,
  listHref,
  modelName,
  moneyRange,
  purchaseRange,
  purchases,
  QUADRANTS,
  RUN,
} from '../app/value.js';
import { quietly, region } from '../components/async-region.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { filterChoices } from '../components/filter-choices.js';
import { filterInput } from '../components/filter-input.js';
import { shareBar, tag } from '../components/marks.js';
import { orNotRun, runControl } from '../components/model-run.js';
import { chips, figures, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';
import { concentration, fading, lookingBack, spread } from '../components/value-charts.js';

const SIZE = 25;
const FILTERS = ['quadrant', 'query', 'decile', 'value_from', 'value_below'];

/** Draws the page. */
export default function value(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const title = t('value.title');
  const listQuery = () => ({
    ...Object.fromEntries(FILTERS.map((name) => [name, query[name]])),
    sort: query.sort ?? 'value',
  });
  const load = () =>
    store.load('list', (signal) =>
      api.get(['value', 'customers'], { ...listQuery(), limit: SIZE, cursor: query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  const change = (patch, options) => {
    paging.reset();
    context.setQuery({ ...patch, cursor: null, page: null }, options);
    load();
  };
  const again = runControl(context, RUN, () => value(context));
  showPage(
    context.root,
    title,
    pageHead({ title, csv: { parts: ['value', 'customers'], query: listQuery, name: 'customer-values' } }),
    region(store, 'value', (data) => lead(data, again), 6),
    region(store, 'value', pictures, 8, quietly),
    section(
      t('value.customers'),
      filters(query, change),
      region(store, 'list', (list) => table(list, { query, change, paging }), 12),
    ),
    region(store, 'value', trust, 8, quietly),
  );
  orNotRun(
    store.load('value', (signal) => api.get(['value'], {}, signal)),
    context,
    { title, run: RUN },
    () => value(context),
  );
  load();
}

function lead(data, again) {
  return [
    sentences(splitSentences(local(data.summary))),
    h(
      'div',
      { class: 'with-action' },
      h(
        'p',
        { class: 'unit' },
        t('value.base', {
          count: data.customers,
          as_of: format.day(data.as_of, { year: 'numeric', month: 'short', day: 'numeric' }),
          date: format.dateTime(data.valued_at),
          months: data.terms.horizon_months,
          discount: format.percent(data.terms.monthly_discount, 1),
          margin: format.percent(data.terms.margin, 0),
        }),
      ),
      again,
    ),
    data.sufficiency.met ? null : gates(data.sufficiency.gates),
    data.total ? totals(data) : null,
  ];
}

/** What is missing, said before any figure. */
function gates(list) {
  return statePanel('waiting', {
    title: t('value.missing'),
    detail: t('value.missingDetail'),
    action: h(
      'ul',
      { class: 'gates' },
      list.map((gate) =>
        h('li', null, tag(t(gate.met ? 'value.gate.met' : 'value.gate.open'), gate.met ? 'good' : 'warn'), ' ', local(gate.text)),
      ),
    ),
  });
}

function totals(data) {
  const { total, alive, check } = data;
  const level = format.percent(data.terms.level, 0);
  return figures([
    total.value
      ? {
          label: t('value.total'),
          value: format.money(total.value),
          note: t('value.level', { level, range: moneyRange(total.value_range) }),
        }
      : null,
    total.value ? { label: t('value.mean'), value: format.money(total.mean) } : null,
    {
      label: t('value.total.purchases'),
      value: format.count(total.purchases),
      note: t('value.level', { level, range: purchaseRange(total.purchases_range) }),
    },
    {
      label: t('value.total.alive'),
      value: format.count(alive.expected),
      note: t('value.total.aliveNote', { share: format.percent(alive.expected / data.customers, 0) }),
    },
    check
      ? {
          label: t('value.total.coverage'),
          value: format.percent(check.coverage, 0),
          note: t('value.total.coverageNote', { level }),
        }
      : null,
  ]);
}

function pictures(data) {
  if (!data.total?.value) return null;
  return [
    section(t('value.spread'), h('div', { class: 'columns' }, spread(data), concentration(data))),
    section(
      t('value.fading'),
      h('div', { class: 'columns wide-first' }, fading(data), quadrantTable(data)),
    ),
  ];
}

function quadrantTable(data) {
  return h(
    'div',
    null,
    dataTable({
      caption: t('value.quadrants'),
      rows: data.quadrants,
      columns: [
        {
          label: t('value.quadrant'),
          head: true,
          cell: (row) => h('a', { href: listHref({ quadrant: row.quadrant }) }, t(`value.quadrant.${row.quadrant}`)),
        },
        { label: t('nav.customers'), number: true, cell: (row) => format.count(row.customers) },
        { label: t('value.value'), number: true, cell: (row) => format.money(row.value) },
        { label: t('value.atRisk'), number: true, cell: (row) => format.money(row.at_risk) },
      ],
    }),
    h(
      'p',
      { class: 'unit' },
      t('value.quadrants.note', {
        value: format.money(data.bounds.value),
        alive: format.percent(data.bounds.p_alive, 0),
      }),
    ),
  );
}

function filters(query, change) {
  const input = filterInput({ query, change, label: t('value.filter') });
  const without = (names) =>
    listHref(Object.fromEntries([...FILTERS, 'sort'].map((name) => [name, names.includes(name) ? null : query[name]])));
  const from = query.value_from ?? query.value_below;
  return [
    h(
      'div',
      { class: 'filters' },
      filterChoices({
        label: t('value.quadrant'),
        name: 'quadrant',
        values: QUADRANTS.map((name) => [name, t(`value.quadrant.${name}`)]),
        query,
        change,
      }),
      input,
    ),
    chips(
      [
        query.decile
          ? { name: t('value.tenth'), value: t('value.decile', { count: query.decile }), href: without(['decile']) }
          : null,
        from
          ? {
              name: t('value.value'),
              value: query.value_below
                ? t('value.range', {
                    lower: format.money(Number(query.value_from ?? 0)),
                    upper: format.money(Number(query.value_below)),
                  })
                : t('value.bin.from', { value: format.money(Number(query.value_from)) }),
              href: without(['value_from', 'value_below']),
            }
          : null,
      ].filter(Boolean),
    ),
  ];
}

function table(list, { query, change, paging }) {
  if (list.items.length === 0) {
    if (FILTERS.some((name) => query[name]))
      return statePanel('empty', {
        title: t('value.noMatch'),
        action: h('a', { href: listHref({}) }, t('action.clearFilters')),
      });
    return statePanel('empty', { title: t('value.nobody') });
  }
  const isMoney = list.items.some((row) => row.value);
  return [
    h('p', { class: 'unit' }, t('value.note', { level: format.percent(list.terms.level, 0) })),
    dataTable({
      caption: t('value.customers'),
      rows: list.items,
      sort: query.sort ?? 'value',
      onSort: (sort) => change({ sort }),
      rowHref: (row) => customerHref(row.customer_id),
      columns: [
        {
          label: t('customers.customer'),
          head: true,
          cell: (row) => h('a', { href: customerHref(row.customer_id) }, row.customer_id),
        },
        isMoney
          ? {
              label: t('value.value'),
              sort: 'value',
              number: true,
              cell: (row) => [format.money(row.value), h('span', { class: 'note' }, moneyRange(row.value_range))],
            }
          : null,
        {
          label: t('value.alive'),
          sort: 'p_alive',
          cell: (row) => shareBar(row.p_alive),
        },
        isMoney
          ? { label: t('value.atRisk'), sort: 'at_risk', number: true, wide: true, cell: (row) => format.money(row.at_risk) }
          : null,
        {
          label: t('value.purchases'),
          sort: 'purchases',
          number: true,
          wide: true,
          cell: (row) => [
            purchases(row.expected_purchases),
            h('span', { class: 'note' }, purchaseRange(row.purchases_range)),
          ],
        },
        isMoney
          ? { label: t('value.spend'), number: true, wide: true, cell: (row) => format.money(row.expected_spend) }
          : null,
        {
          label: t('value.days'),
          sort: 'purchase_days',
          number: true,
          wide: true,
          cell: (row) => format.count(row.purchase_days),
        },
        {
          label: t('customers.lastOrder'),
          sort: 'recency',
          number: true,
          wide: true,
          cell: (row) => format.ago(row.days_since_last),
        },
        { label: t('value.quadrant'), wide: true, cell: (row) => tag(t(`value.quadrant.${row.quadrant}`)) },
      ].filter(Boolean),
    }),
    paging.controls(list, SIZE),
  ];
}

/** How good forecasts were on weeks held out, and what the model is. */
function trust(data) {
  const { check } = data;
  return [
    section(
      t('value.check'),
      check
        ? [
            h(
              'p',
              null,
              t('value.check.lead', {
                from: format.day(check.chosen_on.from, { year: 'numeric', month: 'short', day: 'numeric' }),
                until: format.day(check.learned_until, { year: 'numeric', month: 'short', day: 'numeric' }),
                end: format.day(check.end, { year: 'numeric', month: 'short', day: 'numeric' }),
                count: check.customers,
                days: check.days,
              }),
            ),
            lookingBack(check),
            forecasters(check),
          ]
        : h('p', null, t('value.check.none')),
    ),
    data.card.purchases ? section(t('value.card'), card(data)) : null,
  ];
}

const withInterval = (figure, write) =>
  figure.value === null
    ? format.MISSING
    : [
        write(figure.value),
        figure.lower === null
          ? null
          : h('span', { class: 'note' }, t('value.range', { lower: write(figure.lower), upper: write(figure.upper) })),
      ];

function forecasters(check) {
  const failures = Object.entries(check.failures);
  return [
    dataTable({
      caption: t('value.check.models'),
      rows: check.forecasters,
      columns: [
        {
          label: t('models.method'),
          head: true,
          cell: (row) => [
            modelName(row.name),
            ' ',
            row.chosen ? tag(t('value.check.chosen'), 'good') : row.is_model ? null : tag(t('value.check.rule')),
          ],
        },
        {
          label: t('value.check.mae'),
          number: true,
          cell: (row) => withInterval(row.mae, (one) => format.decimal(one, 2)),
        },
        {
          label: t('value.check.rmse'),
          number: true,
          wide: true,
          cell: (row) => withInterval(row.rmse, (one) => format.decimal(one, 2)),
        },
        {
          label: t('value.check.bias'),
          number: true,
          cell: (row) => withInterval(row.bias, (one) => format.change(one)),
        },
      ],
    }),
    h('p', { class: 'unit' }, t('value.check.note')),
    failures.length
      ? h(
          'ul',
          { class: 'unit' },
          failures.map(([name]) => h('li', null, t('value.check.passed', { model: modelName(name) }))),
        )
      : null,
  ];
}

function card(data) {
  const { purchases: model, spend, caveats } = data.card;
  return [
    h('ul', { class: 'caveats' }, caveats.map((text) => h('li', null, local(text)))),
    h(
      'details',
      null,
      h('summary', null, t('value.card.parameters')),
      dataTable({
        caption: t('value.card.parameters'),
        rows: [
          ...model.parameters.map((one) => ({ ...one, model: model.name })),
          ...(spend ? ['p', 'q', 'v'].map((name) => ({ name, value: spend[name], model: spend.name })) : []),
        ],
        columns: [
          { label: t('value.card.parameter'), head: true, cell: (row) => row.name },
          { label: t('models.method'), wide: true, cell: (row) => row.model },
          { label: t('value.card.value'), number: true, cell: (row) => format.decimal(row.value, 4) },
          {
            label: t('value.card.interval'),
            number: true,
            wide: true,
            cell: (row) =>
              row.lower === null || row.lower === undefined
                ? format.MISSING
                : t('value.range', { lower: format.decimal(row.lower, 4), upper: format.decimal(row.upper, 4) }),
          },
        ],
      }),
    ),
  ];
}
