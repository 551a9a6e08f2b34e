import { h } from '../app/dom.js';
import { t } from '../app/i18n.js';

/**
 * A row of values of which one narrows a list. The buttons stay when the choice changes, so that the focus
 * stays too. `values` are `[value, text]`; null stands for all, which `all` names.
 */
export function filterChoices({ label, name, values, query, change, all }) {
  const buttons = [[null, all ?? t('needs.any')], ...values].map(([value, text]) =>
    h(
      'button',
      {
        type: 'button',
        'data-value': value ?? '',
        'aria-pressed': String((query[name] ?? null) === value),
        onclick: () => {
          for (const button of buttons)
            button.setAttribute('aria-pressed', String(button.dataset.value === (value ?? '')));
          change({ [name]: value });
        },
      },
      text,
    ),
  );
  return h(
    'nav',
    { class: 'choices', 'aria-label': label, 'data-filter-name': name },
    h('span', { class: 'unit', 'aria-hidden': 'true' }, label),
    buttons,
  );
}
