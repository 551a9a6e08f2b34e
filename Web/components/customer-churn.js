// Whether one customer may stop buying, in a line on their page.
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';

/** The risk, what is at stake, and the way to the reasons. */
export function customerChurn(data) {
  return h(
    'p',
    { class: 'customer-churn' },
    t('customer.churn', {
      risk: format.percent(data.risk),
      days: format.span(data.definition.horizon_days),
      stake: format.money(data.value_at_stake),
    }),
    ' ',
    h('a', { href: href(['churn', data.customer_id]) }, t('customer.churnWhy')),
  );
}
