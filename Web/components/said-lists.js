// The short lists beside a need that is said: its aspects, the products it touches, what to offer.
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { quotesHref } from '../app/voice.js';
import { dataTable } from './data-table.js';
import { statePanel } from './state-panel.js';
import { goodBadBar, sentimentMark } from './voice-marks.js';

/** The words for what is good and bad about an aspect, most frequent first. */
export const opinionWords = (aspect, count = 4) =>
  (aspect.opinions ?? [])
    .slice(0, count)
    .map(({ opinion, count: times }) => `${opinion} ${format.count(times)}`)
    .join(' · ') || format.MISSING;

/** Bad and good with their counts; each count opens its sentences. */
export function goodBadCell(aspect, most, query) {
  const link = (tone, value) =>
    h(
      'a',
      {
        href: quotesHref({ ...query, aspect: aspect.aspect, polarity: tone }),
        title: t(`tone.${tone}`),
        'aria-label': `${aspect.aspect}, ${t(`tone.${tone}`)}: ${format.count(value)}`,
      },
      format.count(value),
    );
  return h(
    'span',
    { class: 'good-bad-cell' },
    h('span', { class: 'number bad-count' }, link('bad', aspect.bad)),
    goodBadBar(aspect, most),
    h('span', { class: 'good-count' }, link('good', aspect.good)),
  );
}

/** The largest count on either side, so that all rows share a scale. */
export const mostOf = (aspects) => Math.max(1, ...aspects.flatMap(({ good, bad }) => [good, bad]));

/** What of it customers name, and how well each does. */
export function saidAspects(need) {
  const aspects = need.aspects ?? [];
  if (aspects.length === 0) return statePanel('empty', { title: t('said.noAspects') });
  const most = mostOf(aspects);
  return dataTable({
    caption: t('said.aspects'),
    rows: aspects.slice(0, 12),
    columns: [
      {
        label: t('voice.aspect'),
        head: true,
        cell: (row) =>
          h('a', { href: quotesHref({ need_id: need.need_id, aspect: row.aspect }) }, row.aspect),
      },
      {
        label: t('voice.badGood'),
        cell: (row) => goodBadCell(row, most, { need_id: need.need_id }),
      },
      { label: t('voice.opinions'), wide: true, cell: (row) => opinionWords(row, 3) },
    ],
  });
}

/** The products that the sentences are about. */
export function saidItems(need) {
  const items = need.items ?? [];
  if (items.length === 0) return statePanel('empty', { title: t('said.noItems') });
  return dataTable({
    caption: t('said.items'),
    rows: items,
    columns: [
      {
        label: t('events.item'),
        head: true,
        cell: (row) => h('a', { href: href(['items', row.item_id]) }, row.title || row.item_id),
      },
      {
        label: t('said.sentences'),
        number: true,
        cell: (row) =>
          h(
            'a',
            { href: quotesHref({ need_id: need.need_id, item_id: row.item_id }) },
            format.count(row.statements),
          ),
      },
      { label: t('said.sentiment'), cell: (row) => sentimentMark(row.sentiment) },
    ],
  });
}

/** What to offer to those who have this need: items that others praise for it. */
export function saidOffers(list) {
  if (list.items.length === 0)
    return statePanel('empty', { title: t('said.noOffers'), detail: t('said.noOffersDetail') });
  return [
    h('p', null, t('said.offersLead', { count: list.items.length })),
    dataTable({
      caption: t('said.offers'),
      rows: list.items,
      columns: [
        {
          label: t('events.item'),
          head: true,
          cell: (row) => h('a', { href: href(['items', row.item_id]) }, row.title || row.item_id),
        },
        { label: t('need.reason'), cell: (row) => local(row.reason) || format.MISSING },
        {
          label: t('said.sentences'),
          number: true,
          wide: true,
          cell: (row) =>
            h('a', { href: quotesHref({ item_id: row.item_id }) }, format.count(row.statements)),
        },
        { label: t('said.sentiment'), wide: true, cell: (row) => sentimentMark(row.sentiment) },
        {
          label: t('models.action'),
          wide: true,
          cell: (row) =>
            h(
              'a',
              { href: href(['recommend'], { context: 'item', item: row.item_id }) },
              t('said.offerPage'),
            ),
        },
      ],
    }),
  ];
}
