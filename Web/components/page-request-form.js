import * as api from '../app/api.js';
import { h, replace } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { itemsOf } from '../app/items.js';
import { CONTEXTS, contextOf, countOf, itemsIn, listOf, listText, REPEATS } from '../app/page-request.js';
import { choices } from './page-frame.js';
import { pickList } from './pick-list.js';

const COUNTS = [5, 10, 20, 50, 100];
const SUGGESTIONS = 8;
/** Which fields a context has besides the customer. */
const FIELDS = { item: ['item'], cart: ['cart'], category: ['category'], session: ['viewed', 'session'] };

/**
 * Who the page is for and where it stands; `change(patch)` puts a choice into the address and asks again.
 * With `versions`, the version of the model can be chosen too.
 */
export function requestForm(context, change, { versions = false } = {}) {
  const { query } = context;
  const names = new Map();
  const places = h('div', null);
  const fields = {
    customer: pickList({
      label: t('recommend.customer'),
      placeholder: t('recommend.customerHint'),
      ask: askCustomers,
      free: true,
      onPick: (value) => change({ customer: value || null }),
    }),
    item: pickList({
      label: t('recommend.item'),
      placeholder: t('recommend.itemHint'),
      ask: askItems,
      onPick: (value, text) => {
        names.set(value, text);
        change({ item: value || null });
      },
    }),
    cart: several('cart', t('recommend.cart')),
    category: pickList({
      label: t('recommend.category'),
      placeholder: t('recommend.categoryHint'),
      ask: askCategories,
      free: true,
      onPick: (value) => change({ category: value || null }),
    }),
    viewed: several('viewed', t('recommend.viewed')),
    session: pickList({
      label: t('recommend.session'),
      placeholder: t('recommend.sessionHint'),
      ask: async () => [],
      free: true,
      onPick: (value) => change({ session: value || null }),
    }),
  };
  const node = h(
    'div',
    { class: 'request' },
    places,
    h(
      'div',
      { class: 'fields' },
      Object.values(fields),
      select(
        'count',
        t('recommend.count'),
        [...new Set([...COUNTS, countOf(query)])].sort((a, b) => a - b).map((n) => [n, String(n)]),
        countOf(query),
      ),
      select(
        'repeat',
        t('recommend.repeat'),
        [['', t('recommend.repeat.usual')], ...REPEATS.map((name) => [name, t(`recommend.repeat.${name}`)])],
        query.repeat ?? '',
      ),
      versions ? versionSelect() : null,
    ),
  );
  draw();
  nameItems();
  return node;

  /** Shows what the address says; the elements stay, so that the focus stays too. */
  function draw() {
    const now = contextOf(query);
    const focused = places.contains(document.activeElement);
    const nav = choices(
      t('recommend.where'),
      CONTEXTS.map((name) => ({
        text: t(`recommend.context.${name}`),
        chosen: name === now,
        onclick: () => {
          change({ context: name === 'home' ? null : name, open: null });
          draw();
        },
      })),
      { labelled: true },
    );
    for (const [index, button] of [...nav.querySelectorAll('button')].entries())
      button.dataset.context = CONTEXTS[index];
    replace(places, nav);
    if (focused) nav.querySelector(`[data-context=${now}]`).focus();
    for (const [name, field] of Object.entries(fields))
      field.hidden = name !== 'customer' && !(FIELDS[now] ?? []).includes(name);
    fields.customer.show(query.customer);
    fields.item.show(query.item, names.get(query.item));
    fields.category.show(query.category);
    fields.session.show(query.session);
    for (const name of ['cart', 'viewed']) fields[name].draw();
  }

  /** A field for more than one item, with a chip for each. */
  function several(name, label) {
    const chips = h('span', { class: 'chips' });
    const field = pickList({
      label,
      placeholder: t('recommend.addItem'),
      ask: askItems,
      several: true,
      onPick: (value, text) => {
        if (!value) return;
        names.set(value, text);
        set([...new Set([...listOf(query[name]), value])]);
      },
    });
    const set = (ids) => {
      change({ [name]: ids.length > 0 ? listText(ids) : null });
      field.draw();
    };
    field.append(chips);
    field.draw = () =>
      replace(
        chips,
        listOf(query[name]).map((id) =>
          h(
            'button',
            {
              type: 'button',
              class: 'chip',
              'aria-label': t('recommend.withoutItem', { item: names.get(id) ?? id }),
              onclick: () => {
                set(listOf(query[name]).filter((other) => other !== id));
                field.querySelector('input').focus();
              },
            },
            names.get(id) ?? id,
            ' ×',
          ),
        ),
      );
    return field;
  }

  function select(name, label, options, value) {
    const id = `request-${name}`;
    const control = h(
      'select',
      { id, onchange: () => change({ [name]: control.value }) },
      options.map(([key, text]) => h('option', { value: key, selected: String(key) === String(value) }, text)),
    );
    return h('div', null, h('label', { for: id }, label), control);
  }

  /** The versions come from the server; until then the list holds what the address says. */
  function versionSelect() {
    const live = ['', t('recommend.version.live')];
    const field = select(
      'model',
      t('recommend.version'),
      query.model ? [live, [query.model, query.model]] : [live],
      query.model ?? '',
    );
    const control = field.querySelector('select');
    recommenderVersions(context.signal)
      .then(({ name, versions: found }) => {
        for (const one of found) {
          const value = `${name}@${one.version}`;
          const text = versionName(one);
          const known = [...control.options].find((option) => option.value === value);
          if (known) known.textContent = text;
          else control.append(h('option', { value }, text));
        }
      })
      // Without the list the live version is what there is to choose.
      .catch(() => null);
    return field;
  }

  /** The address holds ids; the fields show titles once they are known. */
  async function nameItems() {
    const ids = itemsIn(query).filter((id) => !names.has(id));
    if (ids.length === 0) return;
    const found = await itemsOf(ids, context.signal);
    if (context.signal.aborted) return;
    for (const [id, { title }] of found) if (title) names.set(id, title);
    draw();
  }
}

