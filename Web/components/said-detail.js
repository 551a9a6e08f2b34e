// The parts of a need that is said: how it moves, what it does to satisfaction, and what is bought with it.
import { weeklyLine, wholeWeeks } from '../app/charts.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { kanoName, saidSeries, weekHref } from '../app/voice.js';
import { chartFigure } from './chart-figure.js';
import { probability } from './marks.js';
import { notEnoughData, statePanel } from './state-panel.js';

const FEWEST_WEEKS = 3;

/** The share of those who wrote that spoke of it, week by week, with its base. */
export function saidChart(need, shop) {
  const points = wholeWeeks(saidSeries(need.series), shop);
  if (points.length < FEWEST_WEEKS) return statePanel('waiting', { title: t('today.fewWeeks') });
  const opens = (point) => weekHref(point.week, { need_id: need.need_id });
  return chartFigure({
    title: need.trend ? t(`said.finding.${need.trend.direction}`) : t('said.findingNone'),
    unit: t('said.weekUnit'),
    note: t('said.weekNote'),
    option: weeklyLine(points, {
      name: t('said.weekUnit'),
      formatAxis: (value) => format.percent(value, 0),
      rows: (point) => [
        [t('said.share'), format.percent(point.value)],
        [t('said.speakers'), format.count(point.customers)],
        [t('said.writers'), format.count(point.writers)],
      ],
    }),
    onSelect: (index) => {
      location.hash = opens(points[index]);
    },
    table: {
      columns: [t('chart.week'), t('said.share'), t('said.speakers'), t('said.writers')],
      rows: [...points]
        .reverse()
        .map((point) => [
          h(
            'a',
            { href: opens(point) },
            format.day(point.week, { year: 'numeric', month: 'short', day: 'numeric' }),
          ),
          format.percent(point.value),
          format.count(point.customers),
          format.count(point.writers),
        ]),
    },
  });
}

/** What doing it well and doing it badly change, in words first, then in figures. */
export function kanoWords({ kano }) {
  if (!kano) return notEnoughData(t('said.kano.few'));
  const effect = (label, value, p) =>
    h(
      'div',
      null,
      h('dt', null, label),
      h('dd', null, format.signed(value)),
      h('dd', { class: 'note' }, t('said.kano.test', { p: probability(p) })),
    );
  const key = { 'must-be': 'mustBe', 'one-dimensional': 'oneDimensional' }[kano.class] ?? kano.class;
  return [
    h('p', null, h('strong', null, kanoName(kano.class)), ' ', t(`said.kanoMeans.${key}`)),
    h(
      'dl',
      { class: 'figures' },
      effect(t('said.kano.reward'), kano.reward, kano.reward_p_value),
      effect(t('said.kano.penalty'), kano.penalty, kano.penalty_p_value),
    ),
    h('p', { class: 'unit' }, t('said.kano.note')),
  ];
}

/** The need in what is bought that this one is about: both kinds of evidence side by side. */
export function purchaseNeed(bought) {
  return h(
    'section',
    { class: 'joined' },
    h('h2', null, t('said.boughtTitle')),
    h(
      'p',
      null,
      t('said.boughtLead', {
        count: Math.round(bought.expected_customers),
        share: format.percent(bought.share_of_customers),
        money: format.money(bought.at_stake),
      }),
      ' ',
      h('a', { href: href(['needs', bought.subject_id]) }, t('said.toBought', { need: bought.label })),
    ),
  );
}
