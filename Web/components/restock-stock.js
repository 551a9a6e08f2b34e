// What is on the shelf: the shop says it with its items, in attributes.
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { section } from './page-frame.js';
import { statePanel } from './state-panel.js';

const ATTRIBUTES = [
  'stock',
  'on_order',
  'unit_cost',
  'lead_time_days',
  'pack_size',
  'min_order',
  'shelf_life_days',
  'volume',
];

/** How the stock gets here, where lines lack it; nothing where all have it. */
export function stockNeeded({ summary }) {
  const { lines, without_stock: without } = summary;
  if (!without) return null;
  return section(
    t('restock.supply'),
    statePanel('waiting', {
      title: t(without >= lines ? 'restock.supply.none' : 'restock.supply.some', {
        count: without,
        lines: format.count(lines),
      }),
      detail: t('restock.supply.detail'),
      action: h('a', { href: href(['data', 'import']) }, t('restock.supply.import')),
    }),
    h(
      'details',
      { class: 'more-filters' },
      h('summary', null, t('restock.supply.columns')),
      h(
        'dl',
        { class: 'glossary' },
        ATTRIBUTES.map((name) =>
          h('div', null, h('dt', null, h('code', null, name)), h('dd', null, t(`restock.attribute.${name}`))),
        ),
      ),
      h('p', { class: 'unit' }, t('restock.supply.whole')),
    ),
  );
}
