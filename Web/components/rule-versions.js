import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { dataTable } from './data-table.js';
import { tag } from './marks.js';
import { statePanel } from './state-panel.js';

/** The versions of the rules, newest first; each can be loaded, and the live one taken back. */
export function ruleVersions(list, { mayPublish, rollBack, look }) {
  const rows = list.items ?? [];
  if (rows.length === 0) return statePanel('empty', { title: t('rules.noVersions') });
  const newest = rows[0].version;
  return dataTable({
    caption: t('rules.versions'),
    rows,
    columns: [
      {
        label: t('models.version'),
        head: true,
        cell: (row) => [
          `v${row.version} `,
          row.version === newest ? tag(t('models.state.live'), 'good') : null,
        ],
      },
      { label: t('rules.publishedAt'), cell: (row) => format.dateTime(row.updated_at) },
      { label: t('rules.lines'), number: true, wide: true, cell: (row) => format.count(ruleLines(row.text)) },
      {
        label: t('models.action'),
        cell: (row) =>
          row.version === newest ? rollBackCell(rows, mayPublish, rollBack) : lookButton(row, look),
      },
    ],
  });
}

function rollBackCell(rows, mayPublish, rollBack) {
  if (rows.length < 2) return h('span', { class: 'unit' }, t('models.noEarlier'));
  return h(
    'button',
    { type: 'button', 'data-action': 'roll-back', disabled: !mayPublish, onclick: rollBack },
    t('models.rollBack'),
  );
}

const lookButton = (row, look) =>
  h(
    'button',
    {
      type: 'button',
      'data-action': 'look',
      'aria-label': t('rules.lookLabel', { version: row.version }),
      onclick: () => look(row),
    },
    t('rules.look'),
  );

const ruleLines = (text) =>
  (text ?? '').split('\n').filter((line) => line.trim() && !line.trim().startsWith('#')).length;
