// Answers that rank: what earned the sale, which products sell, who the best customers are.
import { EVENT, groupWords, labelWords, ownPart, rowsOf, valueWords } from '../app/analytics.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { pointButton, shade } from './analytics-marks.js';
import { dataTable } from './data-table.js';
import { shareBar } from './marks.js';

const FEW = 8;

// ── Attribution ──────────────────────────────────────────────────────────────────────────────────────────────

function touchWords(row, definition) {
  if (row.touch_kind === 'other') return t('analytics.other');
  if (row.touch_kind === 'none') return t('analytics.none');
  return valueWords(row.touch, ownPart(definition).by ?? EVENT.channel);
}

const keyOf = (row) => `${row.touch_kind}:${row.touch}`;

/** Touch points with their credit by each model. */
function creditTable(result) {
  const rows = rowsOf(result, 'credits');
  const models = [...new Set(rows.map((row) => row.model))];
  const touches = new Map();
  for (const row of rows) {
    if (!touches.has(keyOf(row))) touches.set(keyOf(row), { row, credits: new Map() });
    touches.get(keyOf(row)).credits.set(row.model, row);
  }
  const main = models.includes('shapley') ? 'shapley' : models.at(-1);
  const share = (touch) => touch.credits.get(main)?.share ?? 0;
  return { models, main, touches: [...touches.values()].sort((a, b) => share(b) - share(a)) };
}

export const attribution = {
  sentences(result) {
    const { conversions, attributed } = result.sample;
    if (!attributed) return [t('analytics.attribution.nobody', { count: conversions ?? 0 })];
    const { touches, main, models } = creditTable(result);
    const top = touches[0];
    const lead = t('analytics.attribution.lead', {
      touch: touchWords(top.row, result.definition),
      share: format.percent(top.credits.get(main)?.share, 0),
      model: t(`analytics.model.${main}`),
    });
    const spread = touches
      .map((touch) => {
        const shares = models.map((model) => touch.credits.get(model)?.share ?? 0);
        return { touch, low: Math.min(...shares), high: Math.max(...shares) };
      })
      .sort((a, b) => b.high - b.low - (a.high - a.low))[0];
    return [
      lead,
      models.length > 1
        ? t('analytics.attribution.spread', {
            touch: touchWords(spread.touch.row, result.definition),
            low: format.percent(spread.low, 0),
            high: format.percent(spread.high, 0),
          })
        : null,
      t('analytics.attribution.base', {
        attributed: format.count(attributed),
        conversions: format.count(conversions),
      }),
    ].filter(Boolean);
  },
  picture(result, tools) {
    const { models, touches } = creditTable(result);
    if (touches.length === 0) return null;
    const shown = tools.small ? models.slice(0, 2) : models;
    const cell = (touch, model) => {
      const row = touch.credits.get(model);
      if (!row) return format.MISSING;
      return h(
        'button',
        {
          type: 'button',
          class: 'link',
          'aria-label': t('analytics.attribution.cell', {
            touch: touchWords(row, result.definition),
            model: t(`analytics.model.${model}`),
            share: format.percent(row.share, 1),
          }),
          onclick: () =>
            tools.open(row.point, `${touchWords(row, result.definition)} · ${t(`analytics.model.${model}`)}`),
        },
        shareBar(row.share, { digits: 0 }),
      );
    };
    return dataTable({
      caption: t('analytics.attribution.title'),
      rows: tools.small ? touches.slice(0, FEW) : touches,
      columns: [
        {
          label: t('analytics.attribution.touch'),
          head: true,
          cell: (touch) => touchWords(touch.row, result.definition),
        },
        ...shown.map((model) => ({ label: t(`analytics.model.${model}`), cell: (touch) => cell(touch, model) })),
      ],
    });
  },
  more(result, tools) {
    const rows = rowsOf(result, 'touches');
    if (rows.length === 0) return null;
    return dataTable({
      caption: t('analytics.attribution.touches'),
      rows,
      columns: [
        {
          label: t('analytics.attribution.touch'),
          head: true,
          cell: (row) => touchWords(row, result.definition),
        },
        { label: t('analytics.attribution.contacts'), number: true, cell: (row) => format.count(row.touches) },
        {
          label: t('needs.customers'),
          number: true,
          cell: (row) =>
            pointButton(format.count(row.customers), () => tools.open(row.point, touchWords(row, result.definition))),
        },
        {
          label: t('analytics.attribution.converting'),
          number: true,
          cell: (row) => format.count(row.converting_customers),
        },
      ],
    });
  },
};

