// A bundle that the user puts together: its items, its price, and what past orders say of it.
import * as api from '../app/api.js';
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { ordersHref, span, times } from '../app/patterns.js';
import { numberField } from './number-field.js';
import { figures } from './page-frame.js';
import { askItems } from './page-request-form.js';
import { pickList } from './pick-list.js';
import { errorPanel } from './state-panel.js';

const MOST = 5;
const SEPARATOR = '\u001f';

/** The form and its answer; what was chosen is in the address. */
export function bundleBuilder(context) {
  const { query } = context;
  const chosen = (query.items ?? '').split(SEPARATOR).filter(Boolean);
  const state = { items: chosen, price: query.price ? Number(query.price) : null, known: new Map() };
  const list = h('ol', { class: 'bundle-items' });
  const answer = h('div', { class: 'bundle-answer', 'aria-live': 'polite' });
  const picker = pickList({
    label: t('patterns.builder.add'),
    placeholder: t('patterns.builder.hint'),
    ask: askItems,
    several: true,
    onPick: (id, label) => {
      if (id) state.known.set(id, label);
      if (id && !state.items.includes(id) && state.items.length < MOST) update([...state.items, id]);
    },
  });
  const price = numberField({
    label: t('patterns.builder.price'),
    unit: context.shop?.currency ?? '',
    value: state.price,
    min: 0,
    step: 'any',
    placeholder: t('patterns.builder.suggested'),
    onChange: (value) => {
      state.price = value;
      context.setQuery({ price: value }, { replace: true });
      ask();
    },
  });
  draw();
  ask();
  return h(
    'div',
    { class: 'bundle-builder' },
    h('p', { class: 'unit' }, t('patterns.builder.note')),
    h('div', { class: 'fields' }, picker, price),
    list,
    answer,
  );

  function update(items) {
    state.items = items;
    context.setQuery({ items: items.join(SEPARATOR) || null }, { replace: true });
    draw();
    ask();
  }

  function draw() {
    replace(
      list,
      state.items.map((id) =>
        h(
          'li',
          null,
          h('span', null, state.known.get(id) ?? id),
          ' ',
          h(
            'button',
            {
              type: 'button',
              class: 'quiet',
              'aria-label': t('patterns.builder.remove', { name: state.known.get(id) ?? id }),
              onclick: () => update(state.items.filter((one) => one !== id)),
            },
            '×',
          ),
        ),
      ),
    );
  }

  async function ask() {
    if (state.items.length < 2) {
      replace(answer, state.items.length === 1 ? h('p', { class: 'unit' }, t('patterns.builder.one')) : null);
      return;
    }
    const asked = state.items;
    try {
      const found = await api.post(
        ['patterns', 'bundles', 'price'],
        {},
        {
          items: asked,
          price: state.price,
          margin: query.margin ? Number(query.margin) : null,
        },
        context.signal,
      );
      if (asked !== state.items) return;
      for (const item of found.items) state.known.set(item.item_id, item.title);
      draw();
      replace(answer, result(found));
    } catch (error) {
      if (!context.signal.aborted && asked === state.items) replace(answer, errorPanel(error));
    }
  }
}

function result(found) {
  const { discount, gain, extra_units: extra } = found;
  return [
    h('p', null, local(found.words)),
    figures([
      { label: t('patterns.price'), value: format.money(found.price), note: t('patterns.price.note') },
      found.margin === null
        ? { label: t('patterns.margin'), value: format.MISSING, note: t('patterns.margin.unknown') }
        : {
            label: t('patterns.margin'),
            value: format.percent(found.margin, 0),
            note: found.cost_basis === 'assumed' ? t('patterns.margin.isAssumed') : null,
          },
      {
        label: t('patterns.together'),
        value: format.count(found.orders_together),
        href: ordersHref(found.items, 'item'),
        note: t('patterns.inWeeks', { count: Math.round(found.weeks) }),
      },
      { label: t('patterns.lift'), value: times(found.lift) },
      {
        label: t('patterns.extra'),
        value: format.count(extra.mean),
        note: span(format.count(extra.lower), format.count(extra.upper)),
      },
      discount.chosen !== null
        ? {
            label: t('patterns.discount.chosen'),
            value: format.percent(discount.chosen, 0),
            note: t('patterns.discount.largest', { share: format.percent(discount.largest, 1) }),
          }
        : null,
      gain.mean
        ? {
            label: t('patterns.gain'),
            value: format.money(gain.mean),
            note: span(format.money(gain.lower), format.money(gain.upper)),
          }
        : null,
      found.stock !== null
        ? { label: t('patterns.stock'), value: format.count(found.stock) }
        : null,
    ]),
    found.missing.length
      ? h('ul', { class: 'unit' }, found.missing.map((text) => h('li', null, local(text))))
      : null,
  ];
}
