// What is on the shelf: a sheet to fill in, or an import; the shop keeps it with its items.
import { save } from '../app/api.js';
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { ATTRIBUTES, readSheet, stockSheet, storeStock } from '../app/stock.js';
import { icon } from './icon.js';
import { notify } from './notice.js';
import { section } from './page-frame.js';
import { statePanel } from './state-panel.js';

const NAME = 'stock-sheet';

/**
 * How the stock gets here. `query()` is the plan's, `onStored` runs once some was taken in. The element is made once:
 * what it says of a sheet stays while the plan behind it changes. `show(plan)` gives it the plan.
 */
export function stockSupply(context, query, onStored) {
  const state = h('div');
  const said = h('div', { 'aria-live': 'polite' });
  const input = h('input', {
    type: 'file',
    id: 'stock-file',
    class: 'visually-hidden',
    accept: '.csv,text/csv,text/plain',
    onchange: () => takeIn(input.files[0]),
  });
  const node = section(
    t('restock.supply'),
    state,
    h(
      'div',
      { class: 'buttons start' },
      h('button', { type: 'button', 'data-action': 'stock-sheet', onclick: sheet }, icon('download'), t('stock.sheet')),
      h('div', { class: 'file' }, input, h('label', { for: input.id }, t('stock.takeIn'))),
    ),
    said,
    columns(),
  );
  node.show = ({ summary: { lines, without_stock: without } }) => {
    node.hidden = lines === 0;
    replace(state, without ? whatIsMissing(without, lines) : h('p', null, t('restock.supply.all')));
  };
  return node;

  async function sheet({ currentTarget: button }) {
    button.disabled = true;
    try {
      save(new Blob([await stockSheet(query(), context.signal)], { type: 'text/csv' }), `${NAME}.csv`);
      notify(t('action.exported', { name: `${NAME}.csv` }));
    } catch (error) {
      if (!context.signal.aborted) notify(t('action.exportFailed', { reason: error.message }), 'error');
    }
    button.disabled = false;
  }

  async function takeIn(file) {
    if (!file) return;
    const { items, problems } = readSheet(await file.text());
    // The same file may be chosen again once it is put right.
    input.value = '';
    if (problems.length || items.length === 0) {
      const detail = problems.length ? problems.join(' ') : t('stock.nothing');
      replace(said, statePanel('error', { title: t('stock.refused', { file: file.name }), detail }));
      return;
    }
    const bar = h('progress', { max: items.length, value: 0, 'aria-label': t('jobs.progress') });
    replace(said, bar);
    try {
      const { taken, refused } = await storeStock(
        items,
        (done) => {
          bar.value = done;
        },
        context.signal,
      );
      replace(
        said,
        h('p', null, t('stock.taken', { count: taken })),
        refused.length ? h('p', { class: 'warn-text' }, refused[0].reason ?? t('stock.someRefused')) : null,
      );
      onStored();
    } catch (error) {
      if (context.signal.aborted) return;
      const title = error.status === 403 ? t('state.forbidden') : t('stock.failed');
      replace(said, statePanel('error', { title, detail: error.message }));
    }
  }
}

const whatIsMissing = (without, lines) =>
  statePanel('waiting', {
    title: t(without >= lines ? 'restock.supply.none' : 'restock.supply.some', {
      count: without,
      lines: format.count(lines),
    }),
    detail: t('restock.supply.detail'),
    action: h('a', { href: href(['data', 'import']) }, t('restock.supply.import')),
  });

/** The columns, for those who import them. */
const columns = () =>
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
  );
