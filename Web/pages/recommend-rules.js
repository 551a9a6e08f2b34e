// Rules: what do they say, what would a change do, and who published what?
import * as api from '../app/api.js';
import { debounce, h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { confirmAction } from '../components/dialogs.js';
import { dryRunForm, dryRunRequest } from '../components/dry-run-form.js';
import { dryRunReport, itemNames } from '../components/dry-run.js';
import { notify } from '../components/notice.js';
import { pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { recommendTabs } from '../components/recommend-tabs.js';
import { checkState, rulesInWords } from '../components/rule-check.js';
import { ruleEditor } from '../components/rule-editor.js';
import { ruleHelp } from '../components/rule-help.js';
import { ruleVersions } from '../components/rule-versions.js';
import { statePanel } from '../components/state-panel.js';

const DELAY = 400;

/** Draws the page. A draft is in the address as `text`, with the version it was made from as `from`. */
export default function rules(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const roles = context.shop?.roles ?? [];
  let mayPublish = roles.length === 0 || roles.includes('operate') || roles.includes('admin');
  let live = null;
  let editor = null;
  let trialSection = null;
  // Which text the last answers are about.
  let checked = null;
  let tried = null;
  let isTrying = false;

  const bench = h('div', { class: 'rule-bench' });
  const conflict = h('div', { hidden: true });
  const stale = h('p', { class: 'warn-text', hidden: true }, t('rules.stale'));
  const trying = h('p', { class: 'unit', role: 'status', hidden: true }, t('rules.trying'));
  const publishButton = h(
    'button',
    { type: 'button', class: 'primary', 'data-action': 'publish', disabled: true, onclick: publish },
    t('rules.publish'),
  );
  const tryButton = h(
    'button',
    { type: 'button', 'data-action': 'try', disabled: true, onclick: () => tryOut(true) },
    t('rules.try'),
  );
  const discardButton = h(
    'button',
    { type: 'button', class: 'quiet', 'data-action': 'discard-draft', hidden: true, onclick: discard },
    t('rules.discard'),
  );
  const permission = h('p', { class: 'unit', hidden: true }, t('rules.readOnly'));

  showPage(
    context.root,
    t('recommend.tab.rules'),
    pageHead({ title: t('rules.title') }),
    recommendTabs('rules'),
    region(store, 'live', lead, 2),
    conflict,
    bench,
  );
  store.subscribe('live', (slice) => {
    if (slice.status !== 'ready') return;
    live = slice.data;
    if (!editor) begin();
  });
  load();

  function load() {
    store.load('versions', (signal) => api.get(['rules', 'versions'], {}, signal));
    return store.load('live', (signal) => api.get(['rules'], {}, signal));
  }

  /** The editor appears with the first answer about what is live. */
  function begin() {
    const { line } = query;
    drawBench();
    check(editor.text);
    refresh();
    if (line) editor.jump(Number(line));
    if (query.try) tryOut(false);
  }

  function drawBench() {
    const later = debounce((text) => !context.signal.aborted && check(text), DELAY);
    editor = ruleEditor({
      text: query.text ?? live.text,
      describedBy: 'rules-state',
      onText: (text) => {
        refresh();
        later(text);
      },
    });
    trialSection = section(
      t('rules.tryTitle'),
      h('p', { class: 'unit' }, t('rules.tryNote')),
      dryRunForm(context, () => tried !== null && checked?.valid && tryOut(true)),
      stale,
      trying,
      region(store, 'trial', (trial) => outcome(trial), 8),
    );
    replace(
      bench,
      h(
        'div',
        { class: 'columns wide-first' },
        h(
          'div',
          { class: 'stack tight' },
          editor,
          h(
            'div',
            { id: 'rules-state', role: 'status' },
            region(store, 'check', (reply) => checkState(reply, jump), 1),
          ),
          h('div', { class: 'buttons start' }, tryButton, publishButton, discardButton),
          permission,
        ),
        section(t('rules.inWords'), region(store, 'check', (reply) => rulesInWords(reply, jump), 4)),
      ),
      ruleHelp((text) => editor.insert(text)),
      trialSection,
      section(
        t('rules.versions'),
        region(store, 'versions', (list) => ruleVersions(list, { mayPublish, rollBack, look }), 4),
      ),
    );
    store.put('trial', null);
  }

  const jump = (line, column) => editor.jump(line, column);

  function look(row) {
    editor.text = row.text;
    editor.jump(1);
  }

  // The draft

  const isDraft = () => editor.text !== live.text;

  /** Sets what follows from the text: the address, the buttons, what is out of date. */
  function refresh() {
    const draft = isDraft();
    if (!draft) query.from = undefined;
    else query.from ??= String(live.version);
    const valid = checked?.text === editor.text && checked.valid;
    publishButton.disabled = !draft || !valid || !mayPublish || isStale();
    tryButton.disabled = !valid || isTrying;
    trying.hidden = !isTrying;
    discardButton.hidden = !draft;
    permission.hidden = mayPublish;
    stale.hidden = isTrying || tried === null || tried === editor.text;
    showConflict();
  }

  function check(text) {
    context.setQuery(
      { text: isDraft() ? text || '\n' : null, from: isDraft() ? query.from : null, line: null },
      { replace: true },
    );
    store
      .load('check', (signal) => validate(text, signal))
      .then((slice) => {
        if (slice?.status !== 'ready' || editor.text !== text) return;
        checked = { text, valid: slice.data.valid };
        editor.mark(slice.data.errors.map((error) => error.line));
        refresh();
      });
  }

  function discard() {
    query.from = undefined;
    editor.text = live.text;
  }

  /** Whether the draft was made from a version that is not the live one any more. */
  const isStale = () => isDraft() && query.from !== undefined && Number(query.from) !== live.version;

  function showConflict() {
    const now = isStale();
    if (conflict.hidden !== now) return;
    conflict.hidden = !now;
    if (!now) return;
    replace(
      conflict,
      statePanel('waiting', {
        title: t('rules.conflict', { version: live.version, date: format.dateTime(live.updated_at) }),
        detail: t('rules.conflictDetail', { version: query.from }),
        action: h(
          'span',
          { class: 'buttons start' },
          h(
            'button',
            { type: 'button', 'data-action': 'load-theirs', onclick: discard },
            t('rules.loadTheirs'),
          ),
          h('button', { type: 'button', 'data-action': 'keep-mine', onclick: keepMine }, t('rules.keepMine')),
        ),
      }),
    );
  }

  function keepMine() {
    query.from = String(live.version);
    context.setQuery({ from: query.from }, { replace: true });
    refresh();
    editor.jump(1);
  }

  // Trying

  function tryOut(isNew) {
    const text = editor.text;
    tried = text;
    if (isNew) {
      context.setQuery({ try: 1 }, { replace: true });
      trialSection.scrollIntoView({ block: 'start' });
    }
    const body = { text, ...dryRunRequest(query) };
    isTrying = true;
    refresh();
    store
      .load('trial', async (signal) => {
        const run = await api.post(['rules', 'dry-run'], {}, body, signal);
        const names = await itemNames(run, signal);
        return { run, text, place: body.context, names };
      })
      .finally(() => {
        isTrying = false;
        if (!context.signal.aborted) refresh();
      });
  }

  function outcome(trial) {
    return trial ? dryRunReport(trial) : h('p', { class: 'muted' }, t('rules.notTried'));
  }

  // Publishing

  async function publish() {
    const agreed = await confirmAction({
      title: t('rules.publishTitle', { version: live.version + 1 }),
      detail: t(tried === editor.text ? 'rules.publishDetail' : 'rules.publishUntried'),
      action: t('rules.publish'),
    });
    if (!agreed) return;
    const text = editor.text;
    await attempt(async () => {
      live = await api.put(['rules'], { text, version: Number(query.from ?? live.version) });
      notify(t('rules.published', { version: live.version }));
      await published();
    });
  }

  async function rollBack() {
    const agreed = await confirmAction({
      title: t('rules.rollBackTitle'),
      detail: t('rules.rollBackDetail'),
      action: t('models.rollBack'),
    });
    if (!agreed) return;
    const wasDraft = isDraft();
    await attempt(async () => {
      live = await api.post(['rules', 'rollback']);
      notify(t('rules.rolledBack', { version: live.version }));
      await published(!wasDraft);
    });
  }

  /** Shows what is live now; with `follow` the editor shows it too. */
  async function published(follow = true) {
    const { text } = live;
    // What was tried was compared with the rules that were live until now.
    tried = null;
    store.put('trial', null);
    context.setQuery({ try: null }, { replace: true });
    await load();
    if (follow) {
      query.from = undefined;
      editor.text = live?.text ?? text;
    } else refresh();
  }

  async function attempt(action) {
    publishButton.disabled = true;
    try {
      await action();
    } catch (error) {
      await refused(error);
    }
    if (!context.signal.aborted) refresh();
  }

  async function refused(error) {
    if (error.status === 403) {
      mayPublish = false;
      store.reload('versions');
    } else if (error.status === 409) {
      // Somebody else was first, or there is nothing to go back to: what is live says which.
      const before = live.version;
      await load();
      if (live.version === before) notify(t('models.failed', { reason: error.message }), 'error');
    } else if (error.errors.length > 0) {
      store.put('check', { valid: false, errors: error.errors, rules: [] });
      editor.mark(error.errors.map(({ line }) => line));
    } else notify(t('models.failed', { reason: error.message }), 'error');
  }
}

/** Judges a text. While it has errors, the lines without any are still explained. */
async function validate(text, signal) {
  const ask = (one) => api.post(['rules', 'validate'], {}, { text: one }, signal);
  const reply = await ask(text);
  if (reply.valid || reply.rules?.length > 0) return reply;
  const wrong = new Set(reply.errors.map((error) => error.line));
  const lines = text.split('\n').map((line, index) => (wrong.has(index + 1) ? '' : line));
  return { ...reply, rules: (await ask(lines.join('\n'))).rules };
}

function lead(live) {
  if (!live.version) return sentences([t('rules.leadNone')]);
  return [
    sentences([t('rules.lead', { count: live.rules?.length ?? 0, version: live.version })]),
    h('p', { class: 'unit' }, t('rules.since', { date: format.dateTime(live.updated_at) })),
  ];
}
