// What one customer is worth, on their page.
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { figures, section } from './page-frame.js';

/** The figures, with the sentence that says them and the way to all customers. */
export function customerValue(data) {
  const months = t('customer.value.months', { count: data.terms.horizon_months });
  const range = (bounds) =>
    bounds
      ? t('customer.value.range', {
          lower: format.money(bounds.lower),
          upper: format.money(bounds.upper),
          level: format.percent(data.terms.level, 0),
        })
      : null;
  return section(
    t('customer.value'),
    h('p', null, local(data.words)),
    figures([
      data.value
        ? { label: t('customer.value.total'), value: format.money(data.value), note: range(data.value_range) }
        : null,
      { label: t('customer.value.alive'), value: format.percent(data.p_alive) },
      {
        label: t('customer.value.purchases'),
        value: format.decimal(data.expected_purchases, data.expected_purchases < 10 ? 1 : 0),
        note: months,
      },
      data.at_risk && data.at_risk.amount >= 1
        ? {
            label: t('customer.value.atRisk'),
            value: format.money(data.at_risk),
            note: t('customer.value.atRiskNote'),
          }
        : null,
      {
        label: t('customer.value.rank'),
        value: format.count(data.rank),
        note: t('customer.value.rankOf', { count: data.customers }),
        href: href(['value']),
      },
    ]),
  );
}
