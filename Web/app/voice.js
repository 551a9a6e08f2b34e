// What customers say: its kinds and tones, and the addresses of what is behind a figure.
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

/** Where a text fits two keys, the words of a position are in message keys without hyphens. */
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

/** The page of a need that is said. */
export const needHref = (id, query) => href(['needs', 'said', id], query);

/** The sentences behind a figure. */
export const quotesHref = (query) => href(['voice', 'quotes'], query);

/** Whether the shop lets this caller change what everybody sees. */
export function mayDecide(shop) {
  const roles = shop?.roles ?? [];
  return roles.length === 0 || roles.includes('operate') || roles.includes('admin');
}

/** The board's own texts: what was read, and by when, in one line. */
export const saidSeries = (series) =>
  (series ?? []).map(({ week, customers, writers }) => ({
    week,
    customers,
    writers,
    value: writers > 0 ? customers / writers : 0,
  }));
