// One segment: what sets its customers apart, what they need, who came and who left, and who they are.
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { apartWords, day, featureValue, headline, nameOf, peopleHref, segmentHref, strengthWord } from '../app/segments.js';
import { createStore } from '../app/store.js';
import { quietly, region } from '../components/async-region.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { signedBar, sparkline } from '../components/marks.js';
import { figures, orError, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

const SIZE = 25;
/** Bars of effects are as long as three standard deviations. */
const WIDEST = 3;

/** Draws the page. */
export default function segment(context) {
  const { id } = context.params;
  const { query } = context;
  const store = createStore(context.signal);
  const path = ['segments', id];
  const back = { href: href(['segments']), label: t('nav.segments') };
  const sort = () => query.sort ?? 'spend';
  const loadPeople = () =>
    store.load('people', (signal) =>
      api.get([...path, 'customers'], { sort: sort(), limit: SIZE, cursor: query.cursor }, signal),
    );
  const paging = cursorPaging(context, loadPeople);
  const change = (patch) => {
    paging.reset();
    context.setQuery({ ...patch, cursor: null, page: null });
    loadPeople();
  };
  const loading = store.load('segment', (signal) => api.get(path, {}, signal));
  const csv = { parts: [...path, 'customers'], query: () => ({ sort: sort() }), name: `segment-${id}` };
  const title = t('segments.segment');
  showPage(
    context.root,
    title,
    region(store, 'segment', (data) => head(data, back, csv), 6),
    section(t('segments.apart'), region(store, 'segment', traits, 8, quietly)),
    section(t('segments.needs'), region(store, 'segment', needs, 8, quietly)),
    region(store, 'segment', moved, 4, quietly),
    section(
      t('segments.people'),
      region(store, 'people', (list) => people(list, { sort: sort(), change, paging }), 10),
    ),
  );
  loading.then((slice) => orError(slice, context.root, title, back));
  loadPeople();
}

function head(data, back, csv) {
  const name = nameOf(data);
  document.title = `${name} · Lode`;
  return [
    pageHead({ title: name, back, csv }),
    sentences([apartWords(data)]),
    data.rule ? h('p', null, h('code', null, data.rule)) : null,
    figures([
      { label: t('segments.customers'), value: format.count(data.size), href: peopleHref(data.id), note: t('segments.ofAll', { share: format.percent(data.share) }) },
      { label: t('segments.spend'), value: format.money(data.spend), note: t('segments.ofSpend', { share: format.percent(data.spend_share) }) },
      { label: t('segments.perCustomer'), value: format.money(data.spend_per_customer), note: t('segments.inDays', { count: data.days }) },
      data.stability === null || data.stability === undefined
        ? null
        : { label: t('segments.stability'), value: format.decimal(data.stability, 2), note: t('segments.stabilityNote') },
      data.series.length > 1
        ? {
            label: t('segments.trend'),
            value: sparkline(
              data.series.map((point) => point.customers),
              t('segments.trendLabel', { name }),
            ),
            note: t('segments.since', { date: day(data.series[0].date) }),
          }
        : null,
    ]),
    h(
      'p',
      { class: 'unit' },
      t('segments.baseOne', { days: data.days, date: day(data.date), count: data.customers }),
      ' ',
      h('a', { href: href(['segments'], { view: 'compare', a: data.id }) }, t('segments.compareThis')),
    ),
  ];
}

function traits(data) {
  const apart = new Map(data.traits.map((trait) => [trait.feature, trait]));
  if (apart.size === 0) return statePanel('empty', { title: t('segments.noTraits') });
  return [
    h('p', { class: 'unit' }, t('segments.traitsNote')),
    dataTable({
      caption: t('segments.apart'),
      rows: data.traits,
      columns: [
        { label: t('segments.feature'), head: true, cell: (row) => headline(local(row.label)) },
        { label: t('segments.here'), number: true, cell: (row) => featureValue(row.inside, row.unit) },
        { label: t('segments.others'), number: true, cell: (row) => featureValue(row.outside, row.unit) },
        {
          label: t('segments.difference'),
          cell: (row) =>
            h(
              'span',
              { class: 'effect', title: t('segments.effectHint', { value: format.signed(row.effect, 2) }) },
              signedBar(row.effect, WIDEST),
              h('span', { class: 'unit' }, strengthWord(row.effect)),
            ),
        },
      ],
    }),
  ];
}

function needs(data) {
  if (data.needs.length === 0) return statePanel('empty', { title: t('segments.noNeeds') });
  return [
    h('p', { class: 'unit' }, t('segments.needsNote', { count: data.needs[0].customers })),
    dataTable({
      caption: t('segments.needs'),
      rows: data.needs,
      rowHref: (row) => href(['needs', row.subject_id]),
      columns: [
        {
          label: t('segments.need'),
          head: true,
          cell: (row) => h('a', { href: href(['needs', row.subject_id]) }, row.label),
        },
        {
          label: t('segments.here'),
          number: true,
          cell: (row) =>
            h(
              'span',
              { title: t('segments.interval', { lower: format.percent(row.interval.lower), upper: format.percent(row.interval.upper) }) },
              format.percent(row.strength),
            ),
        },
        { label: t('segments.all'), number: true, cell: (row) => format.percent(row.overall) },
        {
          label: t('segments.lift'),
          number: true,
          cell: (row) => t('segments.times', { value: format.decimal(row.lift, 1) }),
        },
      ],
    }),
  ];
}

function moved(data) {
  const { migration } = data;
  if (!migration) return null;
  const table = (rows, side, label) =>
    rows.length === 0
      ? h('p', null, t('segments.noMoves'))
      : dataTable({
          caption: label,
          rows,
          columns: [
            { label, head: true, cell: (row) => h('a', { href: segmentHref(row[side].id) }, nameOf(row[side])) },
            { label: t('segments.customers'), number: true, cell: (row) => format.count(row.customers) },
            { label: t('segments.why'), wide: true, cell: (row) => changeWords(row.changes[0]) },
          ],
        });
  return section(
    t('segments.moved'),
    h(
      'p',
      { class: 'unit' },
      t('segments.movedBase', {
        from: day(migration.from_date),
        to: day(migration.to_date),
        before: migration.before,
        now: migration.now,
      }),
    ),
    h(
      'div',
      { class: 'columns' },
      table(migration.in, 'from', t('segments.cameFrom')),
      table(migration.out, 'to', t('segments.wentTo')),
    ),
  );
}

/** What changed for those who moved: “Spend: $120 → $480”. */
export function changeWords(change) {
  if (!change) return h('span', { class: 'muted' }, format.MISSING);
  return t('segments.change', {
    feature: headline(local(change.label)),
    before: featureValue(change.before, change.unit),
    after: featureValue(change.after, change.unit),
  });
}

function people(list, { sort, change, paging }) {
  if (list.items.length === 0) return statePanel('empty', { title: t('segments.nobody') });
  const open = (row) => href(['customers', row.customer_id]);
  return [
    dataTable({
      caption: t('segments.people'),
      rows: list.items,
      sort,
      onSort: (next) => change({ sort: next }),
      rowHref: open,
      columns: [
        { label: t('segments.customer'), head: true, cell: (row) => h('a', { href: open(row) }, row.customer_id) },
        { label: t('segments.spendAll'), sort: 'spend', number: true, cell: (row) => format.money(row.spend) },
        { label: t('segments.orders'), sort: 'frequency', number: true, cell: (row) => format.count(row.orders) },
        {
          label: t('segments.lastOrder'),
          sort: 'recency',
          number: true,
          cell: (row) => format.ago(row.days_since_last_order),
        },
        {
          label: t('segments.top'),
          wide: true,
          cell: (row) => h('div', { class: 'clip' }, (row.top_categories ?? []).join(' · ')),
        },
      ],
    }),
    paging.controls(list, SIZE),
  ];
}
