import { debounce, h, replace } from '../app/dom.js';
import { t } from '../app/i18n.js';

const DELAY = 150;
let count = 0;

/**
 * A field that suggests what can be chosen: a combobox with a list.
 *
 * `ask(text, signal)` resolves with `[{ value, label, detail }]`; `onPick(value, label)` gets the choice, and
 * an empty value when it is cleared. With `free`, Enter takes what was typed; with `several`, the field is
 * empty again after each choice. The returned element's `show(value, label)` sets what is chosen.
 */
export function pickList({ label, placeholder, ask, onPick, free = false, several = false }) {
  const id = `pick-${++count}`;
  let chosen = { value: '', label: '' };
  let options = [];
  let active = -1;
  let controller = null;

  const list = h('div', { id: `${id}-list`, role: 'listbox', class: 'pick-options', 'aria-label': label });
  list.hidden = true;
  const input = h('input', {
    type: 'search',
    id,
    role: 'combobox',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder,
    'aria-expanded': 'false',
    'aria-controls': list.id,
    'aria-autocomplete': 'list',
    onfocus: () => {
      input.select();
      suggest('');
    },
    oninput: debounce(() => suggest(input.value.trim()), DELAY),
    onkeydown: onKey,
    // The browser's own cross in a search field.
    onsearch: () => input.value === '' && clear(),
  });
  const node = h(
    'div',
    {
      class: 'pick',
      onfocusout: (event) => {
        if (node.contains(event.relatedTarget)) return;
        if (!input.value.trim() && !several) clear();
        else if (free && input.value.trim() !== chosen.label) pick(input.value.trim());
        close();
      },
    },
    h('label', { for: id }, label),
    input,
    list,
  );
  node.show = (value, text) => {
    chosen = { value: value ?? '', label: text || (value ?? '') };
    if (document.activeElement !== input || list.hidden) input.value = several ? '' : chosen.label;
  };
  return node;

  async function suggest(text) {
    // What was typed may have been taken in the meantime.
    if (text && text === chosen.label) return;
    controller?.abort();
    controller = new AbortController();
    const { signal } = controller;
    try {
      const found = await ask(text, signal);
      // Who has left the field meanwhile does not want a list.
      if (!signal.aborted && document.activeElement === input) show(found, text);
    } catch (error) {
      if (!signal.aborted) say(t('search.failed', { reason: error.message }));
    }
  }

  function show(found, text) {
    if (found.length === 0) {
      if (text) say(t('search.nothing', { text }));
      else close();
      return;
    }
    options = found.map((entry, index) =>
      h(
        'div',
        {
          role: 'option',
          id: `${id}-option-${index}`,
          'aria-selected': 'false',
          'data-value': entry.value,
          // The field keeps the focus, or its list would close before the click.
          onmousedown: (event) => event.preventDefault(),
          onclick: () => pick(entry.value, entry.label),
        },
        h('span', null, entry.label),
        entry.detail ? h('span', { class: 'unit' }, entry.detail) : null,
      ),
    );
    replace(list, options);
    open();
    activate(text ? 0 : -1);
  }

  function say(text) {
    options = [];
    replace(
      list,
      h('p', { class: 'unit', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' }, text),
    );
    open();
  }

  function onKey(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves && options.length > 0) {
      event.preventDefault();
      const next = active < 0 && event.key === 'ArrowUp' ? options.length - 1 : active + moves[event.key];
      activate((next + options.length) % options.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (options[active]) options[active].click();
      else if (!input.value.trim()) clear();
      else if (free) pick(input.value.trim());
    } else if (event.key === 'Escape') {
      input.value = several ? '' : chosen.label;
      close();
    }
  }

  function pick(value, text) {
    close();
    node.show(value, text);
    onPick(value, text ?? value);
  }

  function clear() {
    if (chosen.value) pick('', '');
    else close();
  }

  function activate(index) {
    options[active]?.setAttribute('aria-selected', 'false');
    active = index;
    options[index]?.setAttribute('aria-selected', 'true');
    options[index]?.scrollIntoView({ block: 'nearest' });
    if (options[index]) input.setAttribute('aria-activedescendant', options[index].id);
    else input.removeAttribute('aria-activedescendant');
  }

  function open() {
    list.hidden = false;
    active = -1;
    input.setAttribute('aria-expanded', 'true');
  }

  function close() {
    controller?.abort();
    list.hidden = true;
    replace(list);
    options = [];
    active = -1;
    if (!several) input.value = chosen.label;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  }
}
