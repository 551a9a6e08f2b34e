import { debounce, h, replace } from '../app/dom.js';
import { t } from '../app/i18n.js';

const DELAY = 350;
let fields = 0;

/**
 * A number that the address holds: `onChange(value)` gets what was typed, once the typing has paused, or null when
 * the field is empty. What is out of bounds is said below the field and not handed on.
 */
export function numberField({ label, unit, value, min, max, step = 1, placeholder, onChange }) {
  const id = `number-${++fields}`;
  const note = h('p', { class: 'warn-text unit', id: `${id}-note`, role: 'alert' });
  const input = h('input', {
    type: 'number',
    id,
    inputmode: 'decimal',
    min,
    max,
    step,
    placeholder,
    value: value ?? '',
    oninput: debounce(take, DELAY),
    onchange: take,
  });
  let last = input.value;
  const node = h(
    'div',
    { class: 'number-field' },
    h('label', { for: id }, label),
    h('span', null, input, unit ? h('span', { class: 'unit' }, unit) : null),
    note,
  );
  return node;

  function take() {
    const { validity } = input;
    const isWrong = validity.badInput || validity.rangeUnderflow || validity.rangeOverflow;
    replace(note, isWrong ? t(max === undefined ? 'number.least' : 'number.between', { min, max }) : null);
    if (isWrong) {
      input.setAttribute('aria-invalid', 'true');
      input.setAttribute('aria-describedby', note.id);
      return;
    }
    input.removeAttribute('aria-invalid');
    input.removeAttribute('aria-describedby');
    if (input.value === last) return;
    last = input.value;
    onChange(input.value === '' ? null : Number(input.value));
  }
}
