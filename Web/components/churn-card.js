// How far risks can be trusted: what they were worth on weeks held out, beside rules of thumb.
import { day, methodName, numberRange } from '../app/churn.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { costs, gaps, reliability } from './churn-charts.js';
import { dataTable } from './data-table.js';
import { shareBar, tag } from './marks.js';
import { section } from './page-frame.js';
import { notEnoughData } from './state-panel.js';

/** What every other method is held against. */
const RULES = ['Recency', 'BetaGeometricNBD'];
const IMPORTANT = 8;

/** The parts of the page that say how good the risks are and what they rest on. */
export function churnCard(context, data) {
  const { card } = data;
  return [
    section(t('churn.trust'), card.test ? measured(card.test, data.definition) : notEnoughData(t('churn.trust.none'))),
    card.test
      ? h(
          'div',
          { class: 'columns' },
          section(t('churn.reliability'), reliability(card)),
          section(t('churn.costs'), costs(context, card)),
        )
      : null,
    h(
      'div',
      { class: 'columns' },
      section(t('churn.gaps'), gaps(data)),
      section(t('churn.importance'), importance(data)),
    ),
    training(card),
  ];
}

function measured(test, definition) {
  return [
    h('p', null, local(test.text)),
    h(
      'p',
      { class: 'unit' },
      t('churn.trust.base', {
        day: day(test.as_of),
        horizon: format.span(definition.horizon_days),
        count: format.count(test.customers),
        lapsed: format.count(test.lapsed),
      }),
    ),
    methods(test),
    h('p', { class: 'unit' }, t('churn.trust.note')),
  ];
}

const two = (value) => format.decimal(value, 2);
const signed = (value) => format.signed(value, 2);

function gain(row, against) {
  const found = row.differences?.find((one) => one.against === against && one.figure === 'auc');
  if (!found) return h('span', { class: 'muted' }, format.MISSING);
  return [signed(found.value), h('span', { class: 'note' }, numberRange(found.range, signed))];
}

function methods(test) {
  const rows = [...test.methods].sort((a, b) => (b.metrics.auc ?? 0) - (a.metrics.auc ?? 0));
  return dataTable({
    caption: t('churn.trust.methods'),
    rows,
    columns: [
      {
        label: t('churn.trust.method'),
        head: true,
        cell: (row) => [
          methodName(row.name),
          ' ',
          row.name === test.chosen
            ? tag(t('churn.trust.chosen'), 'good')
            : RULES.includes(row.name)
              ? tag(t('churn.trust.rule'))
              : null,
        ],
      },
      {
        label: t('churn.trust.auc'),
        number: true,
        cell: (row) => [two(row.metrics.auc), h('span', { class: 'note' }, numberRange(row.auc_range, two))],
      },
      ...RULES.map((rule) => ({
        label: t('churn.trust.against', { method: methodName(rule) }),
        number: true,
        wide: true,
        cell: (row) => gain(row, rule),
      })),
      {
        label: t('churn.trust.lift'),
        number: true,
        cell: (row) => t('churn.times', { value: format.decimal(row.metrics['lift@10'], 1) }),
      },
      { label: t('churn.trust.brier'), number: true, wide: true, cell: (row) => format.decimal(row.metrics.brier, 4) },
      { label: t('churn.trust.ece'), number: true, wide: true, cell: (row) => format.percent(row.metrics.ece, 1) },
    ],
  });
}

/** What moves risks most, over all customers. */
function importance({ importance: list, customers }) {
  const rows = list.slice(0, IMPORTANT);
  const most = Math.max(...rows.map((row) => row.log_odds), 1e-9);
  return [
    dataTable({
      caption: t('churn.importance'),
      rows,
      columns: [
        { label: t('churn.drivers.what'), head: true, cell: (row) => local(row.label) },
        { label: t('churn.importance.weight'), cell: (row) => shareBar(row.log_odds / most, { digits: 0 }) },
      ],
    }),
    h('p', { class: 'unit' }, t('churn.importance.note', { count: customers })),
  ];
}

function training({ training: learned, family, boosting_share: share }) {
  const days = [...learned.days].sort();
  return h(
    'p',
    { class: 'unit' },
    t('churn.training', {
      method: methodName(family),
      boosting: format.percent(share, 0),
      rows: format.count(learned.rows),
      count: learned.days.length,
      from: day(days[0]),
      to: day(days.at(-1)),
      rate: format.percent(learned.base_rate, 1),
    }),
  );
}
