// The questions that the gallery asks first: chosen by what a shop has really sent, so that each opens with an answer.
import { EVENT, ITEM } from './analytics.js';

/** What touches a customer before a purchase, as far as shops send it. */
const TOUCHES = ['ad_click', 'ad_impression', 'coupon_sent', 'click', 'impression', 'search', 'view', 'list_view'];
const MONTHS_NEEDED = 150;
const FEW_VALUES = 12;
const DAY_SECONDS = 86_400;

/**
 * The questions of an analysis for a shop: `[{ name, definition, lacks }]`, the best first. `lacks` names what the shop
 * would have to send for an answer.
 */
export function presets(analysis, facts) {
  const shop = reading(facts);
  return (MAKERS[analysis]?.(shop) ?? []).map(([name, definition, lacks]) => ({
    name,
    definition: { analysis, ...definition },
    lacks: lacks ?? null,
  }));
}

/** The one of a name, or the first. */
export function preset(analysis, facts, name) {
  const list = presets(analysis, facts);
  return list.find((entry) => entry.name === name) ?? list[0];
}

function reading(facts) {
  const sent = new Set(facts.kinds.map((row) => row.kind));
  const most = facts.kinds[0]?.kind ?? 'purchase';
  const attribute = Object.entries(facts.values ?? {}).find(
    ([name, count]) => name.startsWith('customer.attribute.') && count > 1 && count <= FEW_VALUES,
  );
  return {
    facts,
    sent,
    days: facts.days,
    buy: sent.has('purchase') ? 'purchase' : most,
    look: ['view', 'click', 'list_view'].find((kind) => sent.has(kind)),
    touches: TOUCHES.filter((kind) => sent.has(kind)),
    attribute: attribute?.[0],
    has: (property) => (facts.values?.[property] ?? 0) > 0,
    recent: facts.days > 400 ? { last_days: 365 } : facts.days > 200 ? { last_days: 182 } : undefined,
    interval: facts.days >= 60 ? 'week' : 'day',
    long: facts.days >= MONTHS_NEEDED ? 'month' : 'week',
  };
}

