// What each analysis asks for itself. Every part gets `{ value, tools, change(patch, { redraw }) }` and gives nodes.
import { EVENT, ITEM } from '../app/analytics.js';
import { h } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { choice, eventField, number, propertyGroups, tick } from './analytics-fields.js';

const DAY = 86_400;
const MEASURES = ['events', 'customers', 'orders', 'sessions', 'sum', 'mean', 'median', 'per_customer'];
const AMOUNTS = [EVENT.amount, EVENT.quantity, EVENT.discount, EVENT.rating];
const MODELS = ['first', 'last', 'linear', 'time_decay', 'position', 'markov', 'shapley'];
const MOST_STEPS = 10;
const MOST_SERIES = 4;

const options = (prefix, names) => names.map((name) => [name, t(`analytics.${prefix}.${name}`)]);
const needsOf = (measure) => ['sum', 'mean', 'median', 'per_customer'].includes(measure);

/** A list of parts of the same kind: each can be taken away, another added. */
function repeated({ list, most, least, draw, add, addText, action, onChange }) {
  return [
    h(
      'ol',
      { class: 'parts' },
      list.map((entry, index) =>
        h(
          'li',
          null,
          draw(entry, index),
          list.length > least
            ? h(
                'button',
                {
                  type: 'button',
                  class: 'quiet remove',
                  'aria-label': t('analytics.takeAway', { place: index + 1 }),
                  onclick: () => onChange(list.filter((_, place) => place !== index)),
                },
                '×',
              )
            : null,
        ),
      ),
    ),
    list.length < most
      ? h(
          'button',
          { type: 'button', class: 'link', 'data-action': action, onclick: () => onChange([...list, add()]) },
          addText,
        )
      : null,
  ];
}

const replaced = (list, index, entry) => list.map((old, place) => (place === index ? entry : old));

function trendsPart({ value, tools, change }) {
  const list = value.series ?? [{ event: {}, measure: 'events' }];
  const set = (next) => change({ series: next }, { redraw: true });
  const one = (series, index) => {
    const put = (patch) => set(replaced(list, index, { ...series, ...patch }));
    return [
      choice({
        label: t('analytics.measure'),
        name: `measure-${index}`,
        value: series.measure ?? 'events',
        values: options('measure', MEASURES),
        onChange: (measure) => put({ measure }),
      }),
      needsOf(series.measure)
        ? choice({
            label: t('analytics.of'),
            name: `of-${index}`,
            value: series.of ?? EVENT.amount,
            values: options('property', AMOUNTS),
            onChange: (of) => put({ of }),
          })
        : null,
      eventField({
        label: t('analytics.event'),
        name: `event-${index}`,
        value: series.event ?? {},
        tools,
        onChange: (event) => put({ event: event ?? {} }),
      }),
    ];
  };
  return [
    repeated({
      list,
      most: MOST_SERIES,
      least: 1,
      draw: one,
      add: () => ({ ...list.at(-1), measure: 'customers' }),
      addText: t('analytics.addSeries'),
      action: 'add-series',
      onChange: set,
    }),
    choice({
      label: t('analytics.transform'),
      name: 'transform',
      value: value.transform ?? 'none',
      values: options('transform', ['none', 'cumulative', 'moving_average']),
      onChange: (transform) => change({ transform }),
    }),
    choice({
      label: t('analytics.compare'),
      name: 'compare',
      value: value.compare ?? 'none',
      values: options('compare', ['none', 'previous', 'year']),
      onChange: (compare) => change({ compare }),
    }),
  ];
}

function funnelPart({ value, tools, change }) {
  const steps = value.steps ?? ['view', 'purchase'];
  const set = (next) => change({ steps: next }, { redraw: true });
  const days = value.window_days ?? (value.window_seconds ? value.window_seconds / DAY : 14);
  return [
    repeated({
      list: steps,
      most: MOST_STEPS,
      least: 2,
      draw: (step, index) =>
        eventField({
          label: t('analytics.funnel.stepNumber', { place: index + 1 }),
          name: `step-${index}`,
          value: step,
          tools,
          onChange: (event) => change({ steps: replaced(steps, index, event ?? {}) }, { redraw: true }),
        }),
      add: () => steps.at(-1),
      addText: t('analytics.addStep'),
      action: 'add-step',
      onChange: set,
    }),
    number({
      label: t('analytics.window'),
      name: 'window',
      value: Math.max(1, Math.round(days)),
      min: 1,
      max: 3650,
      unit: t('analytics.days'),
      onChange: (count) => change({ window_days: count ?? 14, window_seconds: null }),
    }),
    choice({
      label: t('analytics.order'),
      name: 'order',
      value: value.order ?? 'loose',
      values: options('order', ['loose', 'strict']),
      onChange: (order) => change({ order }),
    }),
    choice({
      label: t('analytics.same'),
      name: 'same',
      value: value.same ?? '',
      values: [['', t('analytics.same.none')], ...options('same', [EVENT.item, EVENT.session, EVENT.order])],
      onChange: (same) => change({ same: same || null }),
    }),
    eventField({
      label: t('analytics.exclusion'),
      name: 'exclusion',
      value: value.exclusions?.[0]?.event ?? null,
      isOptional: true,
      tools,
      onChange: (event) => change({ exclusions: event ? [{ event }] : null }, { redraw: true }),
    }),
  ];
}

