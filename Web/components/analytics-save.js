// Keeping an analysis: under a name, or on a board.
import * as api from '../app/api.js';
import { h, replace } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { openDialog } from './dialogs.js';
import { icon } from './icon.js';
import { notify } from './notice.js';

/** The two buttons: “save” and “pin to a board”. `question()` gives the definition, `title()` what to call it. */
export function keepButtons({ question, title, onSaved }) {
  const button = (action, picture, text, onclick) =>
    h(
      'button',
      { type: 'button', class: 'quiet with-icon', 'data-action': action, onclick },
      icon(picture),
      text,
    );
  return [
    button('save-analysis', 'check', t('analytics.save'), () => saveDialog(question(), title(), onSaved)),
    button('pin', 'pin', t('analytics.pin'), () => pinDialog(question(), title())),
  ];
}

function saveDialog(definition, title, onSaved) {
  askForName({
    heading: t('analytics.save.title'),
    label: t('analytics.save.name'),
    value: title,
    action: t('analytics.save.do'),
    async save(name) {
      const made = await api.post(['analytics', 'definitions'], {}, { title: name, definition });
      notify(t('analytics.save.done', { name: made.title }));
      onSaved?.(made);
    },
  });
}

/** A dialog with one field; it stays open and says why when saving fails. */
export function askForName({ heading, label, value, action, save }) {
  const input = h('input', {
    type: 'text',
    id: 'name-input',
    maxlength: 120,
    required: true,
    autocomplete: 'off',
    value,
  });
  const note = h('p', { class: 'warn-text', role: 'alert' });
  const dialog = openDialog(
    heading,
    'name-dialog',
    h(
      'form',
      { method: 'dialog', onsubmit: submit },
      h('label', { for: 'name-input' }, label),
      input,
      note,
      h(
        'div',
        { class: 'buttons' },
        h('button', { type: 'button', onclick: () => dialog.close() }, t('action.cancel')),
        h('button', { class: 'primary', 'data-action': 'name-ok' }, action),
      ),
    ),
  );
  input.select();

  async function submit(event) {
    event.preventDefault();
    try {
      await save(input.value.trim());
      dialog.close();
    } catch (error) {
      replace(note, error.status === 403 ? t('analytics.mayNotSave') : error.message);
    }
  }
}

/** Asks which board; a new one is made on the way. */
async function pinDialog(definition, title) {
  let boards;
  try {
    boards = (await api.get(['analytics', 'boards'])).items;
  } catch (error) {
    notify(error.message, 'error');
    return;
  }
  const select = h(
    'select',
    { id: 'pin-board' },
    boards.map((board) => h('option', { value: board.id }, board.title)),
    h('option', { value: '' }, t('analytics.pin.newBoard')),
  );
  const name = h('input', {
    type: 'text',
    id: 'pin-name',
    maxlength: 120,
    autocomplete: 'off',
    value: t('analytics.pin.boardName'),
  });
  const field = h('div', { class: 'field' }, h('label', { for: 'pin-name' }, t('analytics.save.name')), name);
  const note = h('p', { class: 'warn-text', role: 'alert' });
  const showName = () => {
    field.hidden = select.value !== '';
  };
  select.addEventListener('change', showName);
  const dialog = openDialog(
    t('analytics.pin.title'),
    'pin-dialog',
    h(
      'form',
      { method: 'dialog', onsubmit: submit },
      h('div', { class: 'field' }, h('label', { for: 'pin-board' }, t('analytics.pin.board')), select),
      field,
      note,
      h(
        'div',
        { class: 'buttons' },
        h('button', { type: 'button', onclick: () => dialog.close() }, t('action.cancel')),
        h('button', { class: 'primary', 'data-action': 'pin-ok' }, t('analytics.pin.do')),
      ),
    ),
  );
  showName();

  async function submit(event) {
    event.preventDefault();
    try {
      const board = await pinTo(select.value, name.value.trim(), { title, definition });
      dialog.close();
      notify(t('analytics.pin.done', { name: board.title }));
    } catch (error) {
      replace(note, error.status === 403 ? t('analytics.mayNotSave') : error.message);
    }
  }
}

/** Adds a card to a board as it is now, or to a new one. */
async function pinTo(id, name, card) {
  if (!id) return api.post(['analytics', 'boards'], {}, { title: name, cards: [card] });
  const board = await api.get(['analytics', 'boards', id]);
  return api.put(['analytics', 'boards', id], {
    title: board.title,
    cards: [...board.cards, card],
    version: board.version,
  });
}

/** Where a board is. */
export const boardHref = (id) => href(['analytics', 'boards', id]);
