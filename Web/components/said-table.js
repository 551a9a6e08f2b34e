// The board of what customers say, as a table: each figure opens what is behind it.
import { wholeWeeks } from '../app/charts.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { kanoName, needHref, positionName, saidSeries, sentencesOf } from '../app/voice.js';
import { dataTable } from './data-table.js';
import { shareBar, sparkline, tag, trendMark } from './marks.js';
import { quoteStart } from './quote.js';
import { sentimentMark, shareWithInterval } from './voice-marks.js';

const TONES = { solve: 'warn', unmet: 'busy', explore: '' };
const QUOTE = 90;

/** The kind of a need that is said, as a tag. */
export const kindTag = (kind) => tag(t(`said.kind.${kind}`), TONES[kind]);

/** What a person has decided about a need, as a tag, or nothing. */
export const statusTag = (status) =>
  status ? tag(t(`said.status.${status}`), status === 'confirmed' ? 'good' : '') : null;

/** The share of customers by week as a small line. */
function saidSpark(need, shop) {
  const values = wholeWeeks(saidSeries(need.series), shop).map((point) => point.value);
  return sparkline(values, t('said.sparkLabel', { need: need.label }));
}

/** The needs of the board; `sort` is the order now, `onSort(name)` asks for another. */
export function saidTable(board, { sort, onSort, shop }) {
  const link = (need, query, content) => h('a', { href: needHref(need.need_id, query) }, content);
  return dataTable({
    caption: t('said.all'),
    rows: board.needs,
    sort,
    onSort,
    rowHref: (need) => needHref(need.need_id),
    columns: [
      {
        label: t('needs.need'),
        head: true,
        cell: (need) => [
          link(need, {}, need.label),
          ' ',
          h('span', { class: 'marks' }, kindTag(need.kind), statusTag(need.status)),
          firstQuote(need),
          boughtMark(need.purchase_need),
        ],
      },
      {
        label: t('said.share'),
        sort: 'customers',
        cell: (need) =>
          h(
            'span',
            {
              class: 'said-share',
              title: shareWithInterval(need.share_of_customers, need.share_interval, board.customers),
            },
            shareBar(need.share_of_customers),
            h(
              'span',
              { class: 'note' },
              link(need, { part: 'customers' }, t('said.count', { count: need.customers })),
              need.share_interval
                ? h('span', { class: 'path' }, interval(need.share_interval))
                : null,
            ),
          ),
      },
      {
        label: t('said.sentiment'),
        sort: 'sentiment',
        cell: (need) => [
          sentimentMark(need.sentiment),
          h(
            'span',
            { class: 'note wide-only' },
            link(need, { part: 'sentences' }, t('said.statements', { count: sentencesOf(need) })),
          ),
        ],
      },
      {
        label: t('said.trend'),
        sort: 'trend',
        wide: true,
        cell: (need) => [trendMark(need.trend), saidSpark(need, shop)],
      },
      {
        label: t('said.kano'),
        wide: true,
        cell: (need) =>
          need.kano ? kanoName(need.kano.class) : h('span', { class: 'muted' }, t('said.kano.unknown')),
      },
      { label: t('said.position'), wide: true, cell: (need) => positionTag(need.position) },
      {
        label: t('said.atStake'),
        sort: 'at-stake',
        number: true,
        cell: (need) =>
          h('span', { title: format.money(need.at_stake) }, format.money(need.at_stake, { compact: true })),
      },
    ],
  });
}

const interval = ({ lower, upper }) =>
  t('said.interval', { lower: format.percent(lower, 0), upper: format.percent(upper, 0) });

/** Where a need stands on the map, in words; what asks for action stands out. */
export const positionTag = (position) =>
  tag(positionName(position), position === 'concentrate-here' ? 'warn' : '');

/** The first words of the first quote: a label of three words says little alone. */
function firstQuote(need) {
  const [quote] = need.quotes ?? [];
  if (!quote) return null;
  return h('span', { class: 'path said-quote' }, quoteStart(quote, QUOTE));
}

function boughtMark(bought) {
  if (!bought) return null;
  return h(
    'span',
    { class: 'path bought' },
    t('said.alsoBought'),
    ' ',
    h('a', { href: href(['needs', bought.subject_id]) }, bought.label),
    ' · ',
    t('said.expectedBuyers', { count: Math.round(bought.expected_customers) }),
    ' · ',
    format.money(bought.at_stake),
  );
}