function retentionPart({ value, tools, change }) {
  return [
    eventField({
      label: t('analytics.retention.first'),
      name: 'first',
      value: value.first ?? {},
      tools,
      onChange: (first) => change({ first: first ?? {} }, { redraw: true }),
    }),
    eventField({
      label: t('analytics.retention.return'),
      name: 'return',
      value: value.return ?? value.first ?? {},
      tools,
      onChange: (again) => change({ return: again ?? {} }, { redraw: true }),
    }),
    choice({
      label: t('analytics.retention.cohorts'),
      name: 'cohorts',
      value: value.cohorts ?? 'first',
      values: options('retention.cohorts', ['first', 'any', 'recurring']),
      onChange: (cohorts) => change({ cohorts }),
    }),
    choice({
      label: t('analytics.retention.returning'),
      name: 'returning',
      value: value.returning ?? 'in',
      values: options('retention.returning', ['in', 'on_or_after']),
      onChange: (returning) => change({ returning }),
    }),
    number({
      label: t('analytics.periods'),
      name: 'periods',
      value: value.periods ?? 12,
      min: 1,
      max: 60,
      onChange: (periods) => change({ periods: periods ?? 12 }),
    }),
  ];
}

function pathsPart({ value, tools, change }) {
  const bound = value.bound ?? 'session';
  return [
    choice({
      label: t('analytics.paths.direction'),
      name: 'direction',
      value: value.direction ?? 'from',
      values: options('paths.direction', ['from', 'to']),
      onChange: (direction) => change({ direction }),
    }),
    eventField({
      label: t('analytics.event'),
      name: 'event',
      value: value.event ?? {},
      tools,
      onChange: (event) => change({ event: event ?? {} }, { redraw: true }),
    }),
    choice({
      label: t('analytics.paths.node'),
      name: 'node',
      value: value.node ?? EVENT.kind,
      values: propertyGroups(tools).filter((group) => !group.values[0][0].startsWith('customer.')),
      onChange: (node) => change({ node }),
    }),
    choice({
      label: t('analytics.paths.bound'),
      name: 'bound',
      value: bound,
      values: options('paths.bound', ['session', 'window']),
      onChange: (next) => change({ bound: next }, { redraw: true }),
    }),
    bound === 'window'
      ? number({
          label: t('analytics.window'),
          name: 'window',
          value: Math.max(1, Math.round((value.window_seconds ?? DAY) / DAY)),
          min: 1,
          max: 365,
          unit: t('analytics.days'),
          onChange: (days) => change({ window_seconds: (days ?? 1) * DAY }),
        })
      : null,
    number({
      label: t('analytics.paths.steps'),
      name: 'max_steps',
      value: value.max_steps ?? 5,
      min: 2,
      max: 10,
      onChange: (steps) => change({ max_steps: steps ?? 5 }),
    }),
    number({
      label: t('analytics.paths.top'),
      name: 'paths-top',
      value: value.top ?? 8,
      min: 1,
      max: 20,
      onChange: (top) => change({ top: top ?? 8 }),
    }),
  ];
}

function intervalsPart({ value, tools, change }) {
  return [
    eventField({
      label: t('analytics.from'),
      name: 'from',
      value: value.from ?? {},
      tools,
      onChange: (from) => change({ from: from ?? {} }, { redraw: true }),
    }),
    eventField({
      label: t('analytics.to'),
      name: 'to',
      value: value.to ?? {},
      tools,
      onChange: (to) => change({ to: to ?? {} }, { redraw: true }),
    }),
    choice({
      label: t('analytics.intervals.start'),
      name: 'start',
      value: value.start ?? 'last',
      values: options('intervals.start', ['last', 'first']),
      onChange: (start) => change({ start }),
    }),
  ];
}

