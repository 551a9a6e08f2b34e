import { downloadCSV, save } from '../app/api.js';
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { icon } from './icon.js';
import { notify } from './notice.js';
import { errorPanel } from './state-panel.js';

/**
 * The head of a page: the way back, its name, and “export” and “copy link” always in the same place.
 * `csv` is `{ parts, query(), name }` where the page's list can be exported, with `body()` where it is posted for, or
 * `{ text(), name }` where all of it is on the page.
 */
export function pageHead({ title, back, csv }) {
  return h(
    'header',
    { class: 'page-head' },
    h(
      'div',
      null,
      back ? h('a', { class: 'back', href: back.href }, `← ${back.label}`) : null,
      h('h1', { tabindex: -1 }, title),
    ),
    h(
      'div',
      { class: 'page-actions' },
      csv ? exportButton(csv) : null,
      h(
        'button',
        { type: 'button', class: 'quiet', 'data-action': 'copy-link', onclick: copyLink },
        icon('link'),
        t('action.copyLink'),
      ),
    ),
  );
}

/** Saves a list as CSV: `csv` is `{ parts, query(), name }`. */
export function exportButton(csv, action = 'export') {
  return h(
    'button',
    { type: 'button', class: 'quiet export', 'data-action': action, onclick: () => exportCSV(csv) },
    icon('download'),
    t('action.export'),
  );
}

/** The sentences that say what is going on; the first one leads. */
export function sentences(list) {
  const [first, ...rest] = list.filter(Boolean);
  return h(
    'div',
    { class: 'sentences' },
    first ? h('p', { class: 'lead' }, first) : null,
    rest.map((text) => h('p', null, text)),
  );
}

/** From when to when the events are that figures rest on. */
export function dataSpan(shop) {
  if (!shop) return null;
  const { first_event_at: from, last_event_at: to } = shop;
  return h('p', { class: 'unit' }, t('page.dataSpan', { from: format.date(from), to: format.date(to) }));
}

/** A titled part of a page. */
export function section(title, ...content) {
  return h('section', null, h('h2', null, title), content);
}

/** A row of links of which one is chosen: tabs, filters. */
export function choices(label, options, { labelled = false } = {}) {
  return h(
    'nav',
    { class: 'choices', 'aria-label': label },
    labelled ? h('span', { class: 'unit', 'aria-hidden': 'true' }, label) : null,
    options.map(({ text, href, chosen, onclick }) =>
      href
        ? h('a', { href, 'aria-current': chosen ? 'page' : null }, text)
        : h('button', { type: 'button', 'aria-pressed': String(Boolean(chosen)), onclick }, text),
    ),
  );
}

/** The filters of a list, each a link to the list without it: `{ name, value, href }`. */
export function chips(list) {
  if (list.length === 0) return null;
  return h(
    'p',
    { class: 'chips' },
    list.map(({ name, value, href }) =>
      h(
        'a',
        { class: 'chip', href, 'aria-label': t('action.withoutFilter', { name, value }) },
        t('action.filter', { name, value }),
        ' ',
        h('span', { 'aria-hidden': 'true' }, '×'),
      ),
    ),
  );
}

/**
 * Figures with their names; each links to what is behind it where there is something. With `onclick` a plain
 * click shows that on the page itself.
 */
export function figures(list) {
  return h(
    'dl',
    { class: 'figures' },
    list
      .filter(Boolean)
      .map(({ label, value, href, onclick, note }) =>
        h(
          'div',
          null,
          h('dt', null, label),
          h(
            'dd',
            null,
            href ? h('a', { href, onclick: onclick && plainClick(onclick) }, value) : value,
          ),
          note ? h('dd', { class: 'note' }, note) : null,
        ),
      ),
  );
}

/** A click that does not ask for another tab or window. */
function plainClick(action) {
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    action();
  };
}

/**
 * Shows the error of a slice instead of the page when its other parts could only say the same: what the page
 * is about is not there, or nothing has been trained.
 */
export function orError({ error }, root, title, back) {
  if (error?.status !== 404 && !error?.isNotTrained) return;
  showPage(root, title, pageHead({ title, back }), errorPanel(error));
}

/** Sets `node` as the page's content and gives it the document title. */
export function showPage(root, title, ...content) {
  document.title = `${title} · Lode`;
  replace(root, ...content);
}

async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    notify(t('action.linkCopied'));
  } catch {
    notify(t('action.linkNotCopied', { link: location.href }));
  }
}

async function exportCSV({ parts, query, text, body, name }) {
  try {
    if (text) save(new Blob([text()], { type: 'text/csv' }), `${name}.csv`);
    else await downloadCSV(parts, query?.() ?? {}, `${name}.csv`, body?.());
    notify(t('action.exported', { name: `${name}.csv` }));
  } catch (error) {
    notify(t('action.exportFailed', { reason: error.message }), 'error');
  }
}
