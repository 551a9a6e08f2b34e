// Draws the answer to an analysis: sentences, a picture, what lies behind it.
import { customersOf, missingKinds, spanWords } from '../app/analytics.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { attribution, products, rfm } from './analytics-rank.js';
import { distribution, intervals, retention, value_curves } from './analytics-return.js';
import { funnel, paths } from './analytics-flow.js';
import { live, sessions, trends } from './analytics-time.js';
import { sentences } from './page-frame.js';
import { statePanel } from './state-panel.js';

const ANSWERS = {
  trends,
  funnel,
  retention,
  paths,
  intervals,
  distribution,
  sessions,
  attribution,
  products,
  rfm,
  value_curves,
  live,
};

/** The sentences alone, for a card. */
export const findings = (result) => ANSWERS[result.analysis].sentences(result);

/** The picture alone; `tools` are `{ open(point, title), small }`. */
export function picture(result, tools) {
  return ANSWERS[result.analysis].picture(result, tools) ?? nothingFound(result);
}

/** The whole answer of a page. */
export function answer(result, tools) {
  const drawn = ANSWERS[result.analysis].picture(result, tools);
  return [
    h('h2', { class: 'visually-hidden' }, t('analytics.answer')),
    sentences(findings(result)),
    base(result),
    lacking(result),
    drawn ?? nothingFound(result),
    drawn ? ANSWERS[result.analysis].more(result, tools) : null,
    leftOut(result),
  ];
}

/** How many events and customers an answer rests on, of which days, and as of when. */
function base(result) {
  const customers = customersOf(result);
  return h(
    'p',
    { class: 'unit', 'data-base': true },
    t(customers === null ? 'analytics.base.events' : 'analytics.base.line', {
      customers: format.count(customers),
      events: format.count(result.sample.events),
      span: spanWords(result),
      date: format.dateTime(result.as_of),
    }),
  );
}

const named = (kinds) => kinds.map((kind) => tOr(`event.${kind}`, kind)).join(t('analytics.and'));

/** Says which events the question is about that the shop has never sent. */
function lacking(result) {
  const kinds = missingKinds(result.definition);
  if (kinds.length === 0) return null;
  return h('p', { class: 'warn-text', 'data-lacking': true }, t('analytics.lacking', { kinds: named(kinds) }));
}

function nothingFound(result) {
  const kinds = missingKinds(result.definition);
  return kinds.length > 0
    ? lackPanel(named(kinds))
    : statePanel('empty', { title: t('analytics.nothing'), detail: t('analytics.nothingDetail') });
}

/** The panel of an analysis for which the shop sends too little. */
export const lackPanel = (kinds) =>
  statePanel('waiting', {
    title: t('analytics.lackingTitle', { kinds }),
    detail: t('analytics.lackingDetail'),
    action: h('a', { href: '#/data/import' }, t('state.toImport')),
  });

/** What was not looked at, and why. */
function leftOut(result) {
  const list = (result.left_out ?? []).filter((entry) => entry.events > 0 || entry.customers > 0);
  if (list.length === 0) return null;
  return h(
    'p',
    { class: 'unit' },
    t('analytics.leftOut', {
      list: list
        .map((entry) =>
          t('analytics.leftOut.one', {
            reason: tOr(`analytics.leftOut.${entry.reason}`, entry.reason.replaceAll('_', ' ')),
            count: format.count(entry.events ?? entry.customers),
          }),
        )
        .join(t('analytics.semicolon')),
    }),
  );
}