function distributionPart({ value, tools, change }) {
  const measure = value.measure ?? 'events';
  return [
    choice({
      label: t('analytics.distribution.what'),
      name: 'measure',
      value: measure,
      values: options('distribution.what', ['orders', 'events', 'days', 'sum']),
      onChange: (next) => change({ measure: next, edges: null }, { redraw: true }),
    }),
    measure === 'sum'
      ? choice({
          label: t('analytics.of'),
          name: 'of',
          value: value.of ?? EVENT.amount,
          values: options('property', AMOUNTS),
          onChange: (of) => change({ of, edges: null }),
        })
      : null,
    eventField({
      label: t('analytics.event'),
      name: 'event',
      value: value.event ?? {},
      tools,
      onChange: (event) => change({ event: event ?? {} }, { redraw: true }),
    }),
  ];
}

function attributionPart({ value, tools, change }) {
  const models = value.models ?? MODELS;
  return [
    eventField({
      label: t('analytics.attribution.conversion'),
      name: 'conversion',
      value: value.conversion ?? 'purchase',
      tools,
      onChange: (conversion) => change({ conversion: conversion ?? {} }, { redraw: true }),
    }),
    eventField({
      label: t('analytics.attribution.touchPoint'),
      name: 'touch',
      value: value.touch ?? {},
      tools,
      onChange: (touch) => change({ touch: touch ?? {} }, { redraw: true }),
    }),
    choice({
      label: t('analytics.attribution.by'),
      name: 'by',
      value: value.by ?? EVENT.channel,
      values: [
        ...options('property', [EVENT.channel, EVENT.campaign, EVENT.kind, EVENT.device]),
        ...propertyGroups(tools).filter((group) => group.values[0][0].startsWith('item.')),
      ],
      onChange: (by) => change({ by }),
    }),
    number({
      label: t('analytics.attribution.lookback'),
      name: 'lookback',
      value: value.lookback_days ?? 30,
      min: 1,
      max: 365,
      unit: t('analytics.days'),
      onChange: (days) => change({ lookback_days: days ?? 30 }),
    }),
    choice({
      label: t('analytics.attribution.value'),
      name: 'value',
      value: value.value ?? EVENT.amount,
      values: options('attribution.value', [EVENT.amount, 'none']),
      onChange: (worth) => change({ value: worth }),
    }),
    h(
      'fieldset',
      null,
      h('legend', null, t('analytics.attribution.models')),
      MODELS.map((model) =>
        tick({
          label: t(`analytics.model.${model}`),
          name: `model-${model}`,
          value: models.includes(model),
          onChange: (isOn) => {
            const next = MODELS.filter((name) => (name === model ? isOn : models.includes(name)));
            if (next.length > 0) change({ models: next }, { redraw: true });
          },
        }),
      ),
    ),
  ];
}

function productsPart({ value, change }) {
  return [
    choice({
      label: t('analytics.products.by'),
      name: 'by',
      value: value.by ?? EVENT.item,
      values: options('property', [EVENT.item, ITEM.category, ITEM.brand]),
      onChange: (by) => change({ by }),
    }),
    choice({
      label: t('analytics.products.sort'),
      name: 'sort',
      value: value.sort ?? 'revenue',
      values: options('products', ['revenue', 'buyers', 'views', 'view_to_cart', 'cart_to_purchase', 'view_to_purchase', 'refund_rate']),
      onChange: (sort) => change({ sort }),
    }),
    number({
      label: t('analytics.products.limit'),
      name: 'limit',
      value: value.limit ?? 50,
      min: 1,
      max: 500,
      onChange: (limit) => change({ limit: limit ?? 50 }),
    }),
  ];
}

const sessionsPart = ({ value, change }) =>
  number({
    label: t('analytics.sessions.gap'),
    name: 'inactivity',
    value: Math.round((value.inactivity_seconds ?? 1800) / 60),
    min: 1,
    max: 1440,
    unit: t('analytics.minutes'),
    onChange: (minutes) => change({ inactivity_seconds: (minutes ?? 30) * 60 }),
  });

const livePart = ({ value, change }) =>
  number({
    label: t('analytics.live.minutes'),
    name: 'minutes',
    value: value.minutes ?? 30,
    min: 1,
    max: 1440,
    unit: t('analytics.minutes'),
    onChange: (minutes) => change({ minutes: minutes ?? 30 }),
  });

const valuePart = ({ value, change }) =>
  number({
    label: t('analytics.periods'),
    name: 'periods',
    value: value.periods ?? 12,
    min: 1,
    max: 60,
    onChange: (periods) => change({ periods: periods ?? 12 }),
  });

/** By analysis. RFM has nothing to choose but whom and when. */
export const OWN_PARTS = {
  trends: trendsPart,
  funnel: funnelPart,
  retention: retentionPart,
  paths: pathsPart,
  intervals: intervalsPart,
  distribution: distributionPart,
  attribution: attributionPart,
  products: productsPart,
  sessions: sessionsPart,
  live: livePart,
  value_curves: valuePart,
};
