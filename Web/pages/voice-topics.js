// Topics: what do texts go on about, how much of them, and in which mood?
import * as api from '../app/api.js';
import { wholeWeeks } from '../app/charts.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { shareBar, sparkline } from '../components/marks.js';
import { sentences } from '../components/page-frame.js';
import { quoteList } from '../components/quote.js';
import { statePanel } from '../components/state-panel.js';
import { sentimentMark } from '../components/voice-marks.js';
import { orNothingRead, voicePage } from '../components/voice-page.js';

const NAMED = 3;

/** Draws the page. */
export default function voiceTopics(context) {
  const store = createStore(context.signal);
  voicePage(
    context,
    'topics',
    null,
    region(store, 'topics', (data) => report(data, context), 14),
  );
  orNothingRead(
    store.load('topics', (signal) => api.get(['voice', 'topics'], {}, signal)),
    context,
    'topics',
    () => voiceTopics(context),
  );
}

const nameOf = (topic) =>
  topic.words
    .slice(0, NAMED)
    .map(({ word }) => word)
    .join(' · ');

function report({ topics, method }, context) {
  if (topics.length === 0)
    return statePanel('waiting', { title: t('topics.none'), detail: t('topics.noneDetail') });
  const sorted = [...topics].sort((one, other) => other.share - one.share);
  return [
    sentences([
      t('topics.lead', {
        topic: nameOf(sorted[0]),
        share: format.percent(sorted[0].share),
        count: topics.length,
      }),
    ]),
    h('p', { class: 'unit' }, t('topics.note', { method: method === 'lda' ? 'LDA' : method })),
    h(
      'div',
      { class: 'topics' },
      sorted.map((topic) => card(topic, context)),
    ),
  ];
}

/** One topic: its words first, then its weight, then what it sounds like. The open one is in the address. */
function card(topic, context) {
  const values = wholeWeeks(topic.series ?? [], context.shop).map((point) => point.share);
  const details = h(
    'details',
    {
      open: context.query.topic === String(topic.topic),
      'data-topic': topic.topic,
      ontoggle: () => {
        const isOpen = context.query.topic === String(topic.topic);
        if (details.open !== isOpen)
          context.setQuery({ topic: details.open ? topic.topic : null }, { replace: true });
      },
    },
    h(
      'summary',
      null,
      h('span', { class: 'topic-name' }, nameOf(topic)),
      h('span', { title: t('topics.texts', { count: topic.texts }) }, shareBar(topic.share)),
      sentimentMark(topic.sentiment),
      h('span', { class: 'wide-only' }, sparkline(values, t('topics.sparkLabel', { topic: nameOf(topic) }))),
    ),
    h(
      'div',
      { class: 'topic-body' },
      h(
        'p',
        null,
        topic.words.map(({ word }, index) => [
          index ? ' · ' : '',
          h('a', { href: href(['voice', 'words'], { word }) }, word),
        ]),
      ),
      h('p', { class: 'unit' }, t('topics.texts', { count: topic.texts })),
      quoteList(topic.quotes ?? []),
    ),
  );
  return details;
}
