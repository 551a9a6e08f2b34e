// The controls that questions are put together from: choices, numbers, events, conditions.
import * as api from '../app/api.js';
import { EVENT, ITEM, kindsOf, propertyWords, valueWords } from '../app/analytics.js';
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { pickList } from './pick-list.js';

let fields = 0;
const NUMBERS = new Set([
  EVENT.amount,
  EVENT.discount,
  EVENT.quantity,
  EVENT.rating,
  ITEM.price,
  EVENT.hour,
  EVENT.weekday,
]);
const WORD_OPS = ['in', 'not_in', 'contains', 'exists', 'missing'];
const NUMBER_OPS = ['at_least', 'at_most', 'between', 'is'];
const KINDS = [
  'view',
  'list_view',
  'search',
  'click',
  'cart_add',
  'cart_remove',
  'wishlist',
  'checkout',
  'purchase',
  'refund',
  'rating',
  'review',
  'message',
  'impression',
  'ad_impression',
  'ad_click',
  'coupon_sent',
  'coupon_redeemed',
];

/** A labelled list to choose one of: `values` are `[value, text]` or `{ label, values }` for a group. */
export function choice({ label, name, values, value, onChange }) {
  const id = `question-${++fields}`;
  const option = ([own, text]) => h('option', { value: own, selected: own === String(value ?? '') }, text);
  const select = h(
    'select',
    { id, 'data-field': name, onchange: () => onChange(select.value) },
    values.map((entry) =>
      Array.isArray(entry)
        ? option(entry)
        : h('optgroup', { label: entry.label }, entry.values.map(option)),
    ),
  );
  return h('div', { class: 'field' }, h('label', { for: id }, label), select);
}

/** A labelled whole number. What is out of bounds is not handed on, and says so. */
export function number({ label, name, value, min, max, unit, onChange }) {
  const id = `question-${++fields}`;
  const note = h('p', { class: 'warn-text unit', role: 'alert' });
  const input = h('input', {
    type: 'number',
    id,
    'data-field': name,
    inputmode: 'numeric',
    min,
    max,
    value: value ?? '',
    onchange: () => {
      const typed = input.value === '' ? null : Number(input.value);
      const isWrong = !input.validity.valid || (typed !== null && (typed < min || typed > max));
      replace(note, isWrong ? t('analytics.between', { min, max }) : null);
      if (!isWrong) onChange(typed);
    },
  });
  return h(
    'div',
    { class: 'field number-field' },
    h('label', { for: id }, label),
    h('span', null, input, unit ? h('span', { class: 'unit' }, unit) : null),
    note,
  );
}

/** A box to tick. */
export function tick({ label, name, value, onChange }) {
  const input = h('input', {
    type: 'checkbox',
    'data-field': name,
    checked: Boolean(value),
    onchange: () => onChange(input.checked),
  });
  return h('label', { class: 'choice' }, input, h('span', null, label));
}

// ── Events ───────────────────────────────────────────────────────────────────────────────────────────────────

/** A selector as an object, whatever way it is written. */
const asObject = (selector) =>
  typeof selector === 'string' ? { kind: selector } : selector ? { ...selector } : {};

/** Chooses an event: its kind, and below it the conditions that narrow it. */
export function eventField({ label, name, value, isOptional = false, tools, onChange }) {
  const { facts } = tools;
  const sent = facts.kinds.map((row) => row.kind);
  const selector = asObject(value);
  const kinds = kindsOf(selector);
  const several = kinds.length > 1 ? kinds.join(',') : null;
  const text = (kind) => {
    const row = facts.kinds.find((entry) => entry.kind === kind);
    const words = tOr(`event.${kind}`, kind);
    return row ? `${words} (${format.compact(row.events)})` : words;
  };
  const never = KINDS.filter((kind) => !sent.includes(kind));
  const node = h('div', { class: 'event-field' });
  const emit = () => onChange(Object.keys(selector).length === 0 ? null : { ...selector });
  replace(
    node,
    choice({
      label,
      name,
      value: value === null || value === undefined ? (isOptional ? 'off' : '') : (several ?? kinds[0] ?? ''),
      values: [
        ...(isOptional ? [['off', t('analytics.no')]] : []),
        several ? [several, kinds.map((kind) => tOr(`event.${kind}`, kind)).join(', ')] : null,
        ['', t('analytics.anyEvent')],
        ...sent.map((kind) => [kind, text(kind)]),
        never.length > 0
          ? { label: t('analytics.neverSent'), values: never.map((kind) => [kind, tOr(`event.${kind}`, kind)]) }
          : null,
      ].filter(Boolean),
      onChange: (chosen) => {
        delete selector.kind;
        delete selector.label;
        if (chosen === 'off') {
          onChange(null);
          return;
        }
        if (chosen) selector.kind = chosen.includes(',') ? chosen.split(',') : chosen;
        onChange(chosen ? { ...selector } : selector.filter ? { ...selector } : {});
      },
    }),
    value === null || (value === undefined && isOptional)
      ? null
      : conditionList({
          filter: selector.filter,
          tools,
          isSmall: true,
          onChange: (filter) => {
            if (filter) selector.filter = filter;
            else delete selector.filter;
            emit();
          },
        }),
  );
  return node;
}

