// Narrowing what was said to one item or one category.
import { h } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { itemsOf } from '../app/items.js';
import { askCategories, askItems } from './page-request-form.js';
import { pickList } from './pick-list.js';

/** Two fields: an item, a category. `change(patch)` gets the choice. */
export function subjectFilter(context, change) {
  const { query } = context;
  const item = pickList({
    label: t('voice.item'),
    placeholder: t('recommend.itemHint'),
    ask: askItems,
    free: true,
    onPick: (value) => change({ item_id: value || null }),
  });
  const category = pickList({
    label: t('voice.category'),
    placeholder: t('recommend.categoryHint'),
    ask: askCategories,
    free: true,
    onPick: (value) => change({ category: value || null }),
  });
  item.show(query.item_id);
  category.show(query.category);
  // The address holds an id; the field shows the title once it is known.
  if (query.item_id)
    itemsOf([query.item_id], context.signal).then((found) => {
      const title = found.get(query.item_id)?.title;
      if (title && !context.signal.aborted) item.show(query.item_id, title);
    });
  return h('div', { class: 'fields' }, item, category);
}
