// The pictures of customers' value, each with the finding it shows and the customers behind it.
import { classBars } from '../app/charts.js';
import { aliveScatter, checkBars, lorenzChart } from '../app/charts-value.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { customerHref, listHref, purchases } from '../app/value.js';
import { chartFigure } from './chart-figure.js';

/** The address of the customers of a bin. */
const binHref = (bin) => listHref({ value_from: bin.from, value_below: bin.to });

function binTitle(bin) {
  if (bin.to === null) return t('value.bin.from', { value: format.money(bin.from) });
  return t('value.range', { lower: format.money(bin.from), upper: format.money(bin.to) });
}

/** How many customers are worth how much. */
export function spread(data) {
  const median = data.quantiles.find((one) => one.share === 0.5)?.value;
  const high = data.quantiles.find((one) => one.share === 0.9)?.value;
  return chartFigure({
    title: t('value.spread.finding', { median: format.money(median), high: format.money(high) }),
    unit: t('value.spread.unit'),
    option: classBars(
      data.histogram.map((bin) => ({
        label: format.money(bin.from, { compact: true }),
        title: binTitle(bin),
        value: bin.customers,
        bin,
      })),
      {
        formatAxis: format.compact,
        rows: ({ bin }) => [
          [t('nav.customers'), format.count(bin.customers)],
          [t('value.value'), format.money(bin.value)],
        ],
      },
    ),
    onSelect: (index) => {
      if (data.histogram[index]) location.hash = binHref(data.histogram[index]);
    },
    table: {
      columns: [t('value.value'), t('nav.customers'), t('value.sum')],
      rows: data.histogram.map((bin) => [
        h('a', { href: binHref(bin) }, binTitle(bin)),
        format.count(bin.customers),
        format.money(bin.value),
      ]),
    },
  });
}

/** Which part of the customers holds which part of the value. */
export function concentration(data) {
  const first = data.deciles[0];
  const half = data.lorenz.find((point) => point.value >= 0.5);
  return chartFigure({
    title: t('value.lorenz.finding', {
      share: format.percent(first.share, 0),
      half: format.percent(half?.customers ?? 0, 0),
    }),
    unit: t('value.lorenz.unit', { gini: format.decimal(data.gini, 2) }),
    option: lorenzChart(data.lorenz),
    table: {
      columns: [t('value.tenth'), t('nav.customers'), t('value.least'), t('value.sum'), t('value.share')],
      rows: data.deciles.map((decile) => [
        h('a', { href: listHref({ decile: decile.decile }) }, t('value.decile', { count: decile.decile })),
        format.count(decile.customers),
        format.money(decile.least),
        format.money(decile.value),
        format.percent(decile.share),
      ]),
    },
  });
}

/** Who may leave, and what they are worth if they stay. */
export function fading(data) {
  const group = data.quadrants.find((one) => one.quadrant === 'valuable_fading');
  return chartFigure({
    title: t('value.fading.finding', {
      count: group?.customers ?? 0,
      lost: format.money(group?.at_risk),
    }),
    unit: t('value.fading.unit', { shown: data.points.length, all: format.count(data.customers) }),
    size: 'tall',
    option: aliveScatter(data.points, data.bounds),
    onPoint: (index) => {
      if (data.points[index]) location.hash = customerHref(data.points[index].customer_id);
    },
    table: {
      columns: [t('nav.customers'), t('value.alive'), t('value.ifStaying'), t('value.value')],
      rows: data.points.map((point) => [
        h('a', { href: customerHref(point.customer_id) }, point.customer_id),
        format.percent(point.p_alive),
        format.money(point.value_if_staying),
        format.money(point.value),
      ]),
    },
  });
}

/** What was foretold of the last weeks, and what came. */
export function lookingBack(check) {
  const isMoney = check.deciles.some((decile) => decile.predicted_value);
  const predicted = (decile) => (isMoney ? decile.predicted_value?.amount : decile.predicted_purchases);
  const actual = (decile) => (isMoney ? decile.actual_value?.amount : decile.actual_purchases);
  const formatAxis = isMoney ? (value) => format.money(value, { compact: true }) : format.compact;
  return chartFigure({
    title: backFinding(check, isMoney),
    unit: t(isMoney ? 'value.check.unitMoney' : 'value.check.unit', { days: check.days }),
    option: checkBars(check.deciles, { predicted, actual, formatAxis }),
    table: {
      columns: [
        t('value.tenth'),
        t('nav.customers'),
        t('value.check.boughtAtAll'),
        `${t('value.purchases')}: ${t('value.check.predicted')}`,
        t('value.check.actual'),
        `${t('value.value')}: ${t('value.check.predicted')}`,
        t('value.check.actual'),
      ],
      rows: check.deciles.map((decile) => [
        t('value.decile', { count: decile.decile }),
        format.count(decile.customers),
        format.count(decile.buyers),
        purchases(decile.predicted_purchases),
        purchases(decile.actual_purchases),
        format.money(decile.predicted_value),
        format.money(decile.actual_value),
      ]),
    },
  });
}

const SAME = 0.005;

function backFinding({ total }, isMoney) {
  const [told, came] = isMoney
    ? [total.predicted_value?.amount, total.actual_value?.amount]
    : [total.predicted_purchases, total.actual_purchases];
  const off = came > 0 ? told / came - 1 : null;
  if (off === null) return t('value.check');
  const write = isMoney ? format.money : format.count;
  const values = { told: write(told), came: write(came), share: format.percent(Math.abs(off), 1) };
  if (Math.abs(off) < SAME) return t('value.check.even', values);
  return t(off > 0 ? 'value.check.high' : 'value.check.low', values);
}
