// What the views of Patterns share: tabs, things with their pages, the mark of what held later, filters.
import { debounce, h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { LEVELS, ordersHref, thingHref } from '../app/patterns.js';
import { href } from '../app/router.js';
import { filterChoices } from './filter-choices.js';
import { tag } from './marks.js';
import { numberField } from './number-field.js';
import { choices } from './page-frame.js';

const TABS = ['rules', 'relations', 'sequences', 'bundles'];

/** The views of Patterns. */
export const patternTabs = (current) =>
  choices(
    t('nav.patterns'),
    TABS.map((name) => ({
      text: t(`patterns.tab.${name}`),
      href: href(['patterns'], name === 'rules' ? {} : { view: name }),
      chosen: name === current,
    })),
  );

/** Things one after another, each leading to its page. */
export const things = (list, level) =>
  list.flatMap((thing, index) => [
    index ? ' + ' : null,
    h('a', { href: thingHref(thing, level) }, thing.label),
  ]);

/** A number of orders that leads to these orders. */
export const orderCount = (count, list, level) =>
  h('a', { href: ordersHref(list, level), title: t('patterns.toOrders') }, format.count(count));

/** Whether a pattern held in the later weeks; what did not says so. */
export const heldMark = (row) =>
  row.validated ? tag(t('patterns.held'), 'good') : tag(t('patterns.notHeld'), 'warn');

const day = (text) => format.day(text, { year: 'numeric', month: 'short', day: 'numeric' });

/** Which orders patterns were found in, and which they were tried on. */
export const basis = (data) =>
  t('patterns.base', {
    found: format.count(data.found_in.orders),
    from: day(data.found_in.from),
    to: day(data.found_in.to),
    tried: format.count(data.tried_on.orders),
    until: day(data.tried_on.to),
    date: format.dateTime(data.mined_at),
  });

/** The filters of a list: the level, what held, a name, and the least figures. */
export function patternFilters({ query, change, least = [], hasLevel = true, hasLater = true, kinds }) {
  const input = h('input', {
    type: 'search',
    'data-filter': true,
    value: query.query ?? '',
    placeholder: t('patterns.filter'),
    'aria-label': t('patterns.filter'),
    oninput: debounce(() => change({ query: input.value.trim() }, { replace: true }), 200),
  });
  return h(
    'div',
    { class: 'filters' },
    hasLevel
      ? filterChoices({
          label: t('patterns.level'),
          name: 'level',
          values: LEVELS.filter((level) => level !== 'category').map((level) => [level, t(`patterns.level.${level}`)]),
          all: t('patterns.level.category'),
          query,
          change,
        })
      : null,
    kinds
      ? filterChoices({
          label: t('patterns.kind'),
          name: 'kind',
          values: kinds.map((kind) => [kind, t(`patterns.kind.${kind}`)]),
          query,
          change,
        })
      : null,
    hasLater
      ? filterChoices({
        label: t('patterns.later'),
        name: 'all',
        values: [['true', t('patterns.later.all')]],
        all: t('patterns.later.held'),
        query,
        change,
      })
      : null,
    input,
    least.length
      ? h(
          'div',
          { class: 'least' },
          least.map(({ name, label, unit, scale }) =>
            numberField({
              label,
              unit,
              value: query[name] ? Math.round(Number(query[name]) * scale * 100) / 100 : null,
              min: 0,
              max: scale === 1 ? 1000 : 100,
              step: 'any',
              onChange: (value) => change({ [name]: value === null ? null : value / scale }, { replace: true }),
            }),
          ),
        )
      : null,
  );
}
