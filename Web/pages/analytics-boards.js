// Boards: which views of the shop has the team put together?
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { analyticsTabs } from '../components/analytics-tabs.js';
import { askForName, boardHref } from '../components/analytics-save.js';
import { region } from '../components/async-region.js';
import { dataTable } from '../components/data-table.js';
import { pageHead, sentences, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

/** Draws the page. */
export default function boards(context) {
  const store = createStore(context.signal);
  const title = t('analytics.tab.boards');
  const make = () =>
    askForName({
      heading: t('analytics.board.new'),
      label: t('analytics.save.name'),
      value: t('analytics.pin.boardName'),
      action: t('analytics.board.make'),
      async save(name) {
        const board = await api.post(['analytics', 'boards'], {}, { title: name, cards: [] });
        location.hash = boardHref(board.id);
      },
    });
  showPage(
    context.root,
    `${title} · ${t('nav.analytics')}`,
    pageHead({ title: t('nav.analytics'), csv: { parts: ['analytics', 'boards'], name: 'boards' } }),
    analyticsTabs('boards'),
    h(
      'div',
      { class: 'with-action' },
      sentences([t('analytics.board.lead')]),
      h('button', { type: 'button', 'data-action': 'new-board', onclick: make }, t('analytics.board.new')),
    ),
    region(store, 'list', table, 6),
  );
  store.load('list', (signal) => api.get(['analytics', 'boards'], {}, signal));
}

function table(list) {
  if (list.items.length === 0)
    return statePanel('empty', {
      title: t('analytics.board.none'),
      detail: t('analytics.board.noneDetail'),
      action: h('a', { href: href(['analytics']) }, t('analytics.toGallery')),
    });
  return dataTable({
    caption: t('analytics.tab.boards'),
    rows: list.items,
    rowHref: (row) => boardHref(row.id),
    columns: [
      {
        label: t('analytics.board'),
        head: true,
        cell: (row) => h('a', { href: boardHref(row.id) }, row.title),
      },
      { label: t('analytics.board.cards'), number: true, cell: (row) => format.count(row.cards.length) },
      { label: t('analytics.saved.at'), number: true, cell: (row) => format.dateTime(row.updated_at) },
    ],
  });
}
