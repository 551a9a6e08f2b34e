// The page itself: what stands where, and why it stands there.
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { signedBar, tag } from './marks.js';

/**
 * The entries of a page in page order. Each opens to its reasons; the open one is in the address as `open`.
 * `page` is a page or a decision: both hold `items`, and perhaps a `trace`.
 */
export function pageSlots(context, page) {
  const weights = page.items.flatMap((item) => (item.reasons ?? []).map((reason) => Math.abs(reason.weight)));
  const scale = Math.max(...weights.filter(Number.isFinite), Number.EPSILON);
  return h(
    'ol',
    { class: 'slots' },
    page.items.map((item) => slot(context, item, page.trace, scale)),
  );
}

function slot(context, item, trace, scale) {
  const open = context.query.open === item.item_id;
  const body = h('div', { class: 'slot-why' });
  const fill = () => {
    if (!body.hasChildNodes()) replace(body, reasonTable(item, scale), whyHere(item, trace));
  };
  const details = h(
    'details',
    {
      open,
      ontoggle: () => {
        if (details.open) fill();
        if (details.open !== (context.query.open === item.item_id))
          context.setQuery({ open: details.open ? item.item_id : null }, { replace: true });
      },
    },
    h(
      'summary',
      null,
      h(
        'span',
        { class: 'visually-hidden' },
        t('recommend.whyItem', { item: item.title || item.item_id }),
        ' ',
      ),
      h('span', null, firstReason(item)),
    ),
    body,
  );
  if (open) fill();
  return h(
    'li',
    { 'data-item': item.item_id },
    h('span', { class: 'place' }, format.count(item.position)),
    h(
      'div',
      null,
      h(
        'p',
        { class: 'slot-head' },
        h('a', { href: href(['items', item.item_id]) }, item.title || item.item_id),
        marks(item),
      ),
      h('p', { class: 'unit' }, [item.category, item.brand, idBesideTitle(item)].filter(Boolean).join(' · ')),
      details,
    ),
    h('span', { class: 'number' }, item.price ? format.money(item.price) : ''),
  );
}

/** An item's id, where its title does not show it already. */
export const idBesideTitle = (item) => (item.title && item.title !== item.item_id ? item.item_id : null);

/** Where it came from, when not from the model itself, and which rules had a hand in it. */
export function marks(item) {
  return h(
    'span',
    { class: 'marks' },
    item.source && item.source !== 'model'
      ? tag(sourceName(item.source), item.source === 'explored' ? 'busy' : '')
      : null,
    (item.rules ?? []).map((name) => tag(t('recommend.byRule', { name }), 'warn')),
  );
}

/** A source's name in the user's language. */
export const sourceName = (source) => tOr(`recommend.source.${source}`, source);

function firstReason(item) {
  const [first] = item.reasons ?? [];
  if (first) return local(first.text);
  // A decision keeps no reasons, but can still say why each item stands where it does.
  const fallback = item.reasons ? t('recommend.noReason') : t('recommend.whyHere');
  return tOr(`recommend.sourceReason.${item.source}`, fallback);
}

function reasonTable(item, scale) {
  const reasons = item.reasons ?? [];
  if (reasons.length === 0) return null;
  return h(
    'table',
    { class: 'waterfall' },
    h(
      'thead',
      null,
      h(
        'tr',
        null,
        h('th', { scope: 'col' }, t('need.reason')),
        h('th', { scope: 'col' }, t('recommend.effect')),
        h('th', { scope: 'col', class: 'number' }, t('recommend.weight')),
      ),
    ),
    h(
      'tbody',
      null,
      reasons.map((reason) =>
        h(
          'tr',
          null,
          h(
            'th',
            { scope: 'row' },
            reason.item_id
              ? h('a', { href: href(['items', reason.item_id]) }, local(reason.text))
              : local(reason.text),
          ),
          h(
            'td',
            { class: 'bar-cell' },
            Number.isFinite(reason.weight) ? signedBar(reason.weight, scale) : null,
          ),
          h('td', { class: 'number muted' }, signed(reason.weight)),
        ),
      ),
    ),
  );
}

const signed = (value) =>
  Number.isFinite(value) ? `${value < 0 ? '−' : '+'}${figure(Math.abs(value))}` : format.MISSING;

/** Scores have no unit and any size: about three figures of them say enough. */
export const figure = (value) =>
  Number.isFinite(value)
    ? format.decimal(value, Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 ? 2 : 4)
    : format.MISSING;

function whyHere(item, trace) {
  const candidate = trace?.candidates?.find((one) => one.item_id === item.item_id);
  const rules = (item.rules ?? []).map((name) => trace?.rules?.find((rule) => rule.name === name) ?? { name });
  const sentences = [
    tOr(`recommend.sourceAbout.${item.source}`, null),
    candidate?.model_rank
      ? t('recommend.modelPlace', {
          rank: format.count(candidate.model_rank),
          score: figure(candidate.model_score),
        })
      : null,
    ...rules.map((rule) =>
      rule.words
        ? t('recommend.ruleSays', { name: rule.name, words: local(rule.words) })
        : t('recommend.byRule', { name: rule.name }),
    ),
    t('recommend.standsAt', { place: format.count(item.position), score: figure(item.score) }),
    Number.isFinite(item.propensity) && item.propensity < 0.9995
      ? t('recommend.propensity', { share: format.percent(item.propensity, 1) })
      : null,
  ].filter(Boolean);
  return [
    h('h3', null, t('recommend.whyHere')),
    h(
      'ul',
      { class: 'said' },
      sentences.map((text) => h('li', null, text)),
    ),
  ];
}
