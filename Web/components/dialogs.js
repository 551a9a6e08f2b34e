import { setKey } from '../app/api.js';
import { h } from '../app/dom.js';
import { t } from '../app/i18n.js';

/** Opens a dialog with a title; it is gone once closed, and tells by `returnValue` how. */
export function openDialog(title, name, ...content) {
  const dialog = h(
    'dialog',
    { 'aria-labelledby': `${name}-title`, id: name },
    h('h2', { id: `${name}-title` }, title),
    content,
  );
  document.body.append(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.showModal();
  return dialog;
}

/** Asks before something that changes what customers get. Resolves with true or false. */
export function confirmAction({ title, detail, action }) {
  return new Promise((resolve) => {
    const dialog = openDialog(
      title,
      'confirm-dialog',
      h('p', null, detail),
      h(
        'form',
        { method: 'dialog', class: 'buttons' },
        h('button', { value: 'no' }, t('action.cancel')),
        h('button', { value: 'yes', class: 'primary' }, action),
      ),
    );
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'));
  });
}

/** Asks for an API key; `onKey` runs once one has been entered. */
export function askForKey(onKey) {
  if (document.getElementById('key-dialog')) return;
  const input = h('input', {
    type: 'password',
    id: 'key-input',
    autocomplete: 'off',
    required: true,
    spellcheck: 'false',
  });
  const form = h(
    'form',
    { method: 'dialog' },
    h('label', { for: 'key-input' }, t('key.label')),
    input,
    h('p', { class: 'unit' }, t('key.kept')),
    h(
      'div',
      { class: 'buttons' },
      h('button', { type: 'button', onclick: () => dialog.close() }, t('action.cancel')),
      h('button', { value: 'yes', class: 'primary' }, t('key.use')),
    ),
  );
  const dialog = openDialog(t('key.title'), 'key-dialog', h('p', null, t('key.detail')), form);
  dialog.addEventListener('close', () => {
    if (dialog.returnValue !== 'yes' || !input.value) return;
    setKey(input.value.trim());
    onKey();
  });
}

/** Lists the keys that do something. */
export function showShortcuts(groups) {
  if (document.getElementById('shortcuts-dialog')) return;
  openDialog(
    t('shortcuts.title'),
    'shortcuts-dialog',
    h(
      'dl',
      { class: 'keys' },
      groups.map(({ keys, text }) =>
        h(
          'div',
          null,
          h(
            'dt',
            null,
            keys.map((key) => h('kbd', null, key)),
          ),
          h('dd', null, text),
        ),
      ),
    ),
    h('form', { method: 'dialog', class: 'buttons' }, h('button', { class: 'primary' }, t('action.close'))),
  );
}
