// Two segments side by side: where do they differ?
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { featureValue, headline, nameOf, peopleHref, segmentHref } from '../app/segments.js';
import { createStore } from '../app/store.js';
import { quietly, region } from '../components/async-region.js';
import { dataTable } from '../components/data-table.js';
import { pageHead, section, showPage } from '../components/page-frame.js';
import { orNoSegments } from '../components/segment-run.js';
import { segmentTabs } from '../components/segment-tabs.js';
import { statePanel } from '../components/state-panel.js';

/** Draws the page. */
export default function segmentsCompare(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const title = t('nav.segments');
  let found = null;
  const load = () => {
    if (!query.a || !query.b) return null;
    return store.load('pair', async (signal) => {
      found = await api.get(['segments', 'compare'], { a: query.a, b: query.b }, signal);
      return found;
    });
  };
  const choose = (patch) => {
    context.setQuery(patch);
    load();
  };
  const draw = () => {
    showPage(
      context.root,
      title,
      pageHead({ title, csv: { name: 'segments-compared', text: () => csvText(found) } }),
      segmentTabs('compare'),
      region(store, 'list', (list) => pickers(list, query, choose), 2),
      region(store, 'pair', pair, 10, null),
    );
    const loading = store.load('list', (signal) => api.get(['segments'], { limit: 500 }, signal));
    orNoSegments(loading, context, { tab: 'compare', draw });
    loading.then(({ data }) => {
      if (!data) return;
      const [first, second] = data.items;
      const patch = { a: query.a ?? first?.id, b: query.b ?? (query.a === second?.id ? first?.id : second?.id) };
      context.setQuery(patch, { replace: true });
      load();
      for (const side of ['a', 'b']) {
        const select = context.root.querySelector(`[data-side="${side}"]`);
        if (select) select.value = patch[side];
      }
    });
  };
  draw();
}

function csvText(data) {
  const rows = (data?.features ?? []).map((row) => [row.feature, row.a ?? '', row.b ?? '', row.overall ?? ''].join(','));
  return ['feature,a,b,overall', ...rows].join('\r\n');
}

function pickers(list, query, choose) {
  const picker = (side) =>
    h(
      'label',
      { class: 'segment-pick' },
      h('span', { class: 'unit' }, t(`segments.side.${side}`)),
      h(
        'select',
        { 'data-side': side, onchange: (event) => choose({ [side]: event.target.value }), value: query[side] },
        list.items.map((row) =>
          h('option', { value: row.id, selected: row.id === query[side] }, `${nameOf(row)} (${format.count(row.size)})`),
        ),
      ),
    );
  return h('div', { class: 'filters' }, picker('a'), picker('b'));
}

function pair(data) {
  const { a, b } = data;
  if (a.id === b.id) return statePanel('empty', { title: t('segments.same') });
  const column = (segment, side) => ({
    label: nameOf(segment),
    number: true,
    cell: (row) => featureValue(row[side], row.unit),
  });
  return [
    h(
      'p',
      { class: 'lead' },
      t('segments.compareLead', {
        a: nameOf(a),
        b: nameOf(b),
        feature: local(most(data)?.label),
        here: featureValue(most(data)?.a, most(data)?.unit),
        there: featureValue(most(data)?.b, most(data)?.unit),
      }),
    ),
    dataTable({
      caption: t('segments.tab.compare'),
      rows: [
        { label: t('segments.customers'), of: (one) => h('a', { href: peopleHref(one.id) }, format.count(one.size)) },
        { label: t('segments.share'), of: (one) => format.percent(one.share) },
        { label: t('segments.spendShare'), of: (one) => format.percent(one.spend_share) },
        { label: t('segments.perCustomer'), of: (one) => format.money(one.spend_per_customer) },
      ],
      columns: [
        { label: '', head: true, cell: (row) => row.label },
        { label: h('a', { href: segmentHref(a.id) }, nameOf(a)), number: true, cell: (row) => row.of(a) },
        { label: h('a', { href: segmentHref(b.id) }, nameOf(b)), number: true, cell: (row) => row.of(b) },
      ],
    }),
    section(
      t('segments.howTheyBuy'),
      dataTable({
        caption: t('segments.howTheyBuy'),
        rows: data.features,
        columns: [
          { label: t('segments.feature'), head: true, cell: (row) => headline(local(row.label)) },
          column(a, 'a'),
          column(b, 'b'),
          { label: t('segments.all'), number: true, wide: true, cell: (row) => featureValue(row.overall, row.unit) },
        ],
      }),
    ),
    data.needs.length === 0
      ? null
      : section(
          t('segments.needs'),
          h('p', { class: 'unit' }, t('segments.compareNeedsNote')),
          dataTable({
            caption: t('segments.needs'),
            rows: data.needs,
            columns: [
              {
                label: t('segments.need'),
                head: true,
                cell: (row) => h('a', { href: href(['needs', row.subject_id]) }, row.subject_id),
              },
              { label: nameOf(a), number: true, cell: (row) => format.percent(row.a?.strength) },
              { label: nameOf(b), number: true, cell: (row) => format.percent(row.b?.strength) },
              {
                label: t('segments.all'),
                number: true,
                wide: true,
                cell: (row) => format.percent(row.a?.overall ?? row.b?.overall),
              },
            ],
          }),
        ),
  ];
}

/** The feature in which both differ most, against what is usual. */
function most(data) {
  const gap = (row) => (row.overall ? Math.abs(row.a - row.b) / Math.abs(row.overall) : 0);
  return data.features.reduce((best, row) => (gap(row) > gap(best) ? row : best), data.features[0]);
}
