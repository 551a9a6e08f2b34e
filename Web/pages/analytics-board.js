// One board: the analyses that the team looks at together, each with its answer of now.
import * as api from '../app/api.js';
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { analysisCard } from '../components/analytics-card.js';
import { askForName } from '../components/analytics-save.js';
import { region } from '../components/async-region.js';
import { confirmAction } from '../components/dialogs.js';
import { notify } from '../components/notice.js';
import { orError, pageHead, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

/** Draws the page. */
export default function board(context) {
  const { id } = context.params;
  const store = createStore(context.signal);
  const back = { href: href(['analytics', 'boards']), label: t('analytics.tab.boards') };
  const parts = ['analytics', 'boards', id];
  const heading = h('div', null, pageHead({ title: t('analytics.board'), back }));
  showPage(context.root, t('analytics.board'), heading, region(store, 'board', draw, 12));
  store
    .load('board', (signal) => api.get(parts, {}, signal))
    .then((slice) => orError(slice, context.root, t('analytics.board'), back));

  function draw(data) {
    document.title = `${data.title} · Lode`;
    replace(heading, pageHead({ title: data.title, back }));
    const save = async (patch) => {
      try {
        const { title, cards, version } = { ...data, ...patch };
        store.put('board', await api.put(parts, { title, cards, version }));
        return true;
      } catch (error) {
        notify(error.status === 403 ? t('analytics.mayNotSave') : error.message, 'error');
        return false;
      }
    };
    return [
      h(
        'div',
        { class: 'with-action' },
        h('p', { class: 'unit' }, t('analytics.board.saved', { date: format.dateTime(data.updated_at) })),
        boardButtons(data, save, parts),
      ),
      data.cards.length === 0
        ? statePanel('empty', {
            title: t('analytics.board.empty'),
            detail: t('analytics.board.emptyDetail'),
            action: h('a', { href: href(['analytics']) }, t('analytics.toGallery')),
          })
        : h(
            'div',
            { class: 'gallery' },
            data.cards.map((card, index) =>
              analysisCard({
                context,
                title: card.title,
                definition: card.definition,
                actions: cardButtons(data.cards, index, (cards) => save({ cards })),
              }),
            ),
          ),
    ];
  }
}

function boardButtons(data, save, parts) {
  const rename = () =>
    askForName({
      heading: t('analytics.board.rename'),
      label: t('analytics.save.name'),
      value: data.title,
      action: t('analytics.save.do'),
      save: (title) => save({ title }),
    });
  const removeBoard = async () => {
    const isSure = await confirmAction({
      title: t('analytics.board.remove'),
      detail: t('analytics.board.removeDetail', { name: data.title }),
      action: t('analytics.remove'),
    });
    if (!isSure) return;
    try {
      await api.remove(parts);
      location.hash = href(['analytics', 'boards']);
    } catch (error) {
      notify(error.status === 403 ? t('analytics.mayNotSave') : error.message, 'error');
    }
  };
  return h(
    'div',
    { class: 'buttons start' },
    h('button', { type: 'button', class: 'quiet', onclick: rename }, t('analytics.board.rename')),
    h(
      'button',
      { type: 'button', class: 'quiet', 'data-action': 'remove-board', onclick: removeBoard },
      t('analytics.board.remove'),
    ),
  );
}

/** Earlier, later, away: the order of the cards is that of the list. */
function cardButtons(cards, index, save) {
  const moved = (to) => {
    const next = [...cards];
    next.splice(to, 0, ...next.splice(index, 1));
    return save(next);
  };
  const { title } = cards[index];
  const button = (sign, label, action, isOff) =>
    h(
      'button',
      {
        type: 'button',
        class: 'quiet',
        'aria-label': `${label}: ${title}`,
        title: label,
        disabled: isOff,
        onclick: action,
      },
      sign,
    );
  return [
    button('←', t('analytics.board.earlier'), () => moved(index - 1), index === 0),
    button('→', t('analytics.board.later'), () => moved(index + 1), index === cards.length - 1),
    button('×', t('analytics.board.takeOff'), () => save(cards.filter((_, place) => place !== index)), false),
  ];
}
