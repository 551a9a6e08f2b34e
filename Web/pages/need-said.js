// One need that customers state: what do they say, who are they, what would it cost to ignore, and what to do?
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { needHref, positionName, quotesHref, sentencesOf, toneOf } from '../app/voice.js';
import { region } from '../components/async-region.js';
import { decisionButtons, decisionLog, verdictOf } from '../components/need-decisions.js';
import { trendMark } from '../components/marks.js';
import { figures, orError, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { quoteList } from '../components/quote.js';
import { kanoWords, purchaseNeed, saidChart } from '../components/said-detail.js';
import { saidAspects, saidItems, saidOffers } from '../components/said-lists.js';
import { saidCustomers, saidSentences } from '../components/said-people.js';
import { kindTag, positionTag, statusTag } from '../components/said-table.js';
import { sentimentMark, sentimentWord } from '../components/voice-marks.js';
import { orNotMined } from '../components/voice-mining.js';

/** Draws the page. */
export default function needSaid(context) {
  const { id } = context.params;
  const { query } = context;
  const store = createStore(context.signal);
  const back = { href: href(['needs'], { view: 'said' }), label: t('needs.tab.said') };
  const path = ['voice', 'needs', id];
  const load = () => store.load('need', (signal) => api.get(path, {}, signal));
  const decided = (need) => {
    // What a merge keeps may be another one.
    if (need?.need_id && need.need_id !== id) {
      location.hash = needHref(need.need_id);
      return;
    }
    load();
    sentencesPart.load();
    customersPart.load();
  };
  const sentencesPart = saidSentences(context, store, id);
  const customersPart = saidCustomers(context, store, id);
  const title = t('said.one');
  showPage(
    context.root,
    title,
    pageHead({
      title,
      back,
      csv: { parts: [...path, 'statements'], query: sentencesPart.query, name: `need-${id}` },
    }),
    region(store, 'need', (need) => overview(context, need), 10),
    section(
      t('decide.title'),
      region(
        store,
        'need',
        (need) => [decisionButtons(need, context.shop, decided), decisionLog(need.decisions ?? [])],
        3,
      ),
    ),
    region(store, 'need', (need) => detail(context, need), 10),
    section(t('said.offers'), region(store, 'offers', saidOffers, 4)),
    sentencesPart.node,
    customersPart.node,
  );
  const loads = [load(), sentencesPart.load(), customersPart.load()];
  store.load('offers', (signal) => api.get([...path, 'items'], { limit: 8 }, signal));
  loads[0].then((slice) => {
    if (!orNotMined(slice, context, { title, back }, () => needSaid(context)))
      orError(slice, context.root, title, back);
  });
  // Who comes from a number of the board has asked for what is behind it.
  const part = { sentences: sentencesPart.node, customers: customersPart.node }[query.part];
  if (part)
    Promise.all(loads).then(() => context.signal.aborted || part.scrollIntoView({ block: 'start' }));
}

function overview(context, need) {
  const title = need.label;
  document.title = `${title} · Lode`;
  context.root.querySelector('h1').textContent = title;
  const share = format.percent(need.share_of_customers, 0);
  return [
    sentences([
      t('said.lead', {
        count: need.customers,
        share,
        mood: sentimentWord(need.sentiment),
      }),
      need.trend
        ? t(`said.leadTrend.${need.trend.direction}`, { change: format.change(need.trend.change) })
        : null,
      need.kind === 'solve' && toneOf(need.sentiment) === 'good'
        ? t('said.next.praised')
        : t(`said.next.${need.kind}`),
    ]),
    h(
      'p',
      { class: 'marks' },
      kindTag(need.kind),
      positionTag(need.position),
      statusTag(verdictOf(need)),
      need.words?.length ? h('span', { class: 'unit' }, need.words.join(' · ')) : null,
    ),
    figures([
      {
        label: t('needs.customers'),
        value: format.count(need.customers),
        href: needHref(need.need_id, { part: 'customers' }),
        note: need.share_interval
          ? t('said.shareNote', {
              share: format.percent(need.share_of_customers),
              lower: format.percent(need.share_interval.lower, 0),
              upper: format.percent(need.share_interval.upper, 0),
            })
          : null,
      },
      {
        label: t('said.sentences'),
        value: format.count(sentencesOf(need)),
        href: needHref(need.need_id, { part: 'sentences' }),
        note: need.praises ? t('said.praises', { count: need.praises }) : null,
      },
      { label: t('said.sentiment'), value: sentimentMark(need.sentiment) },
      {
        label: t('said.trend'),
        value: trendMark(need.trend),
        note: t('said.trendNote'),
      },
      { label: t('said.position'), value: positionName(need.position), href: href(['needs'], { view: 'map' }) },
      { label: t('said.atStake'), value: format.money(need.at_stake), note: t('said.atStakeNote') },
    ]),
    section(t('said.quotes'), quoteList(need.quotes ?? [], { without: ['need_id'] })),
    need.purchase_need ? purchaseNeed(need.purchase_need) : null,
  ];
}

function detail(context, need) {
  return [
    h(
      'div',
      { class: 'columns' },
      section(t('need.movement'), saidChart(need, context.shop)),
      section(t('said.kanoTitle'), kanoWords(need), emotions(need)),
    ),
    h(
      'div',
      { class: 'columns' },
      section(t('said.aspects'), saidAspects(need)),
      section(t('said.items'), saidItems(need)),
    ),
    need.categories?.length
      ? h(
          'p',
          null,
          t('said.categories'),
          ' ',
          need.categories.map((one, index) => [
            index ? ' · ' : '',
            h('a', { href: quotesHref({ need_id: need.need_id, category: one.id }) }, one.label),
            ` ${format.count(one.statements)}`,
          ]),
        )
      : null,
  ];
}

function emotions(need) {
  if (!need.emotions?.length) return null;
  return h(
    'p',
    { class: 'unit' },
    t('said.emotions'),
    ' ',
    need.emotions
      .map(({ emotion, texts }) => `${tOr(`emotion.${emotion}`, emotion)} ${format.count(texts)}`)
      .join(' · '),
  );
}
