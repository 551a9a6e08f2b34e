// The pictures of who stops buying, each with the finding it shows and the customers behind it.
import { calibration, classBars, weeklyBars } from '../app/charts.js';
import { savingsChart, survivalChart } from '../app/charts-churn.js';
import { day, listHref, numberRange, savings } from '../app/churn.js';
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { chartFigure } from './chart-figure.js';
import { numberField } from './number-field.js';

const amount = (money) => money?.amount ?? 0;
const binHref = (bin) => listHref({ risk_from: bin.from || null, risk_below: bin.to < 1 ? bin.to : null });
const binTitle = (bin) =>
  t('churn.range', { lower: format.percent(bin.from, 0), upper: format.percent(bin.to, 0) });

/** Above this risk a customer is spoken of as likely to be missed. */
const HIGH = 0.1;

/** Where in the scale of risks the money lies. */
export function stakes(data) {
  const last = data.histogram.findLastIndex((bin) => bin.customers > 0);
  const bins = data.histogram.slice(0, last + 1);
  const high = bins.filter((bin) => bin.from >= HIGH - 1e-9);
  const sum = (list, read) => list.reduce((total, bin) => total + read(bin), 0);
  const all = sum(bins, (bin) => amount(bin.value_at_stake));
  return chartFigure({
    title: t('churn.stakes.finding', {
      count: sum(high, (bin) => bin.customers),
      risk: format.percent(HIGH, 0),
      share: format.percent(all > 0 ? sum(high, (bin) => amount(bin.value_at_stake)) / all : 0, 0),
    }),
    unit: t('churn.stakes.unit'),
    option: classBars(
      bins.map((bin) => ({
        label: format.percent(bin.from, 0),
        title: binTitle(bin),
        value: amount(bin.value_at_stake),
        bin,
      })),
      {
        formatAxis: (value) => format.money(value, { compact: true }),
        rows: ({ bin }) => [
          [t('churn.stake'), format.money(bin.value_at_stake)],
          [t('nav.customers'), format.count(bin.customers)],
        ],
      },
    ),
    onSelect: (index) => {
      if (bins[index]?.customers) location.hash = binHref(bins[index]);
    },
    table: {
      columns: [t('churn.risk'), t('nav.customers'), t('churn.stake')],
      rows: bins.map((bin) => [
        bin.customers ? h('a', { href: binHref(bin) }, binTitle(bin)) : binTitle(bin),
        format.count(bin.customers),
        format.money(bin.value_at_stake),
      ]),
    },
  });
}

/** How long it usually takes until the next purchase. */
export function gaps({ gaps: list, definition }) {
  if (!list?.length) return null;
  const at = (days) => list.findLast((point) => point.days <= days) ?? list[0];
  const half = list.find((point) => point.longer <= 0.5) ?? list.at(-1);
  const horizon = definition.horizon_days;
  return chartFigure({
    title: t('churn.gaps.finding', {
      half: format.days(half.days),
      share: format.percent(at(horizon).longer, 1),
      horizon: format.span(horizon),
    }),
    unit: t('churn.gaps.unit'),
    option: survivalChart(list, horizon),
    table: {
      columns: [t('churn.gaps.days'), t('churn.gaps.share'), t('churn.interval', { level: format.percent(0.95, 0) })],
      rows: list.map((point) => [
        format.count(point.days),
        format.percent(point.longer, 1),
        numberRange(point.interval, (one) => format.percent(one, 1)) ?? format.MISSING,
      ]),
    },
  });
}

/** Below this many customers a group says little. */
const FEW = 30;

/** Whether those told a risk of 30 % stopped in 30 of 100 cases. */
export function reliability({ test }) {
  const points = test.reliability;
  const large = points.filter((point) => point.count >= FEW);
  const gap = Math.max(0, ...large.map((point) => Math.abs(point.predicted - point.observed)));
  return chartFigure({
    title: t('churn.reliability.finding', { gap: format.decimal(gap * 100, 1), few: format.count(FEW) }),
    unit: t('churn.reliability.unit', { count: format.count(test.customers) }),
    note: t('churn.reliability.note'),
    option: calibration(points),
    table: {
      columns: [t('models.calibration.predicted'), t('models.calibration.observed'), t('nav.customers')],
      rows: points.map((point) => [
        format.percent(point.predicted, 1),
        format.percent(point.observed, 1),
        format.count(point.count),
      ]),
    },
  });
}

