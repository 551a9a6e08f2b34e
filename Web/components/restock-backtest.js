// What the policy would have cost on past weeks, beside the usual rule.
import { span } from '../app/demand.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { dataTable } from './data-table.js';
import { statePanel } from './state-panel.js';

/** Cost, fill rate and waste of both, and what is saved. */
export function policyBacktest(backtest) {
  if (!backtest) return statePanel('waiting', { title: t('restock.backtest.none') });
  const { policy, baseline, saving, interval } = backtest;
  // One that the interval does not tell from nothing is not called a saving.
  const isSure = interval ? interval.lower > 0 || interval.upper < 0 : false;
  const finding = !isSure ? 'unsure' : saving > 0 ? 'better' : 'worse';
  const row = (name, values) => ({ name, ...values });
  return [
    h(
      'p',
      null,
      t(`restock.backtest.${finding}`, {
        saving: format.percent(Math.abs(saving), 1),
        range: interval ? span(format.percent(interval.lower, 1), format.percent(interval.upper, 1)) : format.MISSING,
        weeks: backtest.weeks,
        count: backtest.items,
      }),
    ),
    dataTable({
      caption: t('restock.backtest'),
      rows: [row('policy', policy), row('baseline', baseline)],
      columns: [
        { label: t('restock.backtest.policy'), head: true, cell: ({ name }) => t(`restock.backtest.name.${name}`) },
        { label: t('restock.cost'), number: true, cell: ({ cost }) => format.money(cost) },
        { label: t('restock.fillRate'), number: true, cell: ({ fill_rate: rate }) => format.percent(rate, 1) },
        { label: t('restock.waste'), number: true, wide: true, cell: ({ waste }) => wasteOf(waste) },
      ],
    }),
    h('p', { class: 'unit' }, t('restock.backtest.note')),
  ];
}

const wasteOf = (waste) => (typeof waste === 'object' ? format.money(waste) : format.count(waste));
