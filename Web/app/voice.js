// What customers say: its kinds and tones, and the addresses of what is behind a figure.
import * as format from './format.js';
import { t } from './i18n.js';
import { href } from './router.js';

/** The kinds of needs that are said, and where they stand on the map of importance and performance. */
export const KINDS = ['solve', 'unmet', 'explore'];
export const POSITIONS = ['concentrate-here', 'keep-up', 'low-priority', 'possible-overkill'];
export const TRENDS = ['rising', 'falling', 'steady'];
export const STATUSES = ['open', 'confirmed', 'edited', 'rejected'];
/** What a sentence can be. */
export const STATEMENTS = ['pain', 'wish', 'need', 'comparison', 'question'];
export const TONES = ['bad', 'good', 'neutral'];

const GOOD = 0.2;
const BAD = 0;

/** `good`, `bad` or `neutral`: the bounds that all counts of good and bad use. */
export const toneOf = (polarity) => (polarity > GOOD ? 'good' : polarity < BAD ? 'bad' : 'neutral');

/** What a place on the map asks of whoever runs the shop. */
export const positionName = (position) =>
  ({
    'concentrate-here': t('said.position.concentrate'),
    'keep-up': t('said.position.keepUp'),
    'low-priority': t('said.position.low'),
    'possible-overkill': t('said.position.overkill'),
  })[position] ?? position;

/** What a Kano class means for whoever runs the shop. */
export const kanoName = (kano) =>
  ({
    'must-be': t('said.kano.mustBe'),
    'one-dimensional': t('said.kano.oneDimensional'),
    attractive: t('said.kano.attractive'),
    indifferent: t('said.kano.indifferent'),
  })[kano] ?? kano;

/** All sentences of a need: those that state it and those that praise how well it is met. */
export const sentencesOf = ({ statements, praises }) => statements + (praises ?? 0);

/** Whether a mean leans to praise or complaint; near the middle it does neither. */
export const moodOf = (sentiment) => (sentiment > GOOD ? 'good' : sentiment < -GOOD ? 'bad' : 'neutral');

/** The page of a need that is said. */
export const needHref = (id, query) => href(['needs', 'said', id], query);

/** The sentences behind a figure. */
export const quotesHref = (query) => href(['voice', 'quotes'], query);

/** The sentences of a week that are behind a figure: of a need, an aspect or a word. */
export const weekHref = (week, query) =>
  quotesHref({ ...query, from: format.startOfDay(week), to: format.startOfDay(week, 7) });

/** Whether the shop lets this caller change what everybody sees. */
export function mayDecide(shop) {
  const roles = shop?.roles ?? [];
  return roles.length === 0 || roles.includes('operate') || roles.includes('admin');
}

/** The weeks of a need with the share of those who wrote that spoke of it. */
export const saidSeries = (series) =>
  (series ?? []).map(({ week, customers, writers }) => ({
    week,
    customers,
    writers,
    value: writers > 0 ? customers / writers : 0,
  }));
