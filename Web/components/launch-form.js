// What is to be launched: asked for once, and kept in the address.
import { h, replace } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { askCategories } from './page-request-form.js';
import { pickList } from './pick-list.js';

const FIELDS = ['title', 'category', 'brand', 'price', 'weeks'];
const WEEKS = 12;
const LONGEST = 300;

/** The form; `onPlan(patch)` gets what the address is to hold. */
export function launchForm(context, onPlan) {
  const { query } = context;
  const note = h('p', { class: 'warn-text', role: 'alert' });
  let chosen = query.category ?? '';
  const category = pickList({
    label: t('launch.category'),
    placeholder: t('recommend.categoryHint'),
    ask: askCategories,
    free: true,
    onPick: (value) => {
      chosen = value;
    },
  });
  category.show(query.category);
  const inputs = {
    title: input('title', { type: 'text', maxlength: LONGEST, placeholder: t('launch.titleHint'), required: true }),
    brand: input('brand', { type: 'text', maxlength: LONGEST }),
    price: input('price', { type: 'number', inputmode: 'decimal', min: 0, step: 'any' }),
    weeks: input('weeks', { type: 'number', inputmode: 'numeric', min: 4, max: 52, step: 1 }),
  };
  inputs.title.value = query.title ?? '';
  inputs.brand.value = query.brand ?? '';
  inputs.price.value = query.price ?? '';
  inputs.weeks.value = query.weeks ?? WEEKS;
  const field = (name, label, more = '') =>
    h('div', { class: `text-field ${more}` }, h('label', { for: inputs[name].id }, label), inputs[name]);
  return h(
    'form',
    { class: 'launch-form', novalidate: true, onsubmit: submit },
    h(
      'div',
      { class: 'fields' },
      field('title', t('launch.title'), 'wide-field'),
      category,
      field('brand', t('launch.brand')),
      field('price', t('launch.price', { currency: context.shop?.currency ?? '' })),
      field('weeks', t('launch.weeks')),
    ),
    note,
    h('button', { type: 'submit', class: 'primary', 'data-action': 'plan-launch' }, t('launch.plan')),
  );

  function submit(event) {
    event.preventDefault();
    const values = {
      title: inputs.title.value.trim(),
      category: chosen.trim(),
      brand: inputs.brand.value.trim(),
      price: inputs.price.value,
      weeks: Number(inputs.weeks.value) === WEEKS ? '' : inputs.weeks.value,
    };
    const wrong = firstWrong(values);
    replace(note, wrong ? t(`launch.wrong.${wrong}`) : null);
    if (wrong) (wrong === 'category' ? category.querySelector('input') : inputs[wrong]).focus();
    else onPlan(Object.fromEntries(FIELDS.map((name) => [name, values[name]])));
  }

  function firstWrong(values) {
    if (!values.title) return 'title';
    if (!values.category) return 'category';
    if (!inputs.price.validity.valid || (values.price && Number(values.price) <= 0)) return 'price';
    return inputs.weeks.validity.valid ? null : 'weeks';
  }
}

const input = (name, props) => h('input', { id: `launch-${name}`, autocomplete: 'off', ...props });
