import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';

/** A timeline: one entry per day and order, newest first, which opens to its lines. */
export function eventDays(events) {
  const groups = new Map();
  for (const event of events) {
    const key = `${format.dayKey(event.timestamp)}|${event.order_id ?? event.session_id ?? event.kind}`;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(event);
  }
  return h(
    'ol',
    { class: 'timeline' },
    [...groups.values()].map((group) =>
      h(
        'li',
        null,
        h(
          'details',
          null,
          h(
            'summary',
            null,
            h('span', { class: 'when' }, format.dateTime(group[0].timestamp)),
            h('span', { class: 'what' }, summary(group)),
            h('span', { class: 'number' }, total(group)),
          ),
          h('ul', null, group.map(line)),
        ),
      ),
    ),
  );
}

function summary(group) {
  const kind = tOr(`event.${group[0].kind}`, group[0].kind);
  const names = [...new Set(group.map((event) => event.category).filter(Boolean))];
  const more = names.length > 3 ? ` ${t('events.more', { count: names.length - 3 })}` : '';
  return [
    h('strong', null, t('events.group', { kind, count: group.length })),
    ` ${names.slice(0, 3).join(' · ')}${more}`,
  ];
}

function total(group) {
  const amounts = group.filter((event) => event.amount);
  if (amounts.length === 0) return '';
  return format.money({
    amount: amounts.reduce((sum, event) => sum + event.amount.amount, 0),
    currency: amounts[0].amount.currency,
  });
}

function line(event) {
  return h(
    'li',
    null,
    h(
      'span',
      null,
      event.item_id
        ? h('a', { href: href(['items', event.item_id]) }, event.item_title || event.item_id)
        : (event.query ?? event.text ?? format.MISSING),
    ),
    h('span', { class: 'unit' }, [event.category, event.channel].filter(Boolean).join(' · ')),
    h('span', { class: 'number' }, [
      event.quantity > 1 ? `${format.count(event.quantity)} × ` : '',
      event.amount ? format.money(event.amount) : '',
    ]),
  );
}
