// Reading what customers say: the button that starts it, the job, and what stands there before the first time.
import * as api from '../app/api.js';
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { mayDecide } from '../app/voice.js';
import { jobCard } from './job-card.js';
import { notify } from './notice.js';
import { pageHead, showPage } from './page-frame.js';
import { statePanel } from './state-panel.js';

/** A button that starts the reading, and the job in its place; `onDone` runs when it has ended well. */
function miningControl(shop, onDone, { primary = false } = {}) {
  const place = h('div', { class: 'mining' });
  const button = h(
    'button',
    { type: 'button', class: primary ? 'primary' : '', 'data-action': 'mine', onclick: start },
    t(primary ? 'mining.start' : 'mining.again'),
  );
  place.addEventListener('job-end', ({ detail }) => {
    if (detail.status === 'succeeded') onDone();
    else replace(place, jobCard(detail), button);
  });
  if (!mayDecide(shop)) return h('p', { class: 'unit' }, t('mining.notAllowed'));
  return replace(place, button);

  async function start() {
    button.disabled = true;
    try {
      replace(place, jobCard(await api.post(['voice', 'mining'], {}, {})));
    } catch (error) {
      notify(
        error.status === 403 ? t('state.forbidden') : t('mining.failed', { reason: error.message }),
        'error',
      );
    }
    button.disabled = false;
  }
}

/** What stands where nothing has been read yet. */
function notMined(shop, onDone) {
  return [
    statePanel('waiting', {
      title: t('mining.never'),
      detail: t('mining.neverDetail'),
      action: h('a', { href: href(['data', 'import']) }, t('mining.toImport')),
    }),
    miningControl(shop, onDone, { primary: true }),
  ];
}

/** Shows one panel in place of a page that is about what was said, when nothing has been read yet. */
export function orNotMined({ error }, context, { title, back, tabs }, draw) {
  if (!error?.isNotTrained) return false;
  showPage(
    context.root,
    title,
    pageHead({ title, back }),
    tabs,
    h('p', { class: 'lead' }, t('mining.lead')),
    notMined(context.shop, draw),
  );
  return true;
}

/** What the figures rest on, how fresh they are, and the way to read what came since. */
export function readingNote(board, shop, onDone) {
  return h(
    'div',
    { class: 'with-action' },
    h(
      'p',
      { class: 'unit' },
      [
        t('said.base', {
          customers: format.count(board.customers),
          texts: format.count(board.texts),
          statements: format.count(board.statements),
        }),
        board.read_at ? t('said.readTo', { date: format.date(board.read_at) }) : null,
        board.mined_at ? t('said.minedAt', { date: format.dateTime(board.mined_at) }) : null,
        board.compared_by === 'words' ? t('said.byWords') : t('said.byMeaning'),
        board.new_statements ? t('said.new', { count: board.new_statements }) : null,
      ]
        .filter(Boolean)
        .join(' · '),
    ),
    miningControl(shop, onDone),
  );
}
