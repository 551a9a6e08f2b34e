// Analytics: what do customers do? Each question opens with its answer.
import * as api from '../app/api.js';
import { ANALYSES, presetHref, questionHref, shopFacts } from '../app/analytics.js';
import { presets } from '../app/analytics-presets.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { analysisCard } from '../components/analytics-card.js';
import { analyticsTabs } from '../components/analytics-tabs.js';
import { quietly, region } from '../components/async-region.js';
import { orError, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { notEnoughData } from '../components/state-panel.js';

/** Draws the page. */
export default function analytics(context) {
  const store = createStore(context.signal);
  const title = t('nav.analytics');
  showPage(
    context.root,
    title,
    pageHead({ title }),
    analyticsTabs('gallery'),
    region(store, 'facts', lead, 2, quietly),
    region(store, 'saved', saved, 1, quietly),
    region(store, 'facts', (facts) => gallery(facts, context), 24),
  );
  store.load('facts', (signal) => shopFacts(signal)).then((slice) => orError(slice, context.root, title));
  store.load('saved', (signal) => api.get(['analytics', 'definitions'], {}, signal));
}

function lead(facts) {
  if (facts.events === 0) return null;
  const kinds = facts.kinds
    .map((row) => t('analytics.kindCount', { kind: tOr(`event.${row.kind}`, row.kind), count: format.count(row.events) }))
    .join(t('analytics.semicolon'));
  return [
    sentences([t('analytics.lead')]),
    h(
      'p',
      { class: 'unit' },
      t('analytics.facts', {
        kinds,
        customers: format.count(facts.customers),
        from: format.date(facts.first_event_at),
        to: format.date(facts.last_event_at),
      }),
    ),
  ];
}

/** What the team has saved, before what Lode suggests. */
function saved(list) {
  if (list.items.length === 0) return null;
  return section(
    t('analytics.saved'),
    h(
      'ul',
      { class: 'saved-list' },
      list.items.map((item) =>
        h(
          'li',
          null,
          h(
            'a',
            { href: href(['analytics', item.definition.analysis], { saved: item.id }) },
            item.title,
          ),
          ' ',
          h('span', { class: 'unit' }, t(`analytics.name.${item.definition.analysis}`)),
        ),
      ),
    ),
  );
}

function gallery(facts, context) {
  if (facts.events === 0) return notEnoughData(t('analytics.noEvents'));
  return h(
    'div',
    { class: 'gallery' },
    ANALYSES.map((analysis) => card(analysis, facts, context)),
  );
}

function card(analysis, facts, context) {
  const [first, ...rest] = presets(analysis, facts);
  if (!first) return null;
  return analysisCard({
    context,
    title: t(`analytics.question.${analysis}`),
    definition: first.definition,
    href: presetHref(analysis, first.name),
    lacks: first.lacks ? t(`analytics.lacks.${first.lacks}`) : null,
    more:
      rest.length > 0
        ? h(
            'ul',
            { class: 'more-questions', 'aria-label': t('analytics.also') },
            rest.map((entry) =>
              h(
                'li',
                null,
                h(
                  'a',
                  { href: entry.name ? presetHref(analysis, entry.name) : questionHref(entry.definition) },
                  t(`analytics.preset.${analysis}.${entry.name}`),
                ),
              ),
            ),
          )
        : null,
  });
}
