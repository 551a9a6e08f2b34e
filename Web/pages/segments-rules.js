// Segments by rule: name the customers you care about by a condition, and see at once how many they are.
import * as api from '../app/api.js';
import { debounce, h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { headline, segmentHref } from '../app/segments.js';
import { createStore } from '../app/store.js';
import { mayDecide } from '../app/voice.js';
import { region } from '../components/async-region.js';
import { dataTable } from '../components/data-table.js';
import { notify } from '../components/notice.js';
import { pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { segmentTabs } from '../components/segment-tabs.js';
import { statePanel } from '../components/state-panel.js';

const EXAMPLES = ['regular', 'lapsing', 'deals'];
const CONDITIONS = {
  regular: 'recency_days <= 14 and orders_365 >= 24',
  lapsing: 'recency_days > 56 and spend_365 > 500',
  deals: 'promotion_share > 60% and orders_90 >= 3',
};
const PAUSE = 400;
/** What stands before a name in the list of fields. */
const CALLS = ['category("…")', 'department("…")', 'need("…")', 'attribute("…")'];

/** Draws the page. */
export default function segmentsRules(context) {
  const store = createStore(context.signal);
  const title = t('nav.segments');
  const load = () => store.load('rules', (signal) => api.get(['segments', 'rules'], { limit: 200 }, signal));
  const form = ruleForm(context, load);
  showPage(
    context.root,
    title,
    pageHead({ title, csv: { parts: ['segments', 'rules'], name: 'segment-rules' } }),
    segmentTabs('rules'),
    sentences([t('segments.rule.lead')]),
    section(t('segments.rule.write'), form.node),
    section(t('segments.rules'), region(store, 'rules', (list) => rules(list, context, form, load), 4)),
    section(t('segments.rule.fields'), region(store, 'rules', (list) => fields(list, form), 6)),
  );
  load();
}

function ruleForm(context, reload) {
  const { query } = context;
  let editing = null;
  const name = h('input', { type: 'text', maxlength: 80, id: 'rule-name' });
  const text = h('textarea', {
    id: 'rule-condition',
    spellcheck: 'false',
    'aria-describedby': 'rule-outcome',
    oninput: debounce(tryIt, PAUSE),
  });
  text.value = query.condition ?? '';
  const outcome = h('div', { id: 'rule-outcome', role: 'status', 'aria-live': 'polite' });
  const save = h('button', { type: 'submit', class: 'primary', 'data-action': 'save-rule', disabled: true }, t('segments.rule.save'));
  const cancel = h('button', { type: 'button', hidden: true, onclick: clear }, t('segments.rule.cancel'));
  const node = h(
    'form',
    { class: 'rule-form', onsubmit: submit },
    h('label', { for: 'rule-condition' }, t('segments.rule.condition')),
    text,
    h(
      'p',
      { class: 'unit' },
      t('segments.rule.examples'),
      ' ',
      EXAMPLES.map((one, index) => [
        index ? ' · ' : '',
        h('button', { type: 'button', class: 'link', onclick: () => use(CONDITIONS[one]) }, t(`segments.rule.example.${one}`)),
      ]),
    ),
    outcome,
    mayDecide(context.shop)
      ? [
          h('label', { for: 'rule-name' }, t('segments.rule.name')),
          name,
          h('div', { class: 'buttons start' }, save, cancel),
        ]
      : h('p', { class: 'unit' }, t('segments.rule.notAllowed')),
  );
  if (text.value) tryIt();
  return { node, insert, edit };

  function use(condition) {
    text.value = condition;
    tryIt();
    text.focus();
  }

  function insert(field) {
    const start = text.selectionStart ?? text.value.length;
    const before = text.value.slice(0, start);
    const gap = before && !/[\s(]$/.test(before) ? ' ' : '';
    text.value = `${before}${gap}${field}${text.value.slice(text.selectionEnd ?? start)}`;
    text.focus();
    tryIt();
  }

  function edit(rule) {
    editing = rule.id;
    name.value = rule.name;
    cancel.hidden = false;
    use(rule.condition);
  }

  function clear() {
    editing = null;
    name.value = '';
    text.value = '';
    cancel.hidden = true;
    replace(outcome);
    save.disabled = true;
    context.setQuery({ condition: null }, { replace: true });
  }

  async function tryIt() {
    const condition = text.value.trim();
    context.setQuery({ condition }, { replace: true });
    save.disabled = true;
    if (!condition) return replace(outcome);
    replace(outcome, h('p', { class: 'unit' }, t('segments.rule.counting')));
    try {
      const found = await api.post(['segments', 'rules'], { dry_run: true }, { condition }, context.signal);
      if (text.value.trim() !== condition) return undefined;
      text.removeAttribute('aria-invalid');
      save.disabled = false;
      return replace(outcome, count(found));
    } catch (error) {
      if (context.signal.aborted || text.value.trim() !== condition) return undefined;
      text.setAttribute('aria-invalid', 'true');
      return replace(outcome, problem(error));
    }
  }

  async function submit(event) {
    event.preventDefault();
    const body = { name: name.value.trim(), condition: text.value.trim() };
    if (!body.name) {
      name.setAttribute('aria-invalid', 'true');
      name.focus();
      return notify(t('segments.rule.needName'), 'error');
    }
    name.removeAttribute('aria-invalid');
    try {
      if (editing) await api.put(['segments', 'rules', editing], body);
      else await api.post(['segments', 'rules'], {}, body);
      notify(t('segments.rule.saved', { name: body.name }));
      clear();
      reload();
    } catch (error) {
      notify(error.status === 403 ? t('state.forbidden') : error.message, 'error');
    }
    return undefined;
  }
}

function count(found) {
  return [
    h(
      'p',
      { class: 'rule-count' },
      t('segments.rule.count', { count: found.customers }),
    ),
    h(
      'p',
      { class: 'unit' },
      t('segments.rule.shares', {
        share: format.percent(found.share),
        all: found.all_customers,
        spend: format.percent(found.spend_share),
      }),
    ),
    found.sample.length === 0
      ? null
      : h(
          'p',
          null,
          t('segments.rule.sample'),
          ' ',
          found.sample.map((row, index) => [
            index ? ' · ' : '',
            h('a', { href: href(['customers', row.customer_id]) }, row.customer_id),
            ` ${format.money(row.spend)}`,
          ]),
        ),
  ];
}

function problem(error) {
  if (error.errors.length === 0) return statePanel('error', { title: error.message });
  return h(
    'ul',
    { class: 'warn-text' },
    error.errors.map((one) => h('li', null, t('segments.rule.issue', { column: one.column, message: one.message }))),
  );
}

function rules(list, context, form, reload) {
  if (list.items.length === 0) return statePanel('empty', { title: t('segments.rule.none') });
  const may = mayDecide(context.shop);
  return dataTable({
    caption: t('segments.rules'),
    rows: list.items,
    columns: [
      { label: t('segments.rule.name'), head: true, cell: (row) => h('a', { href: segmentHref(row.id) }, row.name) },
      { label: t('segments.rule.condition'), cell: (row) => h('code', null, row.condition) },
      { label: t('segments.customers'), number: true, cell: (row) => h('a', { href: href(['customers'], { segment: row.id }) }, format.count(row.customers)) },
      may
        ? {
            label: t('segments.rule.actions'),
            cell: (row) => [
              h('button', { type: 'button', class: 'link', 'aria-label': t('segments.rule.editOne', { name: row.name }), onclick: () => form.edit(row) }, t('segments.rule.edit')),
              ' · ',
              h('button', { type: 'button', class: 'link', 'aria-label': t('segments.rule.removeOne', { name: row.name }), onclick: (event) => remove(row, event.target, reload) }, t('segments.rule.remove')),
            ],
          }
        : null,
    ].filter(Boolean),
  });
}

/** The first click asks, the second removes. */
async function remove(row, button, reload) {
  if (!button.dataset.sure) {
    button.dataset.sure = 'yes';
    button.textContent = t('segments.rule.sure');
    return;
  }
  try {
    await api.remove(['segments', 'rules', row.id]);
    notify(t('segments.rule.removed', { name: row.name }));
    reload();
  } catch (error) {
    notify(error.status === 403 ? t('state.forbidden') : error.message, 'error');
  }
}

function fields(list, form) {
  const item = (name, label) =>
    h(
      'li',
      null,
      h('button', { type: 'button', class: 'link', 'data-field': name, onclick: () => form.insert(name) }, name),
      ' ',
      h('span', { class: 'unit' }, headline(label)),
    );
  return [
    h('p', { class: 'unit' }, t('segments.rule.fieldsNote')),
    h(
      'ul',
      { class: 'field-list' },
      CALLS.map((call) => item(call, t(`segments.rule.call.${call.split('(')[0]}`))),
      (list.fields ?? []).map((field) => item(field.name, local(field.label))),
    ),
  ];
}
