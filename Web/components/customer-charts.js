import { classBars, recentChange, weeklyBars, withPartialWeeks } from '../app/charts.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { chartFigure } from './chart-figure.js';

/** What the customer spent week by week. */
export function spendChart(profile, shop) {
  const points = withPartialWeeks(
    (profile.spend_by_week ?? []).map(({ week, spend }) => ({ week, value: spend })),
    shop,
  );
  const change = recentChange(points, 8);
  const share = { change: format.percent(Math.abs(change), 0) };
  const title =
    change === null
      ? t('customer.spendByWeek')
      : Math.abs(change) < 0.005
        ? t('customer.spendSteady')
        : t(change > 0 ? 'customer.spendUp' : 'customer.spendDown', share);
  return chartFigure({
    title,
    unit: t('customer.spendUnit'),
    size: 'small',
    option: weeklyBars(points, {
      formatAxis: (value) => format.money(value, { compact: true }),
      rows: (point) => [[t('customers.spend'), format.money(point.value)]],
    }),
    table: {
      columns: [t('chart.week'), t('customers.spend')],
      rows: [...points]
        .reverse()
        .map((point) => [
          format.day(point.week, { year: 'numeric', month: 'short', day: 'numeric' }),
          format.money(point.value),
        ]),
    },
  });
}

/** On which days of the week the customer orders. */
export function weekdaysChart(profile) {
  // 1 January 2024 was a Monday.
  const name = (index, style) => format.day(`2024-01-0${index + 1}`, { weekday: style });
  return shareChart(profile.weekdays ?? [], {
    label: (index) => name(index, 'short'),
    title: (index) => name(index, 'long'),
    finding: (index, share) => t('customer.weekdayFinding', { day: name(index, 'long'), share }),
    unit: t('customer.shareOfOrders', { count: profile.orders }),
    column: t('customer.weekday'),
    orders: profile.orders,
    interval: 0,
  });
}

/** At which hours the customer orders, in the shop's zone. */
export function hoursChart(profile) {
  const hour = (index) => `${String(index).padStart(2, '0')}:00`;
  return shareChart(profile.hours ?? [], {
    label: hour,
    title: (index) => `${hour(index)}–${hour((index + 1) % 24)}`,
    finding: (index, share) => t('customer.hourFinding', { hour: hour(index), share }),
    unit: t('customer.shareOfOrders', { count: profile.orders }),
    column: t('customer.hour'),
    orders: profile.orders,
    interval: 5,
  });
}

function shareChart(shares, { label, title, finding, unit, column, orders, interval }) {
  const points = shares.map((value, index) => ({ label: label(index), title: title(index), value }));
  const top = shares.indexOf(Math.max(...shares));
  return chartFigure({
    title: finding(top, format.percent(shares[top], 0)),
    unit,
    size: 'small',
    option: classBars(points, {
      formatAxis: (value) => format.percent(value, 0),
      interval,
      rows: (point) => [
        [t('customer.share'), format.percent(point.value, 0)],
        [t('customers.orders'), format.count(point.value * orders)],
      ],
    }),
    table: {
      columns: [column, t('customer.share')],
      rows: points.map((point) => [point.title, format.percent(point.value, 1)]),
    },
  });
}
