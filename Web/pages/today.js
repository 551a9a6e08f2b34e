// Today: what changed, and what needs attention?
import * as api from '../app/api.js';
import { recentChange, weeklyBars, withPartialWeeks } from '../app/charts.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { chartFigure } from '../components/chart-figure.js';
import { needBrief } from '../components/need-brief.js';
import { icon } from '../components/icon.js';
import { choices, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { notEnoughData, statePanel } from '../components/state-panel.js';

const METRICS = ['spend', 'orders', 'customers'];

/** Draws the page. */
export default function today(context) {
  const store = createStore(context.signal);
  showPage(
    context.root,
    t('nav.today'),
    pageHead({ title: t('nav.today') }),
    region(store, 'overview', (data) => overview(context, store, data), 12),
  );
  store.load('overview', (signal) => api.get(['overview'], {}, signal));
  store.load('needs', (signal) => api.get(['needs'], { sort: 'at_stake', limit: 5 }, signal));
}

function biggest(list, shop) {
  if (list.items.length === 0) return notEnoughData(t('needs.noneYet'));
  return [
    h('p', { class: 'unit' }, t('today.moneyUnit', { count: list.horizon_days })),
    needBrief(list.items, shop, (row) => format.money(row.at_stake)),
    h('p', { class: 'more' }, h('a', { href: href(['needs']) }, t('needs.more', { count: list.total }))),
  ];
}

function overview(context, store, data) {
  if ((data.weekly ?? []).length === 0 && (context.shop?.events ?? 0) === 0) {
    return statePanel('empty', {
      title: t('today.empty'),
      detail: t('today.emptyDetail'),
      action: h('a', { href: href(['data', 'import']) }, t('state.toImport')),
    });
  }
  return [
    sentences(local(data.sentences) || []),
    freshness(context.shop, data),
    h(
      'div',
      { class: 'tiles' },
      (data.tiles ?? []).map((entry) => tile(entry, data.as_of)),
    ),
    h(
      'div',
      { class: 'columns wide-first' },
      section(t('today.weekly'), weekly(context, store, data)),
      h(
        'div',
        { class: 'stack' },
        section(t('today.attention'), attention(data.attention ?? [])),
        section(
          t('today.money'),
          region(store, 'needs', (list) => biggest(list, context.shop), 5),
        ),
      ),
    ),
  ];
}

function freshness(shop, data) {
  const parts = [t('today.asOf', { date: format.dateTime(data.as_of) })];
  if (shop) {
    parts.push(
      t('today.base', {
        customers: format.count(shop.customers),
        events: format.count(shop.events),
        items: format.count(shop.items),
      }),
    );
  }
  return h('p', { class: 'unit' }, parts.join(' · '));
}

/** What a tile counts: the customers who bought in the period, or else its purchases. */
function behindTile(id, period, asOf) {
  if (id === 'customers') return href(['customers'], { max_days: period - 1 });
  return href(['events'], { kind: 'purchase', from: format.daysBefore(asOf, period) });
}

function tile({ id, value, previous, unit, period_days: period }, asOf) {
  const write = (amount) => (unit === 'money' ? format.money(amount) : format.count(amount));
  const change = previous ? value / previous - 1 : null;
  const direction =
    change === null || Math.abs(change) < 0.0005 ? 'steady' : change > 0 ? 'rising' : 'falling';
  return h(
    'a',
    { class: 'tile', href: behindTile(id, period, asOf) },
    h('span', { class: 'tile-label' }, t(`tile.${id}`)),
    h('span', { class: 'tile-value' }, write(value)),
    h(
      'span',
      { class: 'unit' },
      change === null
        ? t('tile.noPrevious')
        : h(
            'span',
            { class: `trend ${direction}` },
            h('span', { 'aria-hidden': 'true' }, { rising: '▲', falling: '▼', steady: '–' }[direction]),
            ' ',
            format.change(change),
          ),
      ' ',
      t('tile.against', { value: write(previous), count: period }),
    ),
  );
}

function attention(list) {
  if (list.length === 0)
    return statePanel('empty', { title: t('today.nothing'), detail: t('today.nothingDetail') });
  return h(
    'ul',
    { class: 'attention' },
    list.map((entry) =>
      h(
        'li',
        { class: entry.severity },
        icon(entry.severity === 'warning' ? 'warning' : 'info'),
        h(
          'a',
          { href: entry.link },
          h('span', { class: 'visually-hidden' }, t(`severity.${entry.severity}`)),
          local(entry.text),
        ),
      ),
    ),
  );
}

function weekly(context, store, data) {
  const metric = METRICS.includes(context.query.metric) ? context.query.metric : METRICS[0];
  const points = withPartialWeeks(
    (data.weekly ?? []).map((week) => ({ ...week, value: week[metric] })),
    context.shop,
  );
  if (points.filter((point) => !point.partial).length < 3) return notEnoughData(t('today.fewWeeks'));
  const write = metric === 'spend' ? format.money : format.count;
  const choose = (id) => {
    context.setQuery({ metric: id });
    store.put('overview', data);
  };
  const opens = (point) =>
    href(['events'], { from: format.startOfDay(point.week), to: format.startOfDay(point.week, 7) });
  return [
    choices(
      t('today.metric'),
      METRICS.map((id) => ({ text: t(`tile.${id}`), chosen: id === metric, onclick: () => choose(id) })),
    ),
    chartFigure({
      title: weeklyFinding(metric, points),
      unit: t(`today.unit.${metric}`),
      note: t('today.chartNote'),
      option: weeklyBars(points, {
        formatAxis: (value) =>
          metric === 'spend' ? format.money(value, { compact: true }) : format.compact(value),
        rows: (point) =>
          METRICS.map((id) => [
            t(`tile.${id}`),
            id === 'spend' ? format.money(point.spend) : format.count(point[id]),
          ]),
      }),
      onSelect: (index) => {
        location.hash = opens(points[index]);
      },
      table: {
        columns: [t('chart.week'), ...METRICS.map((id) => t(`tile.${id}`))],
        rows: [...points]
          .reverse()
          .map((point) => [
            h(
              'a',
              { href: opens(point) },
              format.day(point.week, { year: 'numeric', month: 'short', day: 'numeric' }),
            ),
            ...METRICS.map((id) =>
              id === metric
                ? write(point[id])
                : id === 'spend'
                  ? format.money(point[id])
                  : format.count(point[id]),
            ),
          ]),
      },
    }),
  ];
}

function weeklyFinding(metric, points) {
  const change = recentChange(points);
  if (change === null) return t(`tile.${metric}`);
  const name = t(`today.subject.${metric}`);
  if (Math.abs(change) < 0.01) return t('today.findingSteady', { name });
  return t(change > 0 ? 'today.findingUp' : 'today.findingDown', {
    name,
    change: format.percent(Math.abs(change), 1),
  });
}
