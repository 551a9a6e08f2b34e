// A card with one analysis and its answer of now: asked for when it comes into view, a few at a time.
import * as api from '../app/api.js';
import { customersOf, questionHref, spanWords } from '../app/analytics.js';
import { h, replace } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { findings, lackPanel, picture } from './analytics-answer.js';
import { openPeople } from './analytics-people.js';
import { errorPanel, skeleton } from './state-panel.js';

/** Several questions at the same time would only make each of them slower. */
const AT_ONCE = 2;
const AGAIN_MILLISECONDS = 1500;
const waiting = [];
let running = 0;

function take() {
  if (running >= AT_ONCE || waiting.length === 0) return;
  const { signal, work } = waiting.shift();
  if (signal.aborted) {
    take();
    return;
  }
  running += 1;
  work().finally(() => {
    running -= 1;
    take();
  });
}

/**
 * The card. `href` is where it leads, by default the analysis itself; `lacks` says what the shop would have to send;
 * `more` are further questions below, `actions` buttons in the head.
 */
export function analysisCard({ context, title, definition, href = questionHref(definition), lacks, more, actions }) {
  const body = h('div', { class: 'card-body' });
  const card = h(
    'article',
    { class: 'analysis-card', 'data-analysis': definition.analysis },
    h(
      'header',
      { class: 'card-head' },
      h('h2', null, h('a', { href }, title)),
      actions ? h('div', { class: 'card-actions' }, actions) : null,
    ),
    body,
    more ?? null,
  );
  if (lacks) {
    replace(body, lackPanel(lacks));
    return card;
  }
  whenSeen(card, context.signal, () => {
    body.setAttribute('aria-busy', 'true');
    replace(body, skeleton(6));
    waiting.push({ signal: context.signal, work: () => ask(body, definition, context) });
    take();
  });
  return card;
}

function whenSeen(node, signal, action) {
  const watcher = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      action();
    },
    { rootMargin: '240px' },
  );
  watcher.observe(node);
  signal.addEventListener('abort', () => watcher.disconnect());
}

async function ask(body, definition, context) {
  try {
    const result = await query(definition, context.signal);
    const open = (point, title) => openPeople({ question: definition, point, title });
    const [first, second] = findings(result);
    replace(
      body,
      h('p', { class: 'finding' }, first),
      second ? h('p', { class: 'unit' }, second) : null,
      picture(result, { open, small: true }),
      h(
        'p',
        { class: 'unit' },
        [
          customersOf(result) === null ? null : t('analytics.customersCount', { count: customersOf(result) }),
          spanWords(result),
        ]
          .filter(Boolean)
          .join(t('analytics.comma')),
      ),
    );
  } catch (error) {
    if (context.signal.aborted) return;
    replace(body, errorPanel(error, () => ask(body, definition, context)));
  }
  body.setAttribute('aria-busy', 'false');
}

/** Asks; a server that has its hands full is asked again a little later. */
export async function query(definition, signal) {
  for (let left = 20; ; left -= 1) {
    try {
      return await api.post(['analytics', 'query'], {}, definition, signal);
    } catch (error) {
      if (error.status !== 503 || !error.retryAfter || left === 0) throw error;
      await api.pause(AGAIN_MILLISECONDS, signal);
    }
  }
}
