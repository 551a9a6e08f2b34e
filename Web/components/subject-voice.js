// What one customer said, and what is said about one item: short, with the way to everything.
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { needHref, quotesHref } from '../app/voice.js';
import { dataTable } from './data-table.js';
import { quoteList } from './quote.js';
import { goodBadCell, mostOf, opinionWords } from './said-lists.js';
import { statePanel } from './state-panel.js';
import { sentimentMark, sentimentWord } from './voice-marks.js';

const QUOTES = 5;
const ASPECTS = 10;

/** The needs that a customer stated, and their newest words. */
export function customerVoice(data, id) {
  if (!data.texts) return statePanel('empty', { title: t('voice.customerNone') });
  const names = new Map(data.needs.map((need) => [need.need_id, need.label]));
  return [
    h('p', null, t('voice.customerLead', { count: data.texts, mood: sentimentWord(data.sentiment ?? 0) })),
    data.needs.length > 0
      ? h(
          'p',
          null,
          t('voice.customerNeeds'),
          ' ',
          data.needs.map((need, index) => [
            index ? ' · ' : '',
            h('a', { href: needHref(need.need_id) }, need.label),
            ` ${format.count(need.statements)}`,
          ]),
        )
      : null,
    quoteList(data.statements.slice(0, QUOTES), { without: ['customer_id'], needs: names }),
    data.statements.length > QUOTES
      ? h('p', null, h('a', { href: quotesHref({ customer_id: id }) }, t('voice.allOfCustomer')))
      : null,
  ];
}

/** What of an item customers name, and whether they praise it. */
export function itemVoice(list, id) {
  if (list.items.length === 0) return statePanel('empty', { title: t('voice.itemNone') });
  const most = mostOf(list.items);
  return [
    dataTable({
      caption: t('voice.itemTitle'),
      rows: list.items.slice(0, ASPECTS),
      columns: [
        {
          label: t('voice.aspect'),
          head: true,
          cell: (row) => h('a', { href: quotesHref({ item_id: id, aspect: row.aspect }) }, row.aspect),
        },
        { label: t('voice.badGood'), cell: (row) => goodBadCell(row, most, { item_id: id }) },
        {
          label: t('said.sentiment'),
          wide: true,
          cell: (row) => sentimentMark(row.sentiment, row.sentiment_interval),
        },
        { label: t('voice.opinions'), wide: true, cell: (row) => opinionWords(row) },
      ],
    }),
    h(
      'p',
      null,
      h('a', { href: quotesHref({ item_id: id }) }, t('quotes.all')),
      ' · ',
      h('a', { href: href(['voice', 'compare'], { item_id: encodeURIComponent(id) }) }, t('voice.itemCompare')),
    ),
  ];
}

/** A shop whose texts have not been read yet says so in a line: the page is about more than that. */
export const notReadYet = (error) =>
  error.isNotTrained
    ? statePanel('waiting', {
        title: t('mining.lead'),
        action: h('a', { href: href(['voice']) }, t('mining.start')),
      })
    : null;
