// Single keys for everything that is done often. They keep quiet while the user types.
import { isTyping } from './dom.js';
import { t } from './i18n.js';
import { href } from './router.js';
import { showShortcuts } from '../components/dialogs.js';

const PLACES = {
  t: 'today',
  n: 'needs',
  c: 'customers',
  s: 'segments',
  a: 'analytics',
  v: 'voice',
  e: 'trends',
  r: 'recommend',
  f: 'demand',
  b: 'restock',
  l: 'launch',
  w: 'value',
  h: 'churn',
  p: 'patterns',
  g: 'campaigns',
  d: 'data',
  m: 'models',
};

let waitingForPlace = false;

/** Starts listening on the document. */
export function listenToKeys() {
  document.addEventListener('keydown', (event) => {
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      isTyping(event) ||
      document.querySelector('dialog[open]')
    )
      return;
    if (handle(event.key)) event.preventDefault();
  });
}

function handle(key) {
  if (waitingForPlace) {
    waitingForPlace = false;
    if (!(key in PLACES)) return false;
    location.hash = href([PLACES[key]]);
    return true;
  }
  switch (key) {
    case 'g':
      waitingForPlace = true;
      return true;
    case '/':
      return focus('#global-search');
    case '?':
      showShortcuts(shortcutList());
      return true;
    case 'f':
      return focus('[data-filter]');
    case 'e':
      return press('[data-action="export"]');
    case 'l':
      return press('[data-action="copy-link"]');
    case '[':
      return press('[data-page="previous"]');
    case ']':
      return press('[data-page="next"]');
    case 'j':
      return moveRow(1);
    case 'k':
      return moveRow(-1);
    default:
      return false;
  }
}

function shortcutList() {
  return [
    { keys: ['/'], text: t('shortcuts.search') },
    { keys: ['f'], text: t('shortcuts.filter') },
    ...Object.entries(PLACES).map(([key, place]) => ({
      keys: ['g', key],
      text: t('shortcuts.goTo', { page: t(`nav.${place}`) }),
    })),
    { keys: ['j', 'k'], text: t('shortcuts.rows') },
    { keys: ['Enter'], text: t('shortcuts.open') },
    { keys: ['[', ']'], text: t('shortcuts.pages') },
    { keys: ['e'], text: t('shortcuts.export') },
    { keys: ['l'], text: t('shortcuts.copyLink') },
    { keys: ['?'], text: t('shortcuts.help') },
    { keys: ['Esc'], text: t('shortcuts.close') },
  ];
}

function focus(selector) {
  const control = document.querySelector(selector);
  control?.focus();
  control?.select?.();
  return Boolean(control);
}

function press(selector) {
  const control = document.querySelector(`${selector}:not([disabled])`);
  control?.click();
  return Boolean(control);
}

/** Moves the focus to the first link of the next or previous row of the table. */
function moveRow(step) {
  const links = [...document.querySelectorAll('main table.data tbody tr')]
    .map((row) => row.querySelector('a, button, summary'))
    .filter(Boolean);
  if (links.length === 0) return false;
  const row = document.activeElement?.closest('tr');
  const at = links.findIndex((link) => link.closest('tr') === row);
  const next = at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + step));
  links[next].focus();
  return true;
}
