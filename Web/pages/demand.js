// Demand: what will be sold in the weeks ahead, how sure is that, and where does it change?
import * as api from '../app/api.js';
import { categorySubject, CLASSES, className, demandHref, units, when } from '../app/demand.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, splitSentences, t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { quietly, region } from '../components/async-region.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { changeMark, errorMark, nextWeeks, sufficiencyTag } from '../components/demand-marks.js';
import { forecastControl, orNoForecast } from '../components/demand-run.js';
import { demandTabs } from '../components/demand-tabs.js';
import { filterChoices } from '../components/filter-choices.js';
import { filterInput } from '../components/filter-input.js';
import { sparkline, tag } from '../components/marks.js';
import { pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { askCategories } from '../components/page-request-form.js';
import { pickList } from '../components/pick-list.js';
import { notEnoughData, statePanel } from '../components/state-panel.js';

const SIZE = 50;
const FILTERS = ['class', 'query', 'category'];

/** Draws the page. */
export default function demand(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const title = t('nav.demand');
  const level = () => (query.level === 'item' ? 'item' : 'category');
  const listQuery = () => ({
    level: level(),
    class: query.class,
    query: query.query,
    category: level() === 'item' ? query.category : null,
    sort: query.sort ?? 'units',
  });
  const load = () =>
    store.load('list', (signal) =>
      api.get(['demand'], { ...listQuery(), limit: SIZE, cursor: query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  const category = categoryField(context, (value) => change({ category: value }));
  const change = (patch, options) => {
    paging.reset();
    context.setQuery({ ...patch, cursor: null, page: null }, options);
    category.hidden = level() !== 'item';
    load();
  };
  category.hidden = level() !== 'item';
  const control = forecastControl(context, () => demand(context));
  showPage(
    context.root,
    title,
    pageHead({ title, csv: { parts: ['demand'], query: listQuery, name: 'demand' } }),
    demandTabs('list'),
    region(store, 'list', (list) => lead(list, control), 3, quietly),
    section(
      t('demand.all'),
      filters(query, change, category),
      region(store, 'list', (list) => table(list, { query, change, paging, level: level() }), 12),
    ),
    region(store, 'list', (list) => report(list.report), 2, quietly),
  );
  orNoForecast(load(), context, { title, tabs: demandTabs('list') }, () => demand(context));
}

function lead(list, control) {
  return [
    sentences(splitSentences(local(list.summary))),
    h(
      'div',
      { class: 'with-action' },
      h(
        'p',
        { class: 'unit' },
        t('demand.base', {
          weeks: list.history_weeks,
          horizon: list.horizon,
          as_of: when(list.as_of),
          date: format.dateTime(list.forecast_at),
        }),
      ),
      control,
    ),
  ];
}

function categoryField(context, onPick) {
  const field = pickList({
    label: t('voice.category'),
    placeholder: t('recommend.categoryHint'),
    ask: askCategories,
    free: true,
    onPick: (value) => onPick(value || null),
  });
  field.show(context.query.category);
  return field;
}

function filters(query, change, category) {
  const input = filterInput({ query, change, label: t('needs.filter') });
  return h(
    'div',
    { class: 'filters' },
    filterChoices({
      label: t('demand.level'),
      name: 'level',
      values: [['item', t('demand.level.item')]],
      all: t('demand.level.category'),
      // Other levels than these have views of their own.
      query: { level: query.level === 'item' ? 'item' : undefined },
      change: (patch) => change({ ...patch, category: null }),
    }),
    filterChoices({
      label: t('demand.class'),
      name: 'class',
      values: CLASSES.map((name) => [name, className(name)]),
      query,
      change,
    }),
    input,
    category,
  );
}

function table(list, { query, change, paging, level }) {
  if (list.items.length === 0) return nothing(query, level);
  return [
    h('p', { class: 'unit' }, t('demand.note')),
    dataTable({
      caption: t('demand.all'),
      rows: list.items,
      sort: query.sort ?? 'units',
      onSort: (sort) => change({ sort }),
      rowHref: (row) => demandHref(row.subject),
      columns: [
        {
          label: t(`demand.name.${level}`),
          sort: 'label',
          head: true,
          cell: (row) => nameCell(row, level),
        },
        {
          label: t('demand.recent'),
          wide: true,
          cell: (row) => sparkline(row.recent ?? [], t('demand.sparkLabel', { name: row.label })),
        },
        { label: t('demand.last4'), number: true, wide: true, cell: (row) => units(row.units_last_4) },
        { label: t('demand.next4'), sort: 'units', number: true, cell: nextWeeks },
        { label: t('demand.change'), sort: 'change', number: true, cell: changeMark },
        { label: t('demand.error'), sort: 'error', wide: true, cell: errorMark },
        { label: t('demand.class'), wide: true, cell: (row) => tag(className(row.class)) },
      ],
    }),
    paging.controls(list, SIZE),
  ];
}

function nameCell(row, level) {
  return [
    h('a', { href: demandHref(row.subject) }, row.label || row.id),
    ' ',
    sufficiencyTag(row),
    level === 'item' && row.category
      ? h('span', { class: 'path' }, h('a', { href: demandHref(categorySubject(row.category)) }, row.category))
      : null,
    row.problem ? h('span', { class: 'note' }, local(row.problem)) : null,
  ];
}

function nothing(query, level) {
  if (FILTERS.some((name) => query[name]))
    return statePanel('empty', {
      title: t('demand.noMatch'),
      detail: t('demand.noMatchDetail'),
      action: h('a', { href: href(['demand'], { level }) }, t('action.clearFilters')),
    });
  return notEnoughData(t('demand.none'));
}

/** How good the forecasts were: each method by how many it was best for, and whether the ranges held. */
function report(data) {
  if (!data?.methods?.length) return null;
  const { coverage } = data;
  return section(
    t('demand.report'),
    h(
      'p',
      null,
      coverage
        ? t('demand.report.coverage', {
            narrow: format.percent(coverage['80'], 0),
            wide: format.percent(coverage['95'], 0),
          })
        : t('demand.report.noCoverage'),
    ),
    dataTable({
      caption: t('demand.report'),
      rows: data.methods,
      columns: [
        { label: t('models.method'), head: true, cell: (row) => tOr(`demand.method.${row.model}`, row.model) },
        { label: t('demand.report.subjects'), number: true, cell: (row) => format.count(row.subjects) },
        { label: 'MASE', number: true, cell: (row) => format.decimal(row.mase, 2) },
        { label: 'WRMSSE', number: true, wide: true, cell: (row) => format.decimal(row.wrmsse, 2) },
      ],
    }),
    h('p', { class: 'unit' }, t('demand.report.note')),
  );
}