/** The versions of the recommendation model, newest first, and its name. */
export async function recommenderVersions(signal) {
  const { items } = await api.get(['models'], {}, signal);
  const model = items.find(({ name }) => name.startsWith('recommendation'));
  const versions = [...(model?.versions ?? [])].sort((a, b) => b.version - a.version);
  return { name: model?.name ?? 'recommendation', versions };
}

/** An algorithm's name as the literature writes it, with its version: “ItemKNN v3”. */
export const modelName = (model) =>
  model ? `${(model.kind ?? model.name).replace(/Model$/, '')} v${model.version}` : '–';

const versionName = (version) =>
  `${modelName(version)}${version.state === 'live' ? ` · ${t('models.state.live')}` : ''}`;

async function askCustomers(text, signal) {
  const query = text ? { query: text, limit: SUGGESTIONS } : { sort: 'recency', limit: SUGGESTIONS };
  const { items } = await api.get(['customers'], query, signal);
  return items.map((one) => ({
    value: one.customer_id,
    label: one.customer_id,
    detail: t('recommend.customerDetail', { count: one.orders }),
  }));
}

/** Items whose title or id matches. */
export async function askItems(text, signal) {
  const { items } = await api.get(['items'], { query: text, limit: SUGGESTIONS }, signal);
  return items.map((one) => ({
    value: one.item_id,
    label: one.title || one.item_id,
    detail: [one.item_id, one.category].filter(Boolean).join(' · '),
  }));
}

/** Categories whose name matches. */
export async function askCategories(text, signal) {
  const query = { query: text, sort: 'customers', limit: SUGGESTIONS };
  const { items } = await api.get(['needs'], query, signal);
  return items.map((one) => ({ value: one.subject.id, label: one.subject.label }));
}
