// A campaign to be planned: kept in the address, and answered at once with whom it reaches and what it could show.
import * as api from '../app/api.js';
import { debounce, h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { notify } from './notice.js';
import { figures } from './page-frame.js';
import { errorPanel } from './state-panel.js';

const DELAY = 400;
const KINDS = ['message', 'offer', 'call'];
const GOALS = ['amount', 'purchase'];
/** Numbers of the form: their bounds and what they are without being filled in. */
const NUMBERS = {
  min_orders: { min: 0, max: 100000, step: 1 },
  away: { min: 0, max: 100000, step: 1 },
  min_spend: { min: 0, max: 1e9, step: 'any' },
  cost: { min: 0, max: 1e9, step: 'any' },
  holdout: { min: 1, max: 90, step: 1, usual: 10 },
  days: { min: 1, max: 365, step: 1, usual: 28 },
  budget: { min: 0, max: 1e12, step: 'any' },
};

/** The form with its answer below. */
export function campaignForm(context) {
  const { query } = context;
  const inputs = {
    name: h('input', { id: 'campaign-name', type: 'text', maxlength: 200, autocomplete: 'off', value: query.name ?? '' }),
    text: h('input', { id: 'campaign-text', type: 'text', maxlength: 2000, autocomplete: 'off', value: query.text ?? '' }),
    kind: select('kind', KINDS, query.kind),
    goal: select('goal', GOALS, query.goal),
  };
  for (const [name, { usual, ...bounds }] of Object.entries(NUMBERS)) {
    inputs[name] = h('input', {
      id: `campaign-${name}`,
      type: 'number',
      inputmode: 'decimal',
      ...bounds,
      value: query[name] ?? usual ?? '',
    });
  }
  const answer = h('div', { class: 'campaign-preview', 'aria-live': 'polite' });
  const note = h('p', { class: 'warn-text', role: 'alert' });
  const field = (name, wide = '') =>
    h(
      'div',
      { class: `text-field ${wide}` },
      h('label', { for: inputs[name].id }, t(`campaigns.field.${name}`, { currency: context.shop?.currency ?? '' })),
      inputs[name],
    );
  const group = (name, ...fields) =>
    h('fieldset', { class: 'campaign-group' }, h('legend', null, t(`campaigns.group.${name}`)), h('div', { class: 'fields' }, fields));
  const form = h(
    'form',
    { class: 'campaign-form', novalidate: true, onsubmit: create, oninput: debounce(changed, DELAY) },
    group('who', field('min_orders'), field('away'), field('min_spend')),
    group('what', field('name', 'wide-field'), field('kind'), field('text', 'wide-field'), field('cost'), field('budget')),
    group('measure', field('holdout'), field('goal'), field('days')),
    answer,
    note,
    h('button', { type: 'submit', class: 'primary', 'data-action': 'create-campaign' }, t('campaigns.create')),
  );
  preview();
  return form;

  function changed() {
    const patch = {};
    for (const [name, input] of Object.entries(inputs)) {
      const usual = NUMBERS[name]?.usual ?? { kind: KINDS[0], goal: GOALS[0] }[name];
      patch[name] = input.value === '' || input.value === String(usual) ? null : input.value;
    }
    context.setQuery(patch);
    preview();
  }

  function firstWrong() {
    return Object.keys(NUMBERS).find((name) => !inputs[name].validity.valid);
  }

  async function preview() {
    const wrong = firstWrong();
    replace(note, wrong ? t('campaigns.wrong', { name: t(`campaigns.field.${wrong}`, { currency: '' }) }) : null);
    if (wrong) return;
    try {
      const found = await api.post(['campaigns', 'preview'], {}, draft(inputs, t('campaigns.unnamed')), context.signal);
      replace(answer, reach(found));
    } catch (error) {
      if (!context.signal.aborted) replace(answer, errorPanel(error, preview));
    }
  }

  async function create(event) {
    event.preventDefault();
    const name = inputs.name.value.trim();
    const wrong = name ? firstWrong() : 'name';
    replace(note, wrong ? t('campaigns.wrong', { name: t(`campaigns.field.${wrong}`, { currency: '' }) }) : null);
    if (wrong) return inputs[wrong].focus();
    try {
      const made = await api.post(['campaigns'], {}, draft(inputs, name), context.signal);
      location.hash = href(['campaigns', made.campaign_id]);
    } catch (error) {
      if (!context.signal.aborted) notify(error.detail ?? error.message, 'error');
    }
  }
}

function reach({ counts, most_cost: cost, words }) {
  return [
    figures([
      { label: t('campaigns.arm.treated'), value: format.count(counts.treated) },
      { label: t('campaigns.arm.holdout'), value: format.count(counts.holdout) },
      counts.frequency ? { label: t('campaigns.arm.frequency'), value: format.count(counts.frequency) } : null,
      counts.budget ? { label: t('campaigns.arm.budget'), value: format.count(counts.budget) } : null,
      { label: t('campaigns.mostCost'), value: format.money(cost) },
    ]),
    h('p', null, local(words)),
  ];
}

function draft(inputs, name) {
  const number = (key) => (inputs[key].value === '' ? null : Number(inputs[key].value));
  const audience = {};
  if (number('min_orders')) audience.min_orders = number('min_orders');
  if (number('away')) audience.min_days_since_last_order = number('away');
  if (number('min_spend')) audience.min_spend = number('min_spend');
  return {
    name: inputs.name.value.trim() || name,
    audience,
    action: { kind: inputs.kind.value, text: inputs.text.value.trim(), cost: number('cost') ?? 0 },
    holdout: (number('holdout') ?? NUMBERS.holdout.usual) / 100,
    budget: number('budget'),
    goal: { kind: inputs.goal.value, days: number('days') ?? NUMBERS.days.usual },
  };
}

function select(name, values, chosen) {
  return h(
    'select',
    { id: `campaign-${name}` },
    values.map((value) => h('option', { value, selected: value === chosen }, t(`campaigns.${name}.${value}`))),
  );
}