/** What contacting customers would have brought on the weeks held out, at costs that can be changed. */
export function costs(context, { test }) {
  const { query } = context;
  const place = h('div', { class: 'churn-costs' });
  const number = (name, otherwise) => (query[name] === undefined ? otherwise : Number(query[name]));
  const terms = {
    contact: number('contact', test.costs.contact),
    loss: number('loss', test.costs.loss),
    kept: number('kept', 100) / 100,
  };
  const draw = () => replace(place, savingsFigure(test, terms));
  const field = (name, { min = 0, max, unit, factor = 1 }) =>
    numberField({
      label: t(`churn.costs.${name}`),
      unit,
      min,
      max,
      step: 'any',
      value: terms[name] * factor,
      onChange: (value) => {
        terms[name] = (value ?? 0) / factor;
        context.setQuery({ [name]: value ?? 0 }, { replace: true });
        draw();
      },
    });
  draw();
  return h(
    'div',
    { class: 'churn-terms' },
    h(
      'div',
      { class: 'fields' },
      field('contact', {}),
      field('loss', {}),
      field('kept', { max: 100, unit: '%', factor: 100 }),
    ),
    h('p', { class: 'unit' }, t('churn.costs.note')),
    place,
  );
}

function savingsFigure(test, terms) {
  const { points, best } = savings(test.curve, terms);
  const pays = best.gain > 0;
  return chartFigure({
    title: pays
      ? t('churn.costs.finding', {
          share: format.percent(best.share, 0),
          risk: format.percent(best.threshold),
          gain: format.money(best.gain),
        })
      : t('churn.costs.never'),
    unit: t('churn.costs.unit', { count: format.count(test.customers), lapsed: format.count(test.lapsed) }),
    note: pays
      ? h('a', { href: listHref({ risk_from: best.threshold.toFixed(3) }) }, t('churn.costs.who'))
      : null,
    option: savingsChart(points, pays ? best : null),
    table: {
      columns: [
        t('churn.costs.share'),
        t('churn.costs.contacted'),
        t('churn.costs.found'),
        t('churn.costs.captured'),
        t('churn.costs.lift'),
        t('churn.costs.gain'),
      ],
      rows: points.map((point) => [
        format.percent(point.share, 0),
        format.count(point.contacted),
        format.count(point.lapsed),
        format.percent(point.captured, 0),
        t('churn.times', { value: format.decimal(point.lift, 1) }),
        format.money(point.gain),
      ]),
    },
  });
}

const RECENT = 8;

/** What one customer bought week by week. */
export function weeks(data) {
  const purchases = ({ week }) =>
    href(['events'], {
      customer_id: data.customer_id,
      kind: 'purchase',
      from: format.startOfDay(week),
      to: format.startOfDay(week, 7),
    });
  const points = data.history.map((week) => ({ ...week, week: week.week_from, value: amount(week.spend) }));
  const sum = (list) => list.reduce((total, point) => total + point.visits, 0);
  return chartFigure({
    title: t('churn.weeks.finding', {
      recent: sum(points.slice(-RECENT)),
      before: sum(points.slice(-2 * RECENT, -RECENT)),
      weeks: RECENT,
    }),
    unit: t('churn.weeks.unit'),
    option: weeklyBars(points, {
      formatAxis: (value) => format.money(value, { compact: true }),
      rows: (point) => [
        [t('churn.weeks.spend'), format.money(point.spend)],
        [t('churn.weeks.visits'), format.count(point.visits)],
        [t('churn.weeks.lines'), format.count(point.lines)],
      ],
    }),
    onSelect: (index) => {
      if (points[index]?.visits) location.hash = purchases(points[index]);
    },
    table: {
      columns: [t('chart.week'), t('churn.weeks.visits'), t('churn.weeks.lines'), t('churn.weeks.spend')],
      rows: [...points]
        .reverse()
        .map((point) => [
          day(point.week),
          point.visits ? h('a', { href: purchases(point) }, format.count(point.visits)) : format.count(0),
          format.count(point.lines),
          format.money(point.spend),
        ]),
    },
  });
}
