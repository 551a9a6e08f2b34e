// One campaign: whom it reached, who was held out, and what it changed.
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { cursorPaging, dataTable } from '../components/data-table.js';
import { confirmAction } from '../components/dialogs.js';
import { notify } from '../components/notice.js';
import { figures, orError, pageHead, section, sentences, showPage } from '../components/page-frame.js';

const SIZE = 20;
const ARMS = ['treated', 'holdout', 'frequency', 'budget'];

/** Draws the page. */
export default function campaign(context) {
  const store = createStore(context.signal);
  const { id } = context.params;
  const back = { href: href(['campaigns']), label: t('nav.campaigns') };
  const head = h('div', { class: 'stack' });
  const loadCustomers = () =>
    store.load('customers', (signal) =>
      api.get(['campaigns', id, 'customers'], { limit: SIZE, cursor: context.query.cursor }, signal),
    );
  const paging = cursorPaging(context, loadCustomers);
  store.load('campaign', (signal) => api.get(['campaigns', id], {}, signal)).then((slice) => {
    orError(slice, context.root, t('nav.campaigns'), back);
    if (slice.data) draw(slice.data);
  });
  showPage(context.root, t('nav.campaigns'), pageHead({ title: t('nav.campaigns'), back }), head, region(store, 'campaign', () => null, 6));

  function draw(found) {
    const hasBegun = found.state !== 'draft';
    showPage(
      context.root,
      found.name,
      pageHead({
        title: found.name,
        back,
        csv: hasBegun ? { parts: ['campaigns', id, 'customers'], name: 'campaign-customers' } : null,
      }),
      sentences([t(`campaigns.is.${found.state}`, { date: moment(found) }), found.action.text]),
      hasBegun ? arms(found.counts) : null,
      h('p', null, buttons(found)),
      hasBegun ? section(t('campaigns.result'), region(store, 'result', result, 4)) : null,
      hasBegun
        ? section(t('campaigns.customers'), region(store, 'customers', (list) => customers(list, paging), 8))
        : null,
    );
    if (!hasBegun) return;
    store.load('result', (signal) => api.get(['campaigns', id, 'result'], {}, signal));
    loadCustomers();
  }

  function buttons(found) {
    const verb = { draft: 'start', running: 'stop' }[found.state];
    if (!verb) return null;
    return h(
      'button',
      { type: 'button', class: 'primary', 'data-action': `${verb}-campaign`, onclick: () => change(verb) },
      t(`campaigns.${verb}`),
    );
  }

  async function change(verb) {
    const sure = await confirmAction({
      title: t(`campaigns.${verb}`),
      detail: t(`campaigns.${verb}Detail`),
      action: t(`campaigns.${verb}`),
    });
    if (!sure) return;
    try {
      draw(await api.post(['campaigns', id, verb], {}, undefined, context.signal));
      if (verb === 'stop') campaign(context);
    } catch (error) {
      if (!context.signal.aborted) notify(error.detail ?? error.message, 'error');
    }
  }
}

const moment = (found) => format.date(found.ended_at ?? found.started_at ?? found.created_at);

const arms = (counts) =>
  counts
    ? figures(
        ARMS.filter((arm) => arm === 'treated' || arm === 'holdout' || counts[arm]).map((arm) => ({
          label: t(`campaigns.arm.${arm}`),
          value: format.count(counts[arm]),
        })),
      )
    : null;

function result(found) {
  const range = ({ lower, upper }) => t('campaigns.range', { lower: format.money(lower), upper: format.money(upper) });
  return [
    h('p', { class: `campaign-verdict ${found.verdict}` }, local(found.words)),
    figures([
      { label: t('campaigns.spend'), value: format.money(found.spend.difference), note: range(found.spend) },
      { label: t('campaigns.cost'), value: format.money(found.cost) },
      { label: t('campaigns.profit'), value: format.money(found.profit), note: range(found.profit_interval) },
      {
        label: t('campaigns.counted'),
        value: t('campaigns.daysOf', { passed: Math.floor(found.days_counted), days: found.days }),
      },
    ]),
    h('p', { class: 'unit' }, t('campaigns.how', { share: format.percent(found.effect.variance_reduction) })),
  ];
}

function customers(list, paging) {
  const link = (row) => href(['customers', row.customer_id]);
  return [
    dataTable({
      caption: t('campaigns.customers'),
      rows: list.items,
      rowHref: link,
      columns: [
        { label: t('customers.customer'), head: true, cell: (row) => h('a', { href: link(row) }, row.customer_id) },
        { label: t('campaigns.arm'), cell: (row) => t(`campaigns.arm.${row.arm}`) },
        { label: t('campaigns.before'), number: true, wide: true, cell: (row) => format.money(row.spend_before) },
        { label: t('campaigns.since'), number: true, cell: (row) => format.money(row.spend) },
        { label: t('campaigns.orders'), number: true, wide: true, cell: (row) => format.count(row.orders) },
      ],
    }),
    paging.controls(list, SIZE),
  ];
}