// ── Products ─────────────────────────────────────────────────────────────────────────────────────────────────

const RATES = ['view_to_cart', 'cart_to_purchase', 'view_to_purchase', 'refund_rate'];
const BASES = { view_to_cart: 'views', cart_to_purchase: 'cart_adds', view_to_purchase: 'views', refund_rate: 'refunds' };

const productWords = (row, result) => row.title || groupWords({ group: row.product, ...row }, ownPart(result.definition).by);

export const products = {
  sentences(result) {
    const rows = rowsOf(result, 'products');
    if (rows.length === 0) return [t('analytics.products.nobody')];
    const by = ownPart(result.definition).by ?? EVENT.item;
    const best = [...rows].sort((a, b) => b.revenue - a.revenue)[0];
    const all = rows.reduce((sum, row) => sum + row.revenue, 0);
    const seen = rows.filter((row) => row.viewers >= 30 && row.view_to_purchase !== null);
    const top = [...seen].sort((a, b) => b.view_to_purchase - a.view_to_purchase)[0];
    return [
      t('analytics.products.lead', {
        product: productWords(best, result),
        revenue: format.money(best.revenue),
        buyers: format.count(best.buyers),
        share: format.percent(all > 0 ? best.revenue / all : 0, 0),
        count: format.count(rows.length),
        kind: t(`analytics.products.of.${by}`),
      }),
      top
        ? t('analytics.products.best', {
            product: productWords(top, result),
            share: format.percent(top.view_to_purchase, 0),
          })
        : null,
    ].filter(Boolean);
  },
  picture(result, tools) {
    const rows = rowsOf(result, 'products');
    if (rows.length === 0) return null;
    const isItem = (ownPart(result.definition).by ?? EVENT.item) === EVENT.item;
    const has = (name) => rows.some((row) => row[name] > 0);
    const people = (state, name) => ({
      label: t(`analytics.products.${name}`),
      number: true,
      wide: name !== 'buyers',
      cell: (row) =>
        pointButton(format.count(row[name]), () =>
          tools.open({ ...row.point, state }, `${productWords(row, result)} · ${t(`analytics.products.${name}`)}`),
        ),
    });
    const columns = [
      {
        label: t('analytics.products.product'),
        head: true,
        cell: (row) =>
          isItem ? h('a', { href: href(['items', row.product]) }, productWords(row, result)) : productWords(row, result),
      },
      { label: t('analytics.products.revenue'), number: true, cell: (row) => format.money(row.revenue) },
      people('bought', 'buyers'),
      { label: t('analytics.products.units'), number: true, wide: true, cell: (row) => format.count(row.units) },
      has('views') ? people('viewed', 'viewers') : null,
      has('cart_adds') ? people('carted', 'carters') : null,
      ...RATES.filter((rate) => has(BASES[rate])).map((rate) => ({
        label: t(`analytics.products.${rate}`),
        number: true,
        wide: rate !== 'view_to_purchase',
        cell: (row) =>
          h(
            'span',
            { title: t('analytics.rangeTitle', range(row, rate)) },
            row[rate] === null ? format.MISSING : format.percent(row[rate], 1),
          ),
      })),
    ].filter(Boolean);
    return dataTable({
      caption: t('analytics.products.title'),
      rows: tools.small ? rows.slice(0, FEW) : rows,
      columns: tools.small ? columns.slice(0, 3) : columns,
    });
  },
  more: () => null,
};

const range = (row, rate) => ({
  lower: format.percent(row[`${rate}_lower`], 1),
  upper: format.percent(row[`${rate}_upper`], 1),
});

// ── RFM ──────────────────────────────────────────────────────────────────────────────────────────────────────

const SCORES = [5, 4, 3, 2, 1];
const segmentWords = (name) => tOr(`analytics.segment.${name}`, labelWords(name));

