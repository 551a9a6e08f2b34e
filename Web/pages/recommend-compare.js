// Compare: what would another version of the model show in the same place, and which one measured better?
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t, tOr } from '../app/i18n.js';
import { missingFrom, pageRequest } from '../app/page-request.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { dataTable } from '../components/data-table.js';
import { tag } from '../components/marks.js';
import { methodName, metricLabel, metricNames } from '../components/model-report.js';
import { pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { modelName, recommenderVersions, requestForm } from '../components/page-request-form.js';
import { marks } from '../components/page-slots.js';
import { recommendTabs } from '../components/recommend-tabs.js';
import { notEnoughData, statePanel } from '../components/state-panel.js';

const MAIN = 'ndcg@10';

/** Draws the page. The two versions are in the address as `a` and `b`. */
export default function compare(context) {
  const { query } = context;
  const store = createStore(context.signal);
  let versions = [];
  let name = 'recommendation';
  showPage(
    context.root,
    t('recommend.tab.compare'),
    pageHead({ title: t('compare.title') }),
    recommendTabs('compare'),
    requestForm(context, (patch) => {
      context.setQuery(patch);
      load();
    }),
    region(store, 'versions', picker, 1),
    region(store, 'pages', sides, 12),
    region(store, 'versions', measures, 6),
  );
  store
    .load('versions', (signal) => recommenderVersions(signal))
    .then((slice) => {
      if (slice?.status !== 'ready') return;
      ({ versions, name } = slice.data);
      if (versions.length > 1) load();
    });

  /** The versions compared: those in the address, else the newest one and the one before it. */
  function pair() {
    const at = (text, other) => versions.find((one) => String(one.version) === text) ?? other;
    const live = versions.find((one) => one.state === 'live') ?? versions[0];
    const b = at(query.b, versions[0] === live ? live : versions[0]);
    const a = at(query.a, b === live ? (versions.find((one) => one !== b) ?? b) : live);
    return { a, b };
  }

  function load() {
    const missing = missingFrom(query);
    if (missing) return store.put('pages', { missing });
    const { a, b } = pair();
    const { trace, ...request } = pageRequest({ ...query, model: undefined });
    const body = { ...request, a: `${name}@${a.version}`, b: `${name}@${b.version}` };
    return store.load('pages', (signal) => api.post(['models', 'compare'], {}, body, signal));
  }

  function picker(data) {
    if (data.versions.length < 2)
      return statePanel('waiting', {
        title: t('compare.one', { count: data.versions.length }),
        detail: t('compare.oneDetail'),
        action: h('a', { href: href(['models']) }, t('state.toTraining')),
      });
    versions = data.versions;
    const { a, b } = pair();
    const select = (key, label, chosen) => {
      const id = `compare-${key}`;
      const control = h(
        'select',
        {
          id,
          onchange: () => {
            context.setQuery({ [key]: control.value });
            store.put('versions', data);
            load();
            document.getElementById(id).focus();
          },
        },
        data.versions.map((one) =>
          h(
            'option',
            { value: one.version, selected: one === chosen },
            one.state === 'live' ? `${modelName(one)} · ${t('models.state.live')}` : modelName(one),
          ),
        ),
      );
      return h('div', null, h('label', { for: id }, label), control);
    };
    return h(
      'div',
      { class: 'fields' },
      select('a', t('compare.first'), a),
      select('b', t('compare.second'), b),
    );
  }

  function sides(data) {
    if (data.missing)
      return statePanel('empty', {
        title: t(`recommend.missing.${data.missing}`),
        detail: t('recommend.missingDetail'),
      });
    const { a, b } = pair();
    return [
      sentences([
        t('compare.lead', { count: Math.max(data.a.items.length, data.b.items.length), shared: data.shared }),
        measured(a, b),
      ]),
      h(
        'p',
        { class: 'unit' },
        data.a.customer_id
          ? h(
              'a',
              { href: href(['customers', data.a.customer_id]) },
              t('customer.title', { id: data.a.customer_id }),
            )
          : t('recommend.forAnyone'),
        ` · ${t('recommend.preview')}`,
        data.a.as_of ? ` · ${t('today.asOf', { date: format.dateTime(data.a.as_of) })}` : null,
      ),
      h('div', { class: 'columns' }, side(data.a, data.b, a), side(data.b, data.a, b)),
    ];
  }

  function measures(data) {
    if (data.versions.length < 2) return null;
    const { a, b } = pair();
    return section(t('compare.measures'), measureTable(a, b));
  }
}

/** “v4 measured NDCG@10 .062 against .058 of v3”, where both were measured. */
function measured(a, b) {
  const [before, after] = [a, b].map((one) => one?.metrics?.[MAIN]);
  if (!Number.isFinite(before) || !Number.isFinite(after) || a === b) return null;
  return t('compare.measured', {
    a: modelName(a),
    b: modelName(b),
    before: format.decimal(before, 4),
    after: format.decimal(after, 4),
  });
}

/** One page as a list; each item says where the other version has it. */
function side(page, other, version) {
  const elsewhere = new Map(other.items.map((item) => [item.item_id, item.position]));
  const heading = version ? modelName(version) : modelName(page.model);
  return section(
    page.fallback ? `${heading} · ${tOr(`fallback.${page.fallback}`, page.fallback)}` : heading,
    page.items.length === 0
      ? notEnoughData(t('recommend.nothing'))
      : h(
          'ol',
          { class: 'slots' },
          page.items.map((item) =>
            h(
              'li',
              { class: elsewhere.has(item.item_id) ? 'both' : 'alone', 'data-item': item.item_id },
              h('span', { class: 'place' }, format.count(item.position)),
              h(
                'div',
                null,
                h(
                  'p',
                  { class: 'slot-head' },
                  h('a', { href: href(['items', item.item_id]) }, item.title || item.item_id),
                  marks(item),
                ),
                h('p', { class: 'unit' }, item.reasons?.[0] ? local(item.reasons[0].text) : item.category),
              ),
              standing(item.position, elsewhere.get(item.item_id)),
            ),
          ),
        ),
  );
}

/** Whether the other version has the item too, by word and shape. */
function standing(here, there) {
  if (there === undefined) return tag(t('compare.onlyHere'), 'busy');
  if (there === here) return h('span', { class: 'unit' }, t('compare.same'));
  return h('span', { class: 'unit' }, t('compare.there', { place: format.count(there) }));
}

/** What was measured offline, with intervals where the report has them, beside the plain rules. */
function measureTable(a, b) {
  const names = metricNames([a, b].map((one) => one?.metrics));
  if (names.length === 0) return notEnoughData(t('compare.noMeasures'));
  const rows = [
    { name: modelName(a), version: a },
    ...(a === b ? [] : [{ name: modelName(b), version: b }]),
    ...(b?.baselines ?? []).map((one) => ({ name: methodName(one.name), version: one })),
  ];
  return [
    dataTable({
      caption: t('compare.measures'),
      rows,
      columns: [
        { label: t('models.method'), head: true, cell: (row) => row.name },
        ...names.map((name, index) => ({
          label: metricLabel(name),
          number: true,
          wide: index > 1,
          cell: (row) => [
            format.decimal(row.version.metrics?.[name], 4),
            interval(row.version, name),
          ],
        })),
        {
          label: t('models.trainedAt'),
          wide: true,
          cell: (row) => (row.version.trained_at ? format.dateTime(row.version.trained_at) : ''),
        },
      ],
    }),
    h('p', { class: 'unit' }, t('compare.note')),
  ];
}

function interval({ intervals }, name) {
  const { lower, upper } = intervals?.[name] ?? {};
  if (!Number.isFinite(lower) || !Number.isFinite(upper)) return null;
  return h('span', { class: 'note' }, `${format.decimal(lower, 4)}–${format.decimal(upper, 4)}`);
}
