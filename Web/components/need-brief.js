import { wholeWeeks } from '../app/charts.js';
import { h } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { sparkline } from './marks.js';

/** Buyers by week as a small line, without the weeks that are not whole. */
export function needSpark(row, shop) {
  const values = wholeWeeks(row.series ?? [], shop).map((point) => point.customers);
  return sparkline(values, t('needs.sparkLabel', { need: row.subject.label }));
}

/** A short list of needs: name, buyers by week, and one figure. */
export function needBrief(rows, shop, figure) {
  return h(
    'ol',
    { class: 'brief' },
    rows.map((row) =>
      h(
        'li',
        null,
        h('a', { href: href(['needs', row.subject.id]), title: row.subject.label }, row.subject.label),
        needSpark(row, shop),
        h('span', { class: 'number' }, figure(row)),
      ),
    ),
  );
}
