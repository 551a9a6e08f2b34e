// What a customer wrote, word for word: always as text, long ones clipped, what matters marked.
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { needHref, toneOf } from '../app/voice.js';
import { statePanel } from './state-panel.js';

/** Longer texts are clipped; a mark that lies further on moves what is shown. */
const SHOWN = 220;
const BEFORE_MARK = 60;

/** A mark over nearly everything marks nothing. */
const NEARLY_ALL = 0.8;

/**
 * The spans to be marked: those of the server that fit the text and leave some of it, since a wrong mark is
 * worse than none; where there is none, the places of `find`.
 */
function spansOf({ text, highlight }, find) {
  const spans = (highlight ?? [])
    .filter(([start, end]) => start >= 0 && end > start && end <= text.length)
    .filter(([start, end]) => end - start < NEARLY_ALL * text.length)
    .sort((one, other) => one[0] - other[0]);
  return spans.length > 0 || !find ? spans : placesOf(text, find);
}

/** Where `find` stands in a text, whatever its case. */
function placesOf(text, find) {
  const [all, wanted] = [text.toLowerCase(), find.toLowerCase()];
  // A few letters change their length with their case; then places would be wrong.
  if (all.length !== text.length) return [];
  const found = [];
  for (let at = all.indexOf(wanted); at >= 0; at = all.indexOf(wanted, at + wanted.length))
    found.push([at, at + wanted.length]);
  return found;
}

/** The text from one place to another with its spans marked: `[from, to]` in UTF-16 units, in order. */
function markedText(text, spans, from = 0, to = text.length) {
  const parts = [];
  let at = from;
  for (const [start, end] of spans) {
    const [first, last] = [Math.max(start, at), Math.min(end, to)];
    if (last <= first) continue;
    parts.push(text.slice(at, first), h('mark', null, text.slice(first, last)));
    at = last;
  }
  parts.push(text.slice(at, to));
  return parts;
}

/** The part of a long text that is shown first; never half of a surrogate pair. */
function windowOf(text, spans) {
  if (text.length <= SHOWN + 20) return [0, text.length];
  const mark = spans[0]?.[0] ?? 0;
  const start = mark > SHOWN - 20 ? mark - BEFORE_MARK : 0;
  const whole = (place) => (/[\uDC00-\uDFFF]/.test(text[place] ?? '') ? place - 1 : place);
  return [whole(start), whole(Math.min(text.length, start + SHOWN))];
}

/** The words of a quote, with a button for the rest of a long one. */
function quoteText(quote, find) {
  const { text } = quote;
  const spans = spansOf(quote, find);
  const words = h('p', { class: 'quote-text' });
  const [from, to] = windowOf(text, spans);
  if (from === 0 && to === text.length) return replace(words, markedText(text, spans));
  const toggle = (open) => {
    const button = h(
      'button',
      {
        type: 'button',
        class: 'link more-text',
        'aria-expanded': String(open),
        onclick: () => {
          toggle(!open);
          words.querySelector('button').focus();
        },
      },
      t(open ? 'quote.less' : 'quote.more'),
    );
    replace(
      words,
      open
        ? markedText(text, spans)
        : [from > 0 ? '…' : null, markedText(text, spans, from, to), to < text.length ? '…' : null],
      ' ',
      button,
    );
  };
  toggle(false);
  return words;
}

/** The first `length` units of a quote, marked: what a row of a table has room for. */
export function quoteStart(quote, length) {
  const cut = quote.text.length > length;
  return ['“', markedText(quote.text, spansOf(quote), 0, cut ? length : quote.text.length), cut ? '…”' : '”'];
}

/** Good, bad or neither, by word, colour and shape. */
export function toneMark(polarity) {
  const tone = toneOf(polarity);
  return h(
    'span',
    { class: `tone ${tone}`, title: t('quote.polarity', { value: format.signed(polarity) }) },
    h('span', { 'aria-hidden': 'true' }, { good: '＋', bad: '－', neutral: '○' }[tone]),
    ' ',
    t(`tone.${tone}`),
  );
}

/**
 * One quote: who said it, of what, when, and the need it belongs to. `without` leaves parts out, `needs` has
 * the names of needs by id, `find` is what was looked for.
 */
function quoteCard(quote, { without = [], needs, find } = {}) {
  const shows = (name) => !without.includes(name) && quote[name];
  const need = needs?.get(quote.need_id);
  const facts = [
    toneMark(quote.polarity),
    quote.kind ? h('span', null, tOr(`statement.${quote.kind}`, quote.kind)) : null,
    shows('customer_id')
      ? h('a', { href: href(['customers', quote.customer_id]) }, quote.customer_id)
      : null,
    shows('item_id')
      ? h('a', { href: href(['items', quote.item_id]) }, quote.item_title || quote.item_id)
      : null,
    quote.timestamp ? h('time', { datetime: quote.timestamp }, format.date(quote.timestamp)) : null,
    shows('need_id')
      ? h('a', { href: needHref(quote.need_id) }, need ? t('quote.need', { need }) : t('quote.toNeed'))
      : null,
  ].filter(Boolean);
  return h(
    'li',
    { class: `quote ${toneOf(quote.polarity)}`, 'data-event': quote.event_id },
    h('blockquote', null, quoteText(quote, find)),
    h(
      'p',
      { class: 'unit quote-facts' },
      facts.map((fact) => h('span', null, fact)),
    ),
  );
}

/** A list of quotes, or the sentence that there is none. */
export function quoteList(quotes, options = {}) {
  if (quotes.length === 0)
    return statePanel('empty', { title: t('quote.none'), detail: options.emptyDetail });
  return h(
    'ul',
    { class: 'quotes' },
    quotes.map((quote) => quoteCard(quote, options)),
  );
}
