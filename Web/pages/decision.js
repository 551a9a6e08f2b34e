// One decision: what was shown, how it came about, and what happened next.
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { itemsOf } from '../app/items.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { dataTable } from '../components/data-table.js';
import { orError, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { modelName } from '../components/page-request-form.js';
import { pageSlots } from '../components/page-slots.js';
import {
  candidateTable,
  historyTable,
  ruleTable,
  sourceTable,
  traceSentences,
} from '../components/page-trace.js';
import { statePanel } from '../components/state-panel.js';

/** Draws the page. */
export default function decision(context) {
  const { id } = context.params;
  const { query } = context;
  const store = createStore(context.signal);
  const title = t('decision.title', { id: id.slice(0, 8) });
  const back = { href: href(['recommend']), label: t('nav.recommend') };
  showPage(context.root, title, pageHead({ title, back }), region(store, 'decision', draw, 12));
  store
    .load('decision', async (signal) => {
      const made = await api.get(['decisions', id], {}, signal);
      // A decision keeps ids alone: what the items are called today is asked for.
      const ids = (made.items ?? []).filter((item) => !item.title).map((item) => item.item_id);
      return { ...made, known: await itemsOf(ids, signal) };
    })
    .then((slice) => orError(slice, context.root, title, back));

  function draw(made) {
    const { trace, feedback = [] } = made;
    const shown = { ...made, items: withPlaces(made) };
    return [
      sentences([lead(shown), feedbackWords(feedback)]),
      base(made),
      h(
        'div',
        { class: 'columns wide-first' },
        section(t('decision.shown'), pageSlots(context, shown)),
        h(
          'div',
          { class: 'stack' },
          section(t('decision.feedback'), feedbackTable(feedback, shown.items)),
          trace ? section(t('trace.sources'), sourceTable(trace)) : null,
          trace
            ? section(
                t('trace.rules'),
                ruleTable({ rules: rulesOf(shown) }, (line) => href(['recommend', 'rules'], { line })),
              )
            : null,
        ),
      ),
      trace ? traced(made) : statePanel('empty', { title: t('decision.noTrace') }),
    ];
  }

  function traced(made) {
    const show = (fate) => {
      context.setQuery({ fate }, { replace: true });
      store.put('decision', made);
    };
    const { candidates, history } = made.trace;
    return [
      section(t('trace.title'), traceSentences(made.trace)),
      candidates || history
        ? h(
            'div',
            { class: 'columns wide-first' },
            section(t('trace.candidates'), candidateTable(made.trace, query.fate, show)),
            section(t('trace.newest'), historyTable(made.trace, made.customer_id)),
          )
        : null,
    ];
  }
}

/** The rules that had a hand in it; where the trace does not list them, the items still name them. */
function rulesOf({ trace, items }) {
  if (trace.rules?.length > 0) return trace.rules;
  const moved = new Map();
  for (const name of items.flatMap((item) => item.rules ?? [])) moved.set(name, (moved.get(name) ?? 0) + 1);
  return [...moved].map(([name, count]) => ({ name, active: true, moved: count }));
}

function withPlaces({ items = [], known }) {
  return items.map((item, index) => {
    const { title, category, brand, price } = known.get(item.item_id) ?? {};
    return { title, category, brand, price, position: index + 1, ...item };
  });
}

function lead(made) {
  return t('decision.lead', {
    items: t('recommend.items', { count: made.items.length }),
    who: made.customer_id ? t('recommend.forCustomer', { id: made.customer_id }) : t('recommend.forAnyone'),
    date: format.dateTime(made.made_at),
    model: made.model ? modelName(made.model) : format.MISSING,
  });
}

const feedbackWords = (list) =>
  list.length === 0 ? t('decision.noFeedback') : t('decision.feedbackCount', { count: list.length });

function base(made) {
  return h(
    'p',
    { class: 'unit' },
    made.context ? `${t(`recommend.context.${made.context}`)} · ` : null,
    made.customer_id
      ? [
          h(
            'a',
            { href: href(['customers', made.customer_id]) },
            t('customer.title', { id: made.customer_id }),
          ),
          ' · ',
          h(
            'a',
            {
              href: href(['recommend'], {
                customer: made.customer_id,
                context: made.context === 'home' ? null : made.context,
              }),
            },
            t('decision.again'),
          ),
          ' · ',
        ]
      : null,
    made.trace?.rules_version
      ? `${t('recommend.rulesVersion', { version: made.trace.rules_version })} · `
      : null,
    h('code', null, made.decision_id),
  );
}

function feedbackTable(list, items) {
  if (list.length === 0) return h('p', { class: 'muted' }, t('decision.noFeedback'));
  const known = new Map(items.map((item) => [item.item_id, item]));
  return dataTable({
    caption: t('decision.feedback'),
    rows: list,
    columns: [
      {
        label: t('events.item'),
        head: true,
        cell: (row) =>
          row.item_id
            ? h('a', { href: href(['items', row.item_id]) }, known.get(row.item_id)?.title || row.item_id)
            : format.MISSING,
      },
      { label: t('events.filter.kind'), cell: (row) => tOr(`event.${row.kind}`, row.kind) },
      {
        label: t('trace.place'),
        number: true,
        cell: (row) => format.count(known.get(row.item_id)?.position),
      },
      { label: t('events.when'), wide: true, cell: (row) => format.dateTime(row.timestamp) },
    ],
  });
}
