// Marks for what customers say: sentiment on one scale everywhere, and good against bad with their counts.
import { h, svg } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { moodOf, toneOf } from '../app/voice.js';
import { signedBar } from './marks.js';

/** A sentiment from −1 to 1: the bar says which way, the word and the figure how far. */
export function sentimentMark(value, interval) {
  if (value === null || value === undefined) return h('span', { class: 'muted' }, format.MISSING);
  const span = interval
    ? t('said.between', { lower: format.signed(interval.lower), upper: format.signed(interval.upper) })
    : null;
  return h(
    'span',
    { class: `sentiment ${toneOf(value)}`, title: [sentimentWord(value), span].filter(Boolean).join(' · ') },
    signedBar(value, 1),
    h('span', { class: 'number' }, format.signed(value)),
    h('span', { class: 'visually-hidden' }, ` ${sentimentWord(value)}`),
  );
}

/** A sentiment in words. */
export const sentimentWord = (value) => t(`sentiment.${moodOf(value)}`);

/** A share with its 95 % interval and base: 46 % (40–53 %) of 238. */
export function shareWithInterval(share, interval, base) {
  const text = interval
    ? t('said.shareInterval', {
        share: format.percent(share),
        lower: format.percent(interval.lower, 0),
        upper: format.percent(interval.upper, 0),
        base: format.count(base),
      })
    : format.percent(share);
  return text;
}

/** Bad to the left, good to the right of one middle, on a scale shared by the neighbours. */
export function goodBadBar({ good, bad }, most) {
  const width = (value) => (most > 0 ? (value / most) * 50 : 0);
  return svg(
    'svg',
    { class: 'good-bad', viewBox: '0 0 100 8', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('rect', { class: 'bad', x: 50 - width(bad), width: width(bad), height: 8 }),
    svg('rect', { class: 'good', x: 50, width: width(good), height: 8 }),
    svg('rect', { class: 'axis', x: 49.75, width: 0.5, height: 8 }),
  );
}
