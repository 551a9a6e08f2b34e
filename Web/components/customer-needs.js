import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { shareBar, signedBar, tag, trendMark } from './marks.js';
import { notEnoughData } from './state-panel.js';

/**
 * A customer's needs, strongest first. Each opens to its contributions and evidence; the open one
 * is in the address as `need`, so that a link shows what was seen.
 */
export function customerNeeds(context, list, loadAll) {
  if (list.items.length === 0) return notEnoughData(t('customer.noNeeds'));
  const wanted = context.query.need;
  // A need linked to may lie beyond the strongest ones shown at first.
  if (wanted && list.items.length < list.total && !list.items.some((need) => need.subject.id === wanted))
    loadAll();
  const scale = Math.max(
    ...list.items.flatMap((need) =>
      (need.explanation?.contributions ?? []).map((part) => Math.abs(part.contribution)),
    ),
    1,
  );
  return [
    h(
      'p',
      { class: 'unit' },
      t(list.live ? 'customer.needsBaseLive' : 'customer.needsBase', {
        count: list.horizon_days,
        date: format.date(list.as_of),
        model: list.model?.name ?? format.MISSING,
        version: list.model?.version ?? format.MISSING,
      }),
    ),
    // Each row says its own figures to a screen reader; the heads are for the eye.
    h(
      'div',
      { class: 'needs-head unit', 'aria-hidden': 'true' },
      h('span', null, t('needs.need')),
      h('span', null, t('need.strength')),
      h('span', null, t('need.due')),
      h('span', { class: 'number' }, t('needs.atStake')),
    ),
    h(
      'div',
      { class: 'needs', role: 'list' },
      list.items.map((need) => row(context, need, wanted, scale)),
    ),
    list.items.length < list.total
      ? h(
          'p',
          null,
          h('button', { type: 'button', onclick: loadAll }, t('customer.allNeeds', { count: list.total })),
        )
      : null,
  ];
}

function row(context, need, wanted, scale) {
  const open = need.subject.id === wanted;
  const body = h('div', { class: 'need-body' });
  const fillBody = () => {
    if (!body.hasChildNodes()) replace(body, detail(context, need, scale));
  };
  const details = h(
    'details',
    {
      open,
      'data-need': need.subject.id,
      ontoggle: () => {
        if (details.open) fillBody();
        if (details.open !== (context.query.need === need.subject.id)) {
          context.setQuery({ need: details.open ? need.subject.id : null }, { replace: true });
        }
      },
    },
    h(
      'summary',
      null,
      h(
        'span',
        { class: 'need-name' },
        need.subject.label,
        ' ',
        tag(tOr(`kind.${need.kind}`, need.kind)),
        need.overdue ? [' ', tag(t('need.overdue'), 'warn')] : null,
      ),
      figure('need.strength', 'need-strength', shareBar(need.strength)),
      figure('need.due', 'need-due', format.due(need.expected_in_days)),
      figure('needs.atStake', 'number need-value', format.money(need.value)),
    ),
    body,
  );
  if (open) fillBody();
  return h('div', { role: 'listitem' }, details);
}

const figure = (label, kind, value) =>
  h('span', { class: kind }, h('span', { class: 'visually-hidden' }, `${t(label)} `), value);

function detail(context, need, scale) {
  return [
    h(
      'p',
      null,
      t('need.reading', {
        share: format.percent(need.strength),
        count: need.horizon_days,
        value: format.money(need.value),
        each: format.money(need.value_if_bought),
      }),
      ' ',
      need.trend ? [t('need.marketTrend'), ' ', trendMark(need.trend)] : null,
    ),
    h('h3', null, t('need.why')),
    waterfall(need, scale),
    h('h3', null, t('need.evidence')),
    evidence(need),
    h(
      'p',
      null,
      h('a', { href: href(['needs', need.subject.id]) }, t('need.toMarket', { need: need.subject.label })),
    ),
  ];
}

/** Base, signed contributions and calibration, which add up to the strength's log-odds. */
function waterfall(need, scale) {
  const { base, contributions = [], calibration, total } = need.explanation ?? {};
  if (base === undefined) return h('p', { class: 'muted' }, t('need.noExplanation'));
  const line = (label, value, kind) =>
    h(
      'tr',
      { class: kind },
      h('th', { scope: 'row' }, label),
      h('td', { class: 'bar-cell' }, kind ? null : signedBar(value, scale)),
      h(
        'td',
        { class: 'number' },
        kind === 'sum'
          ? format.percent(1 / (1 + Math.exp(-value)), 1)
          : t('need.oddsTimes', { value: odds(value) }),
      ),
      h('td', { class: 'number muted' }, signed(value)),
    );
  return [
    h(
      'table',
      { class: 'waterfall' },
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          h('th', { scope: 'col' }, t('need.reason')),
          h('th', { scope: 'col' }, t('need.effect')),
          h('th', { scope: 'col', class: 'number' }, t('need.odds')),
          h('th', { scope: 'col', class: 'number' }, t('need.logOdds')),
        ),
      ),
      h(
        'tbody',
        null,
        line(t('need.start'), base, 'start'),
        contributions.map((part) => line(local(part.label), part.contribution, '')),
        Math.abs(calibration ?? 0) > 0.0005 ? line(t('need.calibration'), calibration, '') : null,
        line(t('need.total'), total, 'sum'),
      ),
    ),
    h('p', { class: 'unit' }, t('need.oddsNote')),
  ];
}

function odds(value) {
  const factor = Math.exp(value);
  return format.decimal(factor, factor < 0.1 ? 3 : factor < 10 ? 2 : 1);
}

const signed = (value) => `${value < 0 ? '−' : '+'}${format.decimal(Math.abs(value), 2)}`;

function evidence(need) {
  const all = href(['events'], { customer_id: need.holder.id, category: need.subject.id });
  if (!need.evidence?.length) return h('p', { class: 'muted' }, t('need.noEvidence'));
  return [
    h(
      'table',
      { class: 'data plain' },
      h('caption', { class: 'visually-hidden' }, t('need.evidence')),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          h('th', { scope: 'col' }, t('events.when')),
          h('th', { scope: 'col' }, t('events.item')),
          h('th', { scope: 'col', class: 'number' }, t('events.quantity')),
          h('th', { scope: 'col', class: 'number' }, t('events.amount')),
        ),
      ),
      h(
        'tbody',
        null,
        need.evidence.map((event) =>
          h(
            'tr',
            { 'data-event': event.event_id },
            h('td', { class: 'nowrap' }, format.date(event.timestamp)),
            h(
              'td',
              null,
              event.item_id
                ? h('a', { href: href(['items', event.item_id]) }, event.item_title || event.item_id)
                : format.MISSING,
            ),
            h('td', { class: 'number' }, format.count(event.quantity)),
            h('td', { class: 'number' }, format.money(event.amount)),
          ),
        ),
      ),
    ),
    h(
      'p',
      null,
      h('a', { href: all }, t('need.allEvidence', { count: need.evidence_count ?? need.evidence.length })),
    ),
  ];
}
