// The question in words that can be changed: what all analyses share, and what each asks for itself.
import { h, replace } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { choice, conditionList, number, propertyGroups } from './analytics-fields.js';
import { OWN_PARTS } from './analytics-parts.js';

const SPANS = [7, 28, 91, 182, 365];
const INTERVALS = {
  trends: ['hour', 'day', 'week', 'month'],
  sessions: ['day', 'week', 'month'],
  retention: ['day', 'week', 'month'],
  value_curves: ['day', 'week', 'month'],
};
const GROUPED = ['trends', 'funnel', 'retention', 'intervals', 'distribution', 'sessions', 'value_curves'];
const SEQUENCES = ['funnel', 'retention', 'paths', 'intervals', 'distribution', 'sessions', 'attribution'];
const OF_CUSTOMERS = ['distribution', 'sessions'];

/**
 * The panel. `onChange(definition)` gets the question anew after each change that can be asked. It is folded away on
 * narrow screens, where the answer comes first.
 */
export function builder({ definition, facts, cohorts, onChange }) {
  const { analysis } = definition;
  const draft = structuredClone(definition);
  const tools = { facts, cohorts };
  const own = h('div', { class: 'own-part' });
  const emit = () => onChange(structuredClone(draft));
  const drawOwn = () => {
    const focused = document.activeElement?.dataset?.field;
    replace(
      own,
      OWN_PARTS[analysis]?.({
        value: draft[analysis] ?? {},
        tools,
        change(patch, { redraw = false } = {}) {
          draft[analysis] = cleaned({ ...draft[analysis], ...patch });
          if (redraw) drawOwn();
          emit();
        },
      }),
    );
    // A control that was drawn anew keeps the focus.
    if (focused) own.querySelector(`[data-field="${focused}"]`)?.focus();
  };
  drawOwn();
  const set = (name, value) => {
    if (value === null || value === undefined || value === '') delete draft[name];
    else draft[name] = value;
    emit();
  };
  const isWide = matchMedia('(min-width: 961px)').matches;
  return h(
    'details',
    { class: 'builder', open: isWide },
    h('summary', { 'data-action': 'question' }, t('analytics.builder')),
    h(
      'div',
      { class: 'builder-body', role: 'group', 'aria-label': t('analytics.builder') },
      own,
      analysis === 'live' ? null : spanFields(draft, set),
      INTERVALS[analysis]
        ? choice({
            label: t('analytics.interval'),
            name: 'interval',
            value: draft.interval ?? (analysis === 'trends' || analysis === 'sessions' ? 'day' : 'week'),
            values: INTERVALS[analysis].map((name) => [name, t(`analytics.interval.${name}`)]),
            onChange: (value) => set('interval', value),
          })
        : null,
      SEQUENCES.includes(analysis) ? unitField(draft, set) : null,
      GROUPED.includes(analysis) ? breakdownFields(draft, tools, set) : null,
      h(
        'fieldset',
        null,
        h('legend', null, t('analytics.filter')),
        conditionList({ filter: draft.filter, tools, onChange: (filter) => set('filter', filter) }),
      ),
    ),
  );
}

const cleaned = (part) =>
  Object.fromEntries(Object.entries(part).filter(([, value]) => value !== null && value !== undefined && value !== ''));

/** The days that count: the last so many, all, or from one day to another. */
function spanFields(draft, set) {
  const { span } = draft;
  const current = !span ? 'all' : span.last_days ? String(span.last_days) : 'days';
  const known = [...new Set([...SPANS, span?.last_days].filter(Boolean))].sort((a, b) => a - b);
  const days = h('div', { class: 'days' });
  const showDays = () => {
    const input = (name) => {
      const id = `span-${name}`;
      const field = h('input', {
        type: 'date',
        id,
        value: draft.span?.[name]?.slice(0, 10) ?? '',
        onchange: () => {
          const next = { ...draft.span, [name]: field.value };
          delete next.last_days;
          draft.span = next;
          if (next.from && next.to && next.from <= next.to) set('span', next);
        },
      });
      return h('div', { class: 'field' }, h('label', { for: id }, t(`analytics.span.${name}`)), field);
    };
    replace(days, input('from'), input('to'));
  };
  if (current === 'days') showDays();
  return [
    choice({
      label: t('analytics.span.label'),
      name: 'span',
      value: current,
      values: [
        ...known.map((count) => [String(count), t('analytics.span.last', { count })]),
        ['all', t('analytics.span.all')],
        ['days', t('analytics.span.days')],
      ],
      onChange: (value) => {
        if (value === 'days') {
          showDays();
          return;
        }
        replace(days);
        set('span', value === 'all' ? null : { last_days: Number(value) });
      },
    }),
    days,
  ];
}

/** Whether a basket is one event or as many as it has lines. */
const unitField = (draft, set) =>
  choice({
    label: t('analytics.unit'),
    name: 'unit',
    value: draft.unit ?? (draft.analysis === 'funnel' && draft.funnel?.same ? 'event' : 'order'),
    values: ['order', 'event'].map((name) => [name, t(`analytics.unit.${name}`)]),
    onChange: (value) => set('unit', value),
  });

function breakdownFields(draft, tools, set) {
  const groups = propertyGroups(tools).filter(
    (group) => !OF_CUSTOMERS.includes(draft.analysis) || group.values[0][0].startsWith('customer.'),
  );
  const top = number({
    label: t('analytics.breakdown.top'),
    name: 'top',
    value: draft.breakdown?.top ?? 5,
    min: 1,
    max: 50,
    onChange: (value) => draft.breakdown && set('breakdown', { ...draft.breakdown, top: value ?? 5 }),
  });
  top.hidden = !draft.breakdown;
  return [
    choice({
      label: t('analytics.breakdown'),
      name: 'breakdown',
      value: draft.breakdown?.property ?? '',
      values: [['', t('analytics.breakdown.no')], ...groups],
      onChange: (property) => {
        top.hidden = !property;
        set('breakdown', property ? { property, top: draft.breakdown?.top ?? 5 } : null);
      },
    }),
    top,
  ];
}
