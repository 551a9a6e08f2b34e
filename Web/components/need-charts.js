// The two pictures of one need: how it moves, and how likely its customers are to buy.
import { classBars, weeklyLine, wholeWeeks } from '../app/charts.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { chartFigure } from './chart-figure.js';
import { notEnoughData } from './state-panel.js';

/** A span of probabilities: 30–40%. */
export const probabilitySpan = (from, to) => `${Math.round(from * 100)}–${Math.round(to * 100)}%`;

/** How many customers bought it week by week. */
export function trendChart(data, shop) {
  const points = wholeWeeks(
    data.series.map(({ week, customers }) => ({ week, value: customers })),
    shop,
  );
  if (points.length < 3) return notEnoughData(t('today.fewWeeks'));
  const { direction, recent_share: recent, previous_share: previous } = data.trend;
  const opens = (point) =>
    href(['events'], {
      category: data.subject.id,
      from: format.startOfDay(point.week),
      to: format.startOfDay(point.week, 7),
    });
  const shares = { recent: format.percent(recent, 1), previous: format.percent(previous, 1) };
  return chartFigure({
    title: recent === undefined ? t(`trend.${direction}`) : t(`need.finding.${direction}`, shares),
    unit: t('need.weeklyUnit'),
    note: t('need.chartNote'),
    option: weeklyLine(points, {
      name: t('need.weeklyUnit'),
      formatAxis: format.compact,
      rows: (point) => [[t('need.buyers'), format.count(point.value)]],
    }),
    onSelect: (index) => {
      location.hash = opens(points[index]);
    },
    table: {
      columns: [t('chart.week'), t('need.buyers')],
      rows: [...points]
        .reverse()
        .map((point) => [
          h(
            'a',
            { href: opens(point) },
            format.day(point.week, { year: 'numeric', month: 'short', day: 'numeric' }),
          ),
          format.count(point.value),
        ]),
    },
  });
}

/** How many customers have it how strongly; `onOpen(filter)` lists those of a bar. */
export function strengthChart(data, onOpen) {
  const bins = data.strength_histogram ?? [];
  if (bins.length === 0) return notEnoughData();
  const total = bins.reduce((sum, bin) => sum + bin.customers, 0);
  const sure = bins.filter((bin) => bin.from >= 0.5).reduce((sum, bin) => sum + bin.customers, 0);
  const label = (bin) => probabilitySpan(bin.from, bin.to);
  const opens = (bin) => onOpen({ min_strength: bin.from || null, max_strength: bin.to });
  return chartFigure({
    title: t('need.strengthFinding', { count: sure }),
    unit: t('need.strengthUnit'),
    note: t('need.strengthNote', { total: format.count(total) }),
    option: classBars(
      bins.map((bin) => ({ label: label(bin), value: bin.customers })),
      {
        formatAxis: format.compact,
        rows: (point) => [
          [t('needs.customers'), format.count(point.value)],
          [t('need.ofAll', { total: format.count(total) }), format.percent(point.value / total, 1)],
        ],
      },
    ),
    onSelect: (index) => opens(bins[index]),
    table: {
      columns: [t('need.strength'), t('needs.customers')],
      rows: bins.map((bin) => [
        h('button', { type: 'button', class: 'link', onclick: () => opens(bin) }, label(bin)),
        format.count(bin.customers),
      ]),
    },
  });
}