// ── Conditions ───────────────────────────────────────────────────────────────────────────────────────────────

/** The properties that the shop's data have, by what they are of. */
export function propertyGroups(tools, { words = true } = {}) {
  const known = Object.entries(tools.facts.values ?? {}).filter(([, count]) => count > 0);
  const of = (prefix) =>
    known
      .map(([name]) => name)
      .filter((name) => name.startsWith(prefix) && (!words || !isNumber(name) || /hour|weekday/.test(name)))
      .map((name) => [name, propertyWords(name)]);
  return [
    { label: t('analytics.propertiesOf.event'), values: of('event.') },
    { label: t('analytics.propertiesOf.item'), values: of('item.') },
    { label: t('analytics.propertiesOf.customer'), values: of('customer.') },
  ].filter((group) => group.values.length > 0);
}

const isNumber = (property) => NUMBERS.has(property);

/** The conditions of a filter that are all to hold; null where the filter is more than such a list. */
function flat(filter) {
  if (!filter) return [];
  const list = filter.all ?? [filter];
  return list.every((part) => part.property || part.cohort || part.not?.cohort) ? list : null;
}

/** Conditions that must all hold: each of a property or of a cohort. */
export function conditionList({ filter, tools, isSmall = false, onChange }) {
  const list = flat(filter);
  const node = h('div', { class: 'conditions' });
  if (list === null) {
    replace(
      node,
      h('p', { class: 'unit' }, t('analytics.filter.complex')),
      h('button', { type: 'button', class: 'link', onclick: () => onChange(null) }, t('analytics.filter.drop')),
    );
    return node;
  }
  const rows = list.map((part) => ({ ...part }));
  const emit = () => {
    const whole = rows.filter(isWhole);
    onChange(whole.length > 0 ? { all: whole } : null);
  };
  const draw = (focusLast) => {
    replace(
      node,
      rows.map((row, index) =>
        conditionRow(row, {
          tools,
          onChange: (next, redraw) => {
            rows[index] = next;
            if (redraw) draw();
            if (isWhole(next)) emit();
          },
          onRemove: () => {
            const [gone] = rows.splice(index, 1);
            draw();
            if (isWhole(gone)) emit();
          },
        }),
      ),
      h(
        'button',
        {
          type: 'button',
          class: 'link',
          'data-action': isSmall ? 'add-event-condition' : 'add-condition',
          onclick: () => {
            rows.push({ property: '', op: 'in', value: [] });
            draw(true);
          },
        },
        isSmall ? t('analytics.filter.onlyWhere') : t('analytics.filter.add'),
      ),
    );
    if (focusLast) [...node.querySelectorAll('.condition select')].at(-1)?.focus();
  };
  draw();
  return node;
}

/** Whether a condition says enough to be asked. */
function isWhole(row) {
  if (row.cohort || row.not?.cohort) return true;
  if (!row.property) return false;
  if (row.op === 'exists' || row.op === 'missing') return true;
  if (Array.isArray(row.value)) return row.value.length > 0 && row.value.every((value) => value !== null && value !== '');
  return row.value !== null && row.value !== undefined && row.value !== '';
}

function conditionRow(row, { tools, onChange, onRemove }) {
  const isCohort = Boolean(row.cohort || row.not?.cohort);
  const chosen = isCohort ? 'cohort' : row.property;
  const property = choice({
    label: t('analytics.filter.property'),
    name: 'condition-property',
    value: chosen,
    values: [
      ['', t('analytics.filter.choose')],
      ...(tools.cohorts.length > 0 ? [['cohort', t('analytics.cohort')]] : []),
      ...propertyGroups(tools, { words: false }),
    ],
    onChange: (name) => {
      if (name === 'cohort') onChange({ cohort: tools.cohorts[0].id }, true);
      else onChange(isNumber(name) ? { property: name, op: 'at_least', value: null } : { property: name, op: 'in', value: [] }, true);
    },
  });
  return h(
    'div',
    { class: 'condition' },
    property,
    isCohort ? cohortParts(row, { tools, onChange }) : row.property ? valueParts(row, onChange) : null,
    h(
      'button',
      {
        type: 'button',
        class: 'quiet remove',
        'aria-label': t('analytics.filter.remove'),
        onclick: onRemove,
      },
      '×',
    ),
  );
}