export const rfm = {
  sentences(result) {
    const segments = rowsOf(result, 'segments');
    const all = segments.reduce((sum, row) => sum + row.revenue, 0);
    const find = (name) => segments.find((row) => row.segment === name);
    const best = find('champions');
    const risk = ['cannot_lose', 'at_risk'].map(find).filter((row) => row?.customers > 0);
    if (!segments.some((row) => row.customers > 0)) return [t('analytics.rfm.nobody')];
    return [
      best?.customers
        ? t('analytics.rfm.lead', {
            count: best.customers,
            share: format.percent(all > 0 ? best.revenue / all : 0, 0),
            people: format.percent(best.share, 0),
          })
        : null,
      risk.length > 0
        ? t('analytics.rfm.risk', {
            count: risk.reduce((sum, row) => sum + row.customers, 0),
            revenue: format.money(risk.reduce((sum, row) => sum + row.revenue, 0)),
          })
        : null,
    ].filter(Boolean);
  },
  picture(result, tools) {
    const grid = rowsOf(result, 'grid');
    if (grid.length === 0) return null;
    const most = Math.max(1, ...grid.map((row) => row.customers));
    const at = (recency, frequency) => grid.find((row) => row.recency === recency && row.frequency === frequency);
    const cell = (row) => {
      if (!row?.customers) return h('td', { class: 'rfm-cell empty' }, h('span', { class: 'unit' }, '0'));
      const words = segmentWords(row.segment);
      return h(
        'td',
        { class: `rfm-cell shaded ${shade(row.customers / most)}` },
        h(
          'button',
          {
            type: 'button',
            class: 'link',
            'aria-label': t('analytics.rfm.cell', {
              segment: words,
              count: row.customers,
              recency: row.recency,
              frequency: row.frequency,
            }),
            onclick: () => tools.open(row.point, words),
          },
          h('b', null, format.count(row.customers)),
          h('span', { class: 'segment' }, words),
          tools.small ? null : h('span', { class: 'money' }, format.money(row.mean_revenue)),
        ),
      );
    };
    return h(
      'div',
      { class: 'table-scroll', role: 'region', tabindex: 0, 'aria-label': t('analytics.rfm.title') },
      h(
        'table',
        { class: `rfm ${tools.small ? 'small' : ''}` },
        h('caption', { class: 'visually-hidden' }, t('analytics.rfm.title')),
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            h('th', { scope: 'col' }, h('span', { class: 'visually-hidden' }, t('analytics.rfm.recency'))),
            [...SCORES].reverse().map((score) => h('th', { scope: 'col' }, t('analytics.rfm.f', { score }))),
          ),
        ),
        h(
          'tbody',
          null,
          SCORES.map((recency) =>
            h(
              'tr',
              null,
              h('th', { scope: 'row' }, t('analytics.rfm.r', { score: recency })),
              [...SCORES].reverse().map((frequency) => cell(at(recency, frequency))),
            ),
          ),
        ),
      ),
    );
  },
  more(result, tools) {
    const rows = rowsOf(result, 'segments').filter((row) => row.customers > 0);
    const edges = rowsOf(result, 'edges');
    return [
      h('p', { class: 'unit' }, t('analytics.rfm.axes')),
      dataTable({
        caption: t('analytics.rfm.segments'),
        rows,
        columns: [
          { label: t('analytics.rfm.segment'), head: true, cell: (row) => segmentWords(row.segment) },
          {
            label: t('needs.customers'),
            number: true,
            cell: (row) =>
              pointButton(format.count(row.customers), () => tools.open(row.point, segmentWords(row.segment))),
          },
          { label: t('analytics.share'), wide: true, cell: (row) => shareBar(row.share) },
          { label: t('analytics.products.revenue'), number: true, cell: (row) => format.money(row.revenue) },
          {
            label: t('analytics.rfm.todo'),
            wide: true,
            cell: (row) => h('span', { class: 'unit' }, tOr(`analytics.segment.todo.${row.segment}`, '')),
          },
        ],
      }),
      edges.length > 0 ? h('p', { class: 'unit' }, edgeWords(edges)) : null,
    ];
  },
};

/** Where the scores begin: the best of recency and of frequency. */
function edgeWords(edges) {
  const best = (measure) => edges.find((row) => row.measure === measure && row.score === 5);
  const [recency, frequency] = [best('recency'), best('frequency')];
  if (!recency || !frequency) return '';
  return t('analytics.rfm.edges', {
    date: format.date(recency.from),
    orders: format.count(frequency.from),
  });
}
