import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';

/** Pages that need nothing but a customer; others would need a past item, cart or session too. */
const PLACES = ['home', 'email'];
const CUSTOMERS = [50, 100, 200, 500, 1000, 2000];
const DAYS = [7, 14, 28, 56];
const USUAL = { customers: 200, days: 28 };

const placeOf = ({ context }) => (PLACES.includes(context) ? context : PLACES[0]);

/** What the address says about a dry run, as the request has it. */
export const dryRunRequest = (query) => ({
  context: placeOf(query),
  customers: Number(query.customers ?? USUAL.customers),
  days: Number(query.days ?? USUAL.days),
});

/** Where, for how many customers and against which purchases rules are tried; each change calls `onChange`. */
export function dryRunForm(context, onChange) {
  const { query } = context;
  const select = (name, label, options, value) => {
    const id = `try-${name}`;
    const control = h(
      'select',
      {
        id,
        onchange: () => {
          context.setQuery({ [name]: control.value }, { replace: true });
          onChange();
        },
      },
      options.map(([key, text]) => h('option', { value: key, selected: String(key) === String(value) }, text)),
    );
    return h('div', null, h('label', { for: id }, label), control);
  };
  return h(
    'div',
    { class: 'fields' },
    select(
      'context',
      t('recommend.where'),
      PLACES.map((name) => [name, t(`recommend.context.${name}`)]),
      placeOf(query),
    ),
    select(
      'customers',
      t('rules.customers'),
      CUSTOMERS.map((count) => [count, format.count(count)]),
      query.customers ?? USUAL.customers,
    ),
    select(
      'days',
      t('rules.days'),
      DAYS.map((count) => [count, format.days(count)]),
      query.days ?? USUAL.days,
    ),
  );
}
