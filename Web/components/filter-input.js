import { debounce, h } from '../app/dom.js';

/** The field that narrows a list by words, kept in the address as `query`. `change(patch, options)` gets what is typed. */
export function filterInput({ query, change, label, id }) {
  const input = h('input', {
    type: 'search',
    id,
    'data-filter': true,
    value: query.query ?? '',
    placeholder: label,
    'aria-label': id ? null : label,
    oninput: debounce(() => change({ query: input.value.trim() }, { replace: true }), 200),
  });
  return input;
}
