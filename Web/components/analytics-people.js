// The customers behind a point of an analysis, in a panel at the side: look, save as a cohort, take along as CSV.
import * as api from '../app/api.js';
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { dataTable } from './data-table.js';
import { openDialog } from './dialogs.js';
import { notify } from './notice.js';
import { exportButton } from './page-frame.js';
import { errorPanel, skeleton, statePanel } from './state-panel.js';

const SIZE = 50;

/**
 * Opens the panel. `question` is the definition, `point` what the result gave the mark, `title` the mark in words.
 * `onClose()` is called once the panel is gone.
 */
export function openPeople({ question, point, title, onClose }) {
  document.getElementById('people-dialog')?.close();
  const controller = new AbortController();
  const body = { definition: question, point };
  const place = h('div', { class: 'people-list', 'aria-live': 'polite' });
  const dialog = openDialog(
    title,
    'people-dialog',
    place,
    h(
      'form',
      { method: 'dialog', class: 'people-close' },
      h('button', { class: 'quiet', 'aria-label': t('action.close'), 'data-action': 'close-people' }, '×'),
    ),
  );
  dialog.classList.add('drawer');
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  dialog.addEventListener('close', () => {
    controller.abort();
    onClose?.();
  });
  // Whoever follows a link to a customer leaves the panel behind.
  window.addEventListener('hashchange', () => dialog.close(), { signal: controller.signal });
  load(place, body, controller.signal, { title });
  return dialog;
}

async function load(place, body, signal, options) {
  replace(place, skeleton(8));
  try {
    const list = await api.post(['analytics', 'customers'], { limit: SIZE }, body, signal);
    replace(place, people(list, body, signal, options));
  } catch (error) {
    if (!signal.aborted) replace(place, errorPanel(error, () => load(place, body, signal, options)));
  }
}

function people(list, body, signal, { title }) {
  if (list.items.length === 0)
    return statePanel('empty', { title: t('analytics.people.none'), detail: t('analytics.people.noneDetail') });
  const rows = h('tbody');
  const shown = peopleTable(list.items, title);
  const more = moreButton(list, body, signal, shown.querySelector('tbody') ?? rows);
  return [
    h(
      'div',
      { class: 'with-action' },
      h('p', { class: 'lead' }, t('analytics.people.count', { count: list.total })),
      exportButton(
        { parts: ['analytics', 'customers'], body: () => body, name: 'customers-behind-point' },
        'export-people',
      ),
    ),
    saveForm({ body, total: list.total, title }),
    shown,
    more,
  ];
}

/** The list of customers with what they spent. */
export function peopleTable(items, caption) {
  const open = (row) => href(['customers', row.customer_id]);
  return dataTable({
    caption,
    rows: items,
    rowHref: open,
    columns: [
      {
        label: t('customers.customer'),
        head: true,
        cell: (row) => h('a', { href: open(row) }, row.customer_id),
      },
      { label: t('customers.spend'), number: true, cell: (row) => format.money(row.spend) },
      { label: t('customers.orders'), number: true, cell: (row) => format.count(row.orders) },
      {
        label: t('customers.lastOrder'),
        number: true,
        cell: (row) => format.ago(row.days_since_last_order),
      },
    ],
  });
}

function moreButton(list, body, signal, rows) {
  let cursor = list.next_cursor;
  if (!cursor) return null;
  const button = h(
    'button',
    {
      type: 'button',
      'data-action': 'more-people',
      onclick: async () => {
        button.disabled = true;
        try {
          const next = await api.post(['analytics', 'customers'], { limit: SIZE, cursor }, body, signal);
          rows.append(...peopleTable(next.items, '').querySelectorAll('tbody tr'));
          cursor = next.next_cursor;
          button.hidden = !cursor;
        } catch (error) {
          if (!signal.aborted) notify(error.message, 'error');
        }
        button.disabled = false;
      },
    },
    t('analytics.people.more'),
  );
  return h('p', null, button);
}

/** Asks for a name and keeps the customers under it: those of now, or whoever the question finds from then on. */
function saveForm({ body, total, title }) {
  const name = h('input', {
    type: 'text',
    id: 'cohort-title',
    maxlength: 120,
    required: true,
    autocomplete: 'off',
    value: title,
  });
  const kind = (value, chosen) =>
    h(
      'label',
      { class: 'choice' },
      h('input', { type: 'radio', name: 'cohort-kind', value, checked: chosen }),
      h('span', null, t(`analytics.cohort.${value}`)),
    );
  const note = h('p', { class: 'unit', role: 'status' });
  const form = h(
    'form',
    { class: 'cohort-form', onsubmit: save },
    h('label', { for: 'cohort-title' }, t('analytics.cohort.name')),
    h(
      'div',
      { class: 'in-line' },
      name,
      h('button', { class: 'primary', 'data-action': 'save-cohort' }, t('analytics.cohort.save')),
    ),
    h(
      'fieldset',
      null,
      h('legend', { class: 'visually-hidden' }, t('analytics.cohort.kind')),
      kind('fixed', true),
      kind('rule', false),
    ),
    note,
  );
  const opener = h(
    'details',
    { class: 'save-cohort' },
    h('summary', { 'data-action': 'cohort' }, t('analytics.cohort.saveThese', { count: total })),
    form,
  );
  return opener;

  async function save(event) {
    event.preventDefault();
    const button = form.querySelector('button');
    button.disabled = true;
    try {
      const made = await api.post(
        ['cohorts'],
        {},
        { title: name.value.trim(), kind: form.elements['cohort-kind'].value, ...body },
      );
      replace(
        note,
        t('analytics.cohort.saved', { name: made.title, count: made.size }),
        ' ',
        h('a', { href: href(['analytics', 'cohorts', made.id]) }, t('analytics.cohort.open')),
      );
    } catch (error) {
      replace(note, error.status === 403 ? t('analytics.mayNotSave') : error.message);
    }
    button.disabled = false;
  }
}
