// Recommend: what would this customer be shown in this place, why, and why not something else?
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { itemOf } from '../app/items.js';
import { contextOf, listOf, missingFrom, pageRequest } from '../app/page-request.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { modelName, requestForm } from '../components/page-request-form.js';
import { pageSlots, sourceName } from '../components/page-slots.js';
import {
  candidateTable,
  historyTable,
  ruleTable,
  sourceTable,
  traceSentences,
} from '../components/page-trace.js';
import { recommendTabs } from '../components/recommend-tabs.js';
import { notEnoughData, statePanel } from '../components/state-panel.js';
import { whyNot } from '../components/why-not.js';

/** Draws the page. */
export default function recommend(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const question = whyNot(context, store);
  const change = (patch) => {
    context.setQuery({ ...patch, open: null });
    load();
  };
  showPage(
    context.root,
    t('nav.recommend'),
    pageHead({ title: t('nav.recommend') }),
    recommendTabs('page'),
    requestForm(context, change, { versions: true }),
    query.rules === undefined ? null : trial(query),
    region(store, 'page', (page) => draw(page), 12),
  );
  load();

  function load() {
    const missing = missingFrom(query);
    if (missing) store.put('page', { missing });
    else
      store.load('page', async (signal) => {
        try {
          const [page, item] = await Promise.all([
            api.post(['pages'], {}, pageRequest(query), signal),
            contextItem(query, signal),
          ]);
          return { ...page, about: item?.title ?? query.item };
        } catch (error) {
          if (error.status === 404) return { unknown: error.detail };
          // Rules on trial that cannot be read are for the editor to put right.
          if (query.rules === undefined || error.errors.length === 0) throw error;
          return { errors: error.errors };
        }
      });
    question.load();
  }

  function draw(page) {
    if (page.missing) return statePanel('empty', missingWords(page.missing));
    if (page.unknown !== undefined)
      return statePanel('empty', { title: t('recommend.unknown'), detail: page.unknown });
    if (page.errors)
      return statePanel('error', {
        title: t('recommend.trialWrong'),
        action: h('a', { href: editor(query) }, t('recommend.toEditor')),
      });
    const { trace = {} } = page;
    return [
      lead(page, query),
      page.fallback ? h('p', { class: 'warn-text' }, fallbackText(page)) : null,
      base(page),
      h(
        'div',
        { class: 'columns wide-first' },
        section(
          t('recommend.page'),
          page.items.length === 0 ? notEnoughData(t('recommend.nothing')) : pageSlots(context, page),
        ),
        h(
          'div',
          { class: 'stack' },
          section(t('whyNot.title'), question),
          section(t('trace.sources'), sourceTable(trace)),
          section(
            t('trace.rules'),
            ruleTable(trace, (line) => editor(query, line)),
          ),
        ),
      ),
      section(t('trace.title'), traceSentences(trace)),
      h(
        'div',
        { class: 'columns wide-first' },
        section(t('trace.candidates'), candidates(page)),
        section(t('trace.newest'), historyTable(trace, page.customer_id)),
      ),
    ];
  }

  function candidates(page) {
    const show = (fate) => {
      context.setQuery({ fate }, { replace: true });
      store.put('page', page);
      document.querySelector('[data-fates] [aria-pressed=true]')?.focus();
    };
    const ask = (item) => href(['recommend'], { ...query, wanted: item });
    return h(
      'div',
      { 'data-fates': true, class: 'stack' },
      candidateTable(page.trace ?? {}, query.fate, show, ask),
    );
  }
}

/** The item that an item page is about; its id has to do where nothing is known of it. */
async function contextItem(query, signal) {
  if (contextOf(query) !== 'item') return null;
  return itemOf(query.item, signal).catch(() => null);
}

/** The editor with the rules on trial, or with the live ones. */
const editor = ({ rules }, line) => href(['recommend', 'rules'], { text: rules, line });

/** Says that what is shown is made by rules that are not live. */
function trial(query) {
  const { rules, ...live } = query;
  return statePanel('waiting', {
    title: t('recommend.trial'),
    detail: t('recommend.trialDetail'),
    action: [
      h('a', { href: editor({ rules }) }, t('recommend.toEditor')),
      ' · ',
      h('a', { href: href(['recommend'], live) }, t('recommend.withLiveRules')),
    ],
  });
}

function missingWords(name) {
  return { title: t(`recommend.missing.${name}`), detail: t('recommend.missingDetail') };
}

/** Which source stands in for the model, by the name of the fallback. */
const STAND_INS = { popularity: 'popular' };

/** What stands in for the model: on the whole page, or only where it ran out of candidates. */
function fallbackText({ fallback, items }) {
  const source = STAND_INS[fallback] ?? fallback;
  const count = items.filter((item) => item.source === source).length;
  if (count > 0 && count < items.length) return t('recommend.filled', { count, source: sourceName(source) });
  return t('recommend.fallback', { name: tOr(`fallback.${fallback}`, fallback) });
}

/** What is shown, to whom, where, ranked by what, and what the rules did. */
function lead(page, query) {
  const moved = page.items.filter((item) => item.rules?.length > 0);
  const rules = new Set(moved.flatMap((item) => item.rules));
  const removed = (page.trace?.rules ?? []).reduce((sum, rule) => sum + (rule.removed ?? 0), 0);
  return sentences([
    t('recommend.lead', {
      items: t('recommend.items', { count: page.items.length }),
      who: page.customer_id ? t('recommend.forCustomer', { id: page.customer_id }) : t('recommend.forAnyone'),
      where: placeName(page, query),
      model: modelName(page.model),
      rules:
        rules.size === 0
          ? t('recommend.noRuleMoved')
          : t('recommend.rulesMoved', { count: rules.size, moved: moved.length }),
    }),
    removed > 0 ? t('recommend.rulesRemoved', { count: removed }) : null,
  ]);
}

/** The place of a page in words. */
export function placeName(page, query) {
  const context = page.context ?? contextOf(query);
  return t(`recommend.in.${context}`, {
    item: page.about ?? query.item ?? '',
    count: listOf(query.cart).length,
    category: query.category ?? '',
  });
}

/** What the page rests on: history, freshness, model, rules; and where the customer is described. */
function base(page) {
  const { history } = page.trace ?? {};
  const parts = [
    page.customer_id
      ? h('a', { href: href(['customers', page.customer_id]) }, t('customer.title', { id: page.customer_id }))
      : null,
    history?.events ? t('recommend.history', { count: history.events }) : null,
    page.as_of ? t('today.asOf', { date: format.dateTime(page.as_of) }) : null,
    page.model?.trained_at ? t('recommend.trained', { date: format.dateTime(page.model.trained_at) }) : null,
    page.rules_version ? t('recommend.rulesVersion', { version: page.rules_version }) : t('recommend.noRules'),
    page.decision_id
      ? h('a', { href: href(['decisions', page.decision_id]) }, t('decision.link'))
      : t('recommend.preview'),
  ].filter(Boolean);
  return h(
    'p',
    { class: 'unit' },
    parts.map((part, index) => [index ? ' · ' : '', part]),
  );
}
