// One analysis: the answer first, then the question to change. The address holds the question.
import * as api from '../app/api.js';
import { ANALYSES, decoded, encoded, shopFacts } from '../app/analytics.js';
import { preset, presets } from '../app/analytics-presets.js';
import { h, replace } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { answer, lackPanel } from '../components/analytics-answer.js';
import { builder } from '../components/analytics-builder.js';
import { query as ask } from '../components/analytics-card.js';
import { openPeople } from '../components/analytics-people.js';
import { keepButtons } from '../components/analytics-save.js';
import { region } from '../components/async-region.js';
import { choices, orError, pageHead, showPage } from '../components/page-frame.js';
import { errorPanel, statePanel } from '../components/state-panel.js';
import notFound from './not-found.js';

const LIVE_SECONDS = 10;

/** Draws the page. */
export default function view(context) {
  const { kind } = context.params;
  if (!ANALYSES.includes(kind)) return notFound(context);
  const store = createStore(context.signal);
  const title = t(`analytics.question.${kind}`);
  const back = { href: href(['analytics']), label: t('nav.analytics') };
  showPage(context.root, title, pageHead({ title, back }), region(store, 'start', draw, 14));
  store
    .load('start', (signal) => start(context, kind, signal))
    .then((slice) => orError(slice, context.root, title, back));

  function draw({ facts, cohorts, saved }) {
    const isLacking = !context.query.q && !saved && preset(kind, facts, context.query.preset)?.lacks;
    let definition = first(context, kind, facts, saved);
    const place = h('div', { class: 'answer', 'aria-live': 'polite' });
    const name = () => saved?.title ?? presetName(context, kind, facts) ?? title;
    const head = () =>
      pageHead({
        title: saved?.title ?? title,
        back,
        csv: { parts: ['analytics', 'query'], body: () => definition, name: `analytics-${kind}` },
      });
    const heading = h('div', null, head());
    const run = (asked) => {
      // A new question stands on its own; a repeat of the live view keeps what is shown until the answer is there.
      const loading = store.load('answer', (signal) => ask(asked, signal));
      return loading;
    };
    const tools = {
      small: false,
      open: (point, words) => showPeople(point, words),
    };
    const showPeople = (point, words) => {
      context.setQuery({ point: JSON.stringify(point), words }, { replace: true });
      openPeople({
        question: definition,
        point,
        title: words,
        onClose: () => context.signal.aborted || context.setQuery({ point: null, words: null }, { replace: true }),
      });
    };
    const changed = (next) => {
      definition = next;
      context.setQuery({ q: encoded(next), preset: null, saved: null, point: null, words: null });
      saved = null;
      replace(heading, head());
      run(definition);
    };
    const answerRegion = region(
      store,
      'answer',
      (result) => answer(result, tools),
      14,
      (error) => refused(error, () => run(definition)),
    );
    replace(place, answerRegion);
    // The head of the loading page is replaced by the one that can export.
    context.root.querySelector(':scope > .page-head')?.remove();
    if (isLacking) replace(place, lackPanel(t(`analytics.lacks.${isLacking}`)));
    else run(definition).then(() => reopen());
    if (kind === 'live') keepLive(context, () => run(definition));
    return [
      heading,
      h(
        'div',
        { class: 'with-action keep' },
        suggestions(context, kind, facts) ?? h('span', null),
        h('div', { class: 'buttons start' }, keepButtons({ question: () => definition, title: name })),
      ),
      h(
        'div',
        { class: 'question-page' },
        place,
        builder({
          definition,
          facts,
          cohorts: cohorts.items,
          onChange: (next) => {
            if (isLacking) replace(place, answerRegion);
            changed(next);
          },
        }),
      ),
    ];

    function reopen() {
      const { point, words } = context.query;
      if (!point || context.signal.aborted) return;
      try {
        showPeople(JSON.parse(point), words ?? '');
      } catch {
        context.setQuery({ point: null, words: null }, { replace: true });
      }
    }
  }
}

async function start(context, kind, signal) {
  const [facts, cohorts, saved] = await Promise.all([
    shopFacts(signal),
    api.get(['cohorts'], {}, signal),
    context.query.saved ? api.get(['analytics', 'definitions', context.query.saved], {}, signal) : null,
  ]);
  return { facts, cohorts, saved };
}

/** The question of the address: written out, saved, one of the suggestions, or the first of them. */
function first(context, kind, facts, saved) {
  const written = decoded(context.query.q ?? '');
  if (written?.analysis === kind) return written;
  if (saved) return saved.definition;
  return preset(kind, facts, context.query.preset)?.definition ?? { analysis: kind };
}

function presetName(context, kind, facts) {
  if (context.query.q) return null;
  const chosen = preset(kind, facts, context.query.preset);
  return chosen ? t(`analytics.preset.${kind}.${chosen.name}`) : null;
}

/** The other questions of the same analysis, one click away. */
function suggestions(context, kind, facts) {
  const list = presets(kind, facts);
  if (list.length < 2) return null;
  const chosen = context.query.q || context.query.saved ? null : preset(kind, facts, context.query.preset)?.name;
  return choices(
    t('analytics.also'),
    list.map(({ name }) => ({
      text: t(`analytics.preset.${kind}.${name}`),
      href: href(['analytics', kind], { preset: name }),
      chosen: name === chosen,
    })),
  );
}

/** A question that cannot be answered says where it is at fault. */
function refused(error, again) {
  if (error.status !== 400 && error.status !== 422) return errorPanel(error, again);
  return statePanel('error', {
    title: t('analytics.refused'),
    detail: error.detail,
    action: error.field ? h('code', null, error.field) : null,
  });
}

/** Asks again while somebody looks. */
async function keepLive(context, again) {
  while (!context.signal.aborted) {
    try {
      await api.pause(LIVE_SECONDS * 1000, context.signal);
    } catch {
      return;
    }
    if (!document.hidden && !document.querySelector('dialog[open]')) await again();
  }
}