const MAKERS = {
  trends: ({ buy, recent, interval, has, look, sent }) => {
    const series = (measure, event = buy) => ({ event, measure, of: EVENT.amount });
    const ask = (list, more = {}) => ({ interval, span: recent, trends: { series: list }, ...more });
    const against = (list) => ({ interval, span: recent, trends: { series: list, compare: 'previous' } });
    return [
      ['sales', against([series('sum')])],
      ['orders', against([series('orders')])],
      ['buyers', against([series('customers')])],
      ['per_buyer', against([series('per_customer')])],
      has(ITEM.category)
        ? ['by_category', ask([series('sum')], { breakdown: { property: ITEM.category, top: 5 } })]
        : null,
      ['by_weekday', ask([series('customers')], { breakdown: { property: EVENT.weekday, top: 7 } })],
      look && sent.has('purchase')
        ? ['looks_and_buys', ask([series('customers', look), series('customers', 'purchase')])]
        : null,
    ].filter(Boolean);
  },
  retention: ({ buy, long, attribute, look }) => {
    const ask = (interval, own, more = {}) => ({ interval, retention: { periods: 12, ...own }, ...more });
    const first = { first: buy, return: buy, cohorts: 'first' };
    return [
      ['first', ask(long, first)],
      ['weekly', ask('week', first)],
      attribute ? ['by_attribute', ask(long, first, { breakdown: { property: attribute, top: 4 } })] : null,
      look && look !== buy
        ? ['visits', ask('week', { first: look, return: look, cohorts: 'first' })]
        : null,
    ].filter(Boolean);
  },
  funnel: ({ buy, look, sent, attribute }) => {
    const ask = (steps, days, more = {}) => ({ funnel: { steps, window_days: days, ...more.own }, ...more.rest });
    const whole = [look, sent.has('cart_add') ? 'cart_add' : null, sent.has('checkout') ? 'checkout' : null, buy];
    const shop = [...new Set(whole.filter(Boolean))];
    const again = [buy, buy, buy, buy];
    const list = [];
    if (shop.length > 1) {
      list.push(['to_purchase', ask(shop, 14)]);
      list.push(['same_item', ask(shop, 14, { own: { same: EVENT.item } })]);
    }
    list.push(['repeat', ask(again, 90)]);
    if (attribute)
      list.push(['repeat_by', ask(again, 90, { rest: { breakdown: { property: attribute, top: 4 } } })]);
    if (sent.has('review') && buy === 'purchase') list.push(['to_review', ask([buy, 'review'], 60)]);
    return list;
  },
  intervals: ({ buy, look, sent, attribute }) =>
    [
      ['again', { intervals: { from: buy, to: buy } }],
      look && look !== buy ? ['look_to_buy', { intervals: { from: look, to: buy, start: 'first' } }] : null,
      sent.has('review') && buy === 'purchase' ? ['to_review', { intervals: { from: buy, to: 'review' } }] : null,
      attribute
        ? ['by_attribute', { intervals: { from: buy, to: buy }, breakdown: { property: attribute, top: 4 } }]
        : null,
    ].filter(Boolean),
  rfm: () => [['all', {}]],
  value_curves: ({ long }) => [
    ['all', { interval: long, value_curves: { periods: 12 } }],
    ['weekly', { interval: 'week', value_curves: { periods: 26 } }],
  ],
  products: ({ recent, has }) => {
    const by = (property) => ({ span: recent, products: { by: property, sort: 'revenue', limit: 50 } });
    return [
      has(ITEM.category) ? ['categories', by(ITEM.category)] : null,
      ['items', by(EVENT.item)],
      has(ITEM.brand) ? ['brands', by(ITEM.brand)] : null,
    ].filter(Boolean);
  },
  paths: ({ buy, sent, facts, recent }) => {
    const kinds = [...sent].filter((kind) => kind !== 'rating' && kind !== 'review');
    const list = [];
    if (kinds.length > 1) {
      list.push(['to_purchase', { span: recent, paths: { direction: 'to', event: buy, max_steps: 5 } }]);
      list.push([
        'from_look',
        { span: recent, paths: { direction: 'from', event: kinds.find((kind) => kind !== buy), max_steps: 5 } },
      ]);
    }
    const after = (node) => ({
      span: recent,
      paths: {
        direction: 'from',
        event: buy,
        events: buy,
        node,
        bound: 'window',
        window_seconds: 28 * DAY_SECONDS,
        max_steps: 3,
        top: 7,
        collapse: false,
      },
    });
    const channels = facts.values[EVENT.channel] ?? 0;
    if (channels > 1 && channels <= FEW_VALUES) list.push(['channels', after(EVENT.channel)]);
    list.push(['weekdays', after(EVENT.weekday)]);
    return list;
  },
  distribution: ({ buy, recent }) => [
    ['orders', { span: recent, distribution: { event: buy, measure: buy === 'purchase' ? 'orders' : 'events' } }],
    ['days', { span: recent, distribution: { event: buy, measure: 'days' } }],
    ['spend', { span: recent, distribution: { event: buy, measure: 'sum', of: EVENT.amount } }],
  ],
  attribution: ({ buy, touches, has, recent }) => {
    const by = has(EVENT.campaign) ? EVENT.campaign : has(EVENT.channel) ? EVENT.channel : EVENT.kind;
    const own = (property) => ({
      span: recent,
      attribution: {
        conversion: buy,
        touch: { kind: touches.length > 0 ? touches : TOUCHES },
        by: property,
        lookback_days: 30,
        models: ['first', 'last', 'linear', 'time_decay', 'position', 'markov', 'shapley'],
      },
    });
    if (touches.length === 0) return [['none', own(by), 'touches']];
    return [
      ['main', own(by)],
      by === EVENT.kind ? null : ['by_kind', own(EVENT.kind)],
    ].filter(Boolean);
  },
  // Where purchases are all there is, a visit is a basket, and its lines are what it consists of.
  sessions: ({ recent, sent }) => [
    ['all', { span: recent, interval: 'week', unit: sent.size === 1 ? 'event' : undefined, sessions: {} }],
  ],
  live: () => [['now', { live: { minutes: 60 } }]],
};
