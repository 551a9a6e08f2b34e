// One customer who may stop buying: how likely is it, why, and what would a purchase change?
import * as api from '../app/api.js';
import { customerHref, day, listHref, RUN } from '../app/churn.js';
import { csvText } from '../app/csv.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, splitSentences, t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { weeks } from '../components/churn-charts.js';
import { drivers, ifTheyBought } from '../components/churn-drivers.js';
import { orNotRun } from '../components/model-run.js';
import { figures, orError, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

/** Draws the page. */
export default function churnCustomer(context) {
  const { id } = context.params;
  const store = createStore(context.signal);
  const title = t('churn.one', { id });
  const back = { href: listHref({}), label: t('nav.churn') };
  showPage(
    context.root,
    title,
    pageHead({ title, back, csv: { text: () => driversCSV(store.get('one')?.data), name: `churn-${id}` } }),
    region(store, 'one', (data) => page(id, data), 16),
  );
  const loading = store.load('one', (signal) => api.get(['churn', 'customers', id], {}, signal));
  orNotRun(loading, context, { title, run: RUN }, () => churnCustomer(context));
  loading.then((slice) => {
    if (slice.error?.isNotTrained || context.signal.aborted) return;
    if (slice.error?.status === 409) showPage(context.root, title, pageHead({ title, back }), notActive(id));
    else orError(slice, context.root, title, back);
  });
}

/** Who has not bought for long is not about to stop: they have stopped, or were never there. */
function notActive(id) {
  return statePanel('waiting', {
    title: t('churn.inactive'),
    detail: t('churn.inactiveDetail'),
    action: h('a', { href: customerHref(id) }, t('churn.toCustomer')),
  });
}

/** The reasons as a file whose last column adds up to the log-odds of the risk. */
function driversCSV(data) {
  if (!data) throw new Error(t('state.loading'));
  const { explanation } = data;
  return csvText(
    ['column', 'label', 'value', 'log_odds'],
    [
      ['base', t('churn.drivers.base'), explanation.base_risk, explanation.base_log_odds],
      ...explanation.drivers.map((one) => [one.column, local(one.label), one.value, one.log_odds]),
      ['total', t('churn.drivers.total'), data.risk, explanation.log_odds],
    ],
  );
}

function page(id, data) {
  return [
    sentences([...splitSentences(local(data.summary)), local(data.definition.text)]),
    h(
      'p',
      { class: 'unit' },
      t('churn.base', {
        count: data.customers,
        as_of: day(data.as_of),
        date: format.dateTime(data.computed_at),
        version: data.model.version,
      }),
    ),
    keyFigures(data),
    h(
      'div',
      { class: 'columns wide-first' },
      section(t('churn.drivers'), h('p', { class: 'unit' }, t('churn.drivers.note')), drivers(data)),
      h(
        'div',
        { class: 'stack' },
        section(t('churn.ifBought'), ifTheyBought(data)),
        section(t('churn.next'), nextSteps(id)),
      ),
    ),
    data.history?.length ? section(t('churn.weeks'), weeks(data)) : null,
  ];
}

function keyFigures(data) {
  return figures([
    { label: t('churn.risk'), value: format.percent(data.risk) },
    { label: t('churn.stake'), value: format.money(data.value_at_stake), note: t('churn.stakeNote') },
    {
      label: t('churn.expectedSpend', { horizon: format.span(data.definition.horizon_days) }),
      value: format.money(data.expected_spend),
      note: t('churn.expectedSpendNote'),
    },
    {
      label: t('churn.since'),
      value: format.days(data.days_since_last),
      note: data.usual_gap_days === null ? null : t('churn.usually', { count: Math.round(data.usual_gap_days) }),
    },
    { label: t('churn.visits'), value: format.count(data.visits_56) },
    { label: t('churn.alive'), value: format.percent(data.p_alive), note: t('churn.aliveNote') },
    {
      label: t('churn.rank'),
      value: format.count(data.rank),
      note: t('churn.rankOf', { count: data.customers }),
      href: listHref({ sort: 'risk' }),
    },
  ]);
}

/** What the shop can do next with this customer. */
function nextSteps(id) {
  const link = (address, text) => h('li', null, h('a', { href: address }, text));
  return h(
    'ul',
    { class: 'churn-next' },
    link(customerHref(id), t('churn.toCustomer')),
    link(href(['recommend'], { customer: id }), t('churn.toOffer')),
    link(href(['events'], { customer_id: id, kind: 'purchase' }), t('churn.toPurchases')),
  );
}
