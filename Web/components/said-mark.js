// On the board of what is bought: that customers also speak of it, and what they say.
import { h } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { needHref } from '../app/voice.js';
import { kindTag, positionTag } from './said-table.js';
import { sentimentMark } from './voice-marks.js';

/** A line below the name of a need that texts speak of: the one that most customers state. */
export function saidMark({ voice }) {
  const [first] = [...(voice ?? [])].sort((one, other) => other.customers - one.customers);
  if (!first) return null;
  return h(
    'span',
    { class: 'path said-mark' },
    h(
      'a',
      { href: needHref(first.need_id) },
      t('needs.voiceMark', { count: first.customers, need: first.label }),
    ),
  );
}

/** What customers say about a need that is bought: each need they state, and how they speak of it. */
export function saidAbout({ voice }) {
  if (!voice?.length) return null;
  return h(
    'section',
    { class: 'joined' },
    h('h2', null, t('needs.voiceTitle')),
    h(
      'ul',
      { class: 'stated' },
      voice.map((need) =>
        h(
          'li',
          { class: 'marks' },
          h('a', { href: needHref(need.need_id) }, need.label),
          kindTag(need.kind),
          need.position ? positionTag(need.position) : null,
          h('span', { class: 'unit' }, t('said.count', { count: need.customers })),
          sentimentMark(need.sentiment),
        ),
      ),
    ),
  );
}
