// Why a customer may stop buying: what raises and lowers the risk, and what a purchase now would change.
import { logistic } from '../app/churn.js';
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { shareBar, signedBar } from './marks.js';

const SHOWN = 10;

/** The reasons in words, each with a mark that says whether it raises the risk. */
export function reasonList(reasons) {
  return h(
    'ul',
    { class: 'churn-reasons' },
    reasons.map((reason) => h('li', null, direction(reason), ' ', local(reason.text))),
  );
}

/** Up or down by shape and colour, and in words for those who do not see it. */
export function direction({ raises }) {
  return h(
    'span',
    { class: raises ? 'up' : 'down' },
    h('span', { 'aria-hidden': 'true' }, raises ? '▲' : '▼'),
    h('span', { class: 'visually-hidden' }, t(raises ? 'churn.raises' : 'churn.lowers')),
  );
}

/** The usual customer, every driver, and the risk they add up to; the small ones in one line until asked for. */
export function drivers({ explanation, risk }) {
  const place = h('div', { class: 'churn-drivers' });
  const all = explanation.drivers.filter((driver) => driver.log_odds !== 0);
  const scale = Math.max(...all.map((driver) => Math.abs(driver.log_odds)), 0.1);
  const draw = (whole, isAsked) => {
    const shown = whole ? all : all.slice(0, SHOWN);
    const rest = all.slice(shown.length);
    replace(place, table(explanation, risk, shown, rest, scale), more(rest.length, whole, draw));
    if (isAsked) place.querySelector('button')?.focus();
  };
  draw(all.length <= SHOWN + 1, false);
  return place;
}

function more(left, whole, draw) {
  if (!left && !whole) return null;
  return h(
    'p',
    null,
    h(
      'button',
      { type: 'button', 'data-action': 'all-drivers', 'aria-expanded': String(whole), onclick: () => draw(!whole, true) },
      whole ? t('churn.drivers.fewer') : t('churn.drivers.all', { count: left }),
    ),
  );
}

function table(explanation, risk, shown, rest, scale) {
  const sum = rest.reduce((total, driver) => total + driver.log_odds, 0);
  return h(
    'table',
    { class: 'waterfall' },
    h('caption', { class: 'visually-hidden' }, t('churn.drivers')),
    h(
      'thead',
      null,
      h(
        'tr',
        null,
        h('th', { scope: 'col' }, t('churn.drivers.what')),
        h('th', { scope: 'col' }, t('churn.drivers.effect')),
        h('th', { scope: 'col', class: 'number' }, t('churn.drivers.odds')),
        h('th', { scope: 'col', class: 'number wide-only' }, t('churn.drivers.logOdds')),
      ),
    ),
    h(
      'tbody',
      null,
      edge(t('churn.drivers.base'), explanation.base_log_odds, explanation.base_risk, 'start'),
      shown.map((driver) => line(local(driver.text), driver.log_odds, scale)),
      rest.length ? line(t('churn.drivers.rest', { count: rest.length }), sum, scale) : null,
      edge(t('churn.drivers.total'), explanation.log_odds, risk ?? logistic(explanation.log_odds), 'sum'),
    ),
  );
}

const line = (label, value, scale) =>
  h(
    'tr',
    { 'data-log-odds': value },
    h('th', { scope: 'row' }, label),
    h('td', { class: 'bar-cell' }, signedBar(value, scale)),
    h('td', { class: 'number' }, t('churn.times', { value: factor(value) })),
    h('td', { class: 'number muted wide-only' }, format.signed(value)),
  );

const edge = (label, value, share, kind) =>
  h(
    'tr',
    { class: kind, 'data-log-odds': value },
    h('th', { scope: 'row' }, label),
    h('td', { class: 'bar-cell' }),
    h('td', { class: 'number' }, format.percent(share, 1)),
    h('td', { class: 'number muted wide-only' }, format.signed(value)),
  );

function factor(value) {
  const times = Math.exp(value);
  return format.decimal(times, times < 10 ? 2 : 1);
}

/** The risk as it is beside the risk after a purchase today. */
export function ifTheyBought(data) {
  const { counterfactual } = data;
  if (!counterfactual) return h('p', { class: 'muted' }, t('churn.ifBought.unknown'));
  const row = (label, share) => h('div', null, h('dt', null, label), h('dd', null, shareBar(share, { digits: 1 })));
  return [
    h(
      'dl',
      { class: 'churn-if' },
      row(t('churn.ifBought.now'), data.risk),
      row(t('churn.ifBought.after'), counterfactual.risk),
    ),
    h('p', null, local(counterfactual.text)),
  ];
}
