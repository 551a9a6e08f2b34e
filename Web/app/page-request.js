// What a page of recommendations is asked for: the address on one side, the request's body on the other.

/** The places a page can stand in. */
export const CONTEXTS = ['home', 'item', 'cart', 'session', 'category', 'email'];
/** What a page can do with things the customer has bought before. */
export const REPEATS = ['never', 'allow', 'only'];
const COUNT = 10;

/** The context an address names; an unknown one is the home page. */
export const contextOf = (query) => (CONTEXTS.includes(query.context) ? query.context : 'home');

/** Ids in one value of an address; an id may hold a comma itself. */
export const listOf = (text) => (text ? text.split(',').map(decodeURIComponent) : []);
export const listText = (ids) => ids.map(encodeURIComponent).join(',');

/** How many places the address asks for. */
export const countOf = (query) => Math.min(100, Math.max(1, Number.parseInt(query.count, 10) || COUNT));

/** The body of a request for a page. It is always a preview: looking logs nothing. */
export function pageRequest(query) {
  const context = contextOf(query);
  const body = { context, count: countOf(query), preview: true, trace: true };
  if (query.customer) body.customer_id = query.customer;
  if (context === 'item') body.item_id = query.item;
  if (context === 'cart') body.cart = listOf(query.cart);
  if (context === 'category') body.category = query.category;
  if (context === 'session') {
    if (query.session) body.session_id = query.session;
    if (query.viewed) body.viewed = listOf(query.viewed);
  }
  if (REPEATS.includes(query.repeat)) body.repeat_purchases = query.repeat;
  if (query.model) body.model = query.model;
  if (query.rules !== undefined) body.rules = query.rules;
  return body;
}

/** What a page cannot be made without and the address does not say: `item`, `cart`, `category`, or null. */
export function missingFrom(query) {
  const context = contextOf(query);
  return ['item', 'cart', 'category'].includes(context) && !query[context] ? context : null;
}

/** The ids of the items that a page is asked for with. */
export const itemsIn = (query) =>
  [query.item, ...listOf(query.cart), ...listOf(query.viewed)].filter(Boolean);