function cohortParts(row, { tools, onChange }) {
  const id = row.cohort ?? row.not.cohort;
  const make = (isIn, cohort) => onChange(isIn ? { cohort } : { not: { cohort } }, false);
  let isIn = Boolean(row.cohort);
  let cohort = id;
  return [
    choice({
      label: t('analytics.filter.op'),
      name: 'condition-op',
      value: isIn ? 'in' : 'not_in',
      values: [
        ['in', t('analytics.op.inCohort')],
        ['not_in', t('analytics.op.notInCohort')],
      ],
      onChange: (value) => {
        isIn = value === 'in';
        make(isIn, cohort);
      },
    }),
    choice({
      label: t('analytics.filter.value'),
      name: 'condition-cohort',
      value: cohort,
      values: tools.cohorts.map((entry) => [entry.id, entry.title]),
      onChange: (value) => {
        cohort = value;
        make(isIn, cohort);
      },
    }),
  ];
}

function valueParts(row, onChange) {
  const ops = isNumber(row.property) ? NUMBER_OPS : WORD_OPS;
  const op = choice({
    label: t('analytics.filter.op'),
    name: 'condition-op',
    value: row.op,
    values: [...new Set([...ops, row.op])].map((name) => [name, t(`analytics.op.${name}`)]),
    onChange: (name) => onChange({ property: row.property, op: name, value: startValue(name) }, true),
  });
  if (row.op === 'exists' || row.op === 'missing') return [op];
  return [op, valueField(row, onChange)];
}

const startValue = (op) =>
  op === 'exists' || op === 'missing' ? undefined : op === 'in' || op === 'not_in' ? [] : op === 'between' ? [null, null] : null;

function valueField(row, onChange) {
  if (row.op === 'in' || row.op === 'not_in') return wordsField(row, onChange);
  if (row.op === 'between') return betweenField(row, onChange);
  const id = `question-${++fields}`;
  const type = isNumber(row.property) ? 'number' : 'text';
  const input = h('input', {
    type,
    id,
    step: 'any',
    'data-field': 'condition-value',
    value: row.value ?? '',
    autocomplete: 'off',
    onchange: () =>
      onChange({ ...row, value: input.value === '' ? null : type === 'number' ? Number(input.value) : input.value }, false),
  });
  return h('div', { class: 'field' }, h('label', { for: id }, t('analytics.filter.value')), input);
}

function betweenField(row, onChange) {
  const values = [...(row.value ?? [null, null])];
  const one = (index, label) => {
    const id = `question-${++fields}`;
    const input = h('input', {
      type: 'number',
      id,
      step: 'any',
      value: values[index] ?? '',
      onchange: () => {
        values[index] = input.value === '' ? null : Number(input.value);
        onChange({ ...row, value: [...values] }, false);
      },
    });
    return h('div', { class: 'field number-field' }, h('label', { for: id }, label), input);
  };
  return [one(0, t('analytics.filter.low')), one(1, t('analytics.filter.high'))];
}

/** Several words, suggested from what the data hold; each can be taken away again. */
function wordsField(row, onChange) {
  const chosen = [...(row.value ?? [])].map(String);
  const tokens = h('p', { class: 'chips' });
  const emit = () => onChange({ ...row, value: [...chosen] }, false);
  const draw = () =>
    replace(
      tokens,
      chosen.map((value, index) =>
        h(
          'button',
          {
            type: 'button',
            class: 'chip',
            'aria-label': t('analytics.filter.takeOut', { value: valueWords(value, row.property) }),
            onclick: () => {
              chosen.splice(index, 1);
              draw();
              emit();
            },
          },
          valueWords(value, row.property),
          h('span', { 'aria-hidden': 'true' }, ' ×'),
        ),
      ),
    );
  const field = pickList({
    label: t('analytics.filter.value'),
    placeholder: t('analytics.filter.hint'),
    several: true,
    free: true,
    ask: (text, signal) => suggestions(row.property, text, signal),
    onPick: (value) => {
      if (!value || chosen.includes(value)) return;
      chosen.push(value);
      draw();
      emit();
    },
  });
  draw();
  return h('div', { class: 'words-field' }, field, tokens);
}

async function suggestions(property, query, signal) {
  const found = await api.get(['analytics', 'values'], { property, query, limit: 20 }, signal);
  return found.items.map((row) => ({
    value: row.value,
    label: valueWords(row.value, property),
    detail: t('analytics.customersCount', { count: row.customers }),
  }));
}
