// Segments: their addresses and words, and how the values of features are written.
import * as format from './format.js';
import { local, t } from './i18n.js';
import { href } from './router.js';

export const KINDS = ['cluster', 'rfm', 'rule'];

/** The page of one segment. */
export const segmentHref = (id) => href(['segments', id]);

/** The list of a segment's customers. */
export const peopleHref = (id) => href(['customers'], { segment: id });

/** A segment's name. */
export const nameOf = (segment) => local(segment?.name) || segment?.id || format.MISSING;

/** A feature's value by its unit. */
export function featureValue(value, unit) {
  if (value === null || value === undefined) return format.MISSING;
  switch (unit) {
    case 'money':
      return format.money(value);
    case 'share':
      return format.percent(value);
    case 'days':
      return t('segments.days', { value: format.decimal(value, 1) });
    case 'ratio':
      return format.decimal(value, 2);
    default:
      return Math.abs(value) < 100 ? format.decimal(value, 1) : format.count(value);
  }
}

/** A label as the start of a line. */
export function headline(text) {
  return text ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

const SAID = 4;

/** What sets a segment apart in a line, the values written as everywhere; the server's words where nothing does. */
export function apartWords(segment, count = SAID) {
  if (!segment.traits?.length) return local(segment.description);
  const parts = segment.traits.slice(0, count).map((trait) =>
    t('segments.trait', {
      feature: local(trait.label),
      here: featureValue(trait.inside, trait.unit),
      others: featureValue(trait.outside, trait.unit),
    }),
  );
  return headline(parts.join(t('segments.traitJoin')));
}

/** How far a difference goes, in words: effects as usual since Cohen. */
export function strengthWord(effect) {
  const size = Math.abs(effect);
  const name = size >= 0.8 ? 'large' : size >= 0.5 ? 'medium' : 'small';
  return t(`segments.effect.${name}`);
}

/** Whether a segment comes back when customers are drawn anew (Hennig 2007). */
export const stabilityWord = (value) =>
  t(value >= 0.85 ? 'segments.stability.high' : value >= 0.75 ? 'segments.stability.fair' : 'segments.stability.low');

/** The sentences of a text in which names stand in quotes: a quote that opens belongs to what follows. */
export const sentencesOf = (text) => text.split(/(?<=。)|(?<=[.!?]”?)\s+(?=[A-Z“])/).filter(Boolean);

/** A calendar day in full. */
export const day = (text) => format.day(text, { year: 'numeric', month: 'short', day: 'numeric' });

/** Colours of segments, the same on all pages: apart in light and dark, and for colour-blind readers. */
export const COLOURS = ['#1f6fb4', '#c8741c', '#2f8f6b', '#9a4d9c', '#b0413e', '#6f7d1c', '#3f8fa6', '#8a6d4b'];

/** The colour of the segment at a place of the list. */
export const colourOf = (index) => COLOURS[index % COLOURS.length];
