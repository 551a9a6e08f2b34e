// The rule language on one screen: its actions with an example each, and the fields that conditions read.
import { h } from '../app/dom.js';
import { t } from '../app/i18n.js';

const ACTIONS = [
  ['filterOut', 'filter out where CONDITION', 'no-stock: filter out where stock = 0'],
  ['filterTo', 'filter to where CONDITION', 'known-price: filter to where price is known'],
  ['boost', 'boost FACTOR where CONDITION', 'house-brand: boost 1.3 where brand = "Private" and margin >= 0.2'],
  ['bury', 'bury FACTOR where CONDITION', 'email-cheap: bury 0.5 where price < 1.00 when context = email'],
  ['pin', 'pin "ITEM" at POSITION', 'pin "1029743" at 3 when context = home and history_size < 5'],
  ['quotaMost', 'quota at most N per category|brand', 'quota at most 2 per category'],
  ['quotaLeast', 'quota at least N where CONDITION', 'fresh: quota at least 1 where age_days < 30'],
  ['diversify', 'diversify mmr|dpp STRENGTH', 'diversify mmr 0.3'],
  ['calibrate', 'calibrate STRENGTH', 'calibrate 0.5'],
  ['explore', 'explore SHARE in N slots', 'explore 10% in 1 slots'],
  ['fatigue', 'fatigue N shows in D days', 'fatigue 3 shows in 14 days'],
  ['holdBack', 'hold back substitutes', 'hold back substitutes when context = cart'],
];
const FIELDS = [
  ['item', 'item, title, category, brand, price, age_days'],
  ['attributes', 'stock, margin, attributes.NAME'],
  ['when', 'context, customer, channel, cart_size, history_size, hour, weekday, customer.NAME'],
  ['compare', '= != < <= > >=   in ("a", "b")   contains "x"   starts with "x"   is known   is missing'],
  ['logic', 'and   or   not   ( )'],
];

/** The help; `insert(text)` puts an example into the editor. */
export function ruleHelp(insert) {
  return h(
    'details',
    { class: 'rule-help' },
    h('summary', null, t('rules.help')),
    h('p', null, t('rules.help.form')),
    h(
      'div',
      { class: 'table-scroll', role: 'region', tabindex: 0, 'aria-label': t('rules.help.actions') },
      h(
        'table',
        { class: 'data plain' },
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            h('th', { scope: 'col' }, t('rules.help.action')),
            h('th', { scope: 'col' }, t('rules.help.example')),
          ),
        ),
        h(
          'tbody',
          null,
          ACTIONS.map(([name, form, example]) =>
            h(
              'tr',
              null,
              h(
                'th',
                { scope: 'row' },
                h('code', null, form),
                h('span', { class: 'note' }, t(`rules.action.${name}`)),
              ),
              h(
                'td',
                null,
                h('code', null, example),
                ' ',
                h(
                  'button',
                  {
                    type: 'button',
                    class: 'link',
                    'data-example': name,
                    'aria-label': t('rules.help.insertLabel', { example }),
                    onclick: () => insert(example),
                  },
                  t('rules.help.insert'),
                ),
              ),
            ),
          ),
        ),
      ),
    ),
    h('h3', null, t('rules.help.conditions')),
    h(
      'dl',
      { class: 'rule-fields' },
      FIELDS.map(([name, words]) =>
        h('div', null, h('dt', null, t(`rules.field.${name}`)), h('dd', null, h('code', null, words))),
      ),
    ),
    h('p', { class: 'unit' }, t('rules.help.missing')),
  );
}
