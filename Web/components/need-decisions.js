// What an analyst can decide about a need that is said. The screen changes once the server has answered.
import * as api from '../app/api.js';
import { debounce, h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { mayDecide } from '../app/voice.js';
import { confirmAction, openDialog } from './dialogs.js';
import { notify } from './notice.js';
import { toneMark } from './quote.js';
import { errorPanel, skeleton } from './state-panel.js';

const MOST = 500;

/** What holds of what was decided: reopening takes back what came before. */
export const verdictOf = ({ status, decisions }) =>
  decisions?.[0]?.action === 'reopen' ? null : (status ?? null);

/**
 * The buttons for `need`; `onDecided(need)` gets the need as it is now. Those without the role see why the
 * buttons do nothing.
 */
export function decisionButtons(need, shop, onDecided) {
  const allowed = mayDecide(shop);
  const button = (action, run, primary) =>
    h(
      'button',
      {
        type: 'button',
        class: primary ? 'primary' : '',
        'data-decide': action,
        disabled: !allowed,
        onclick: run,
      },
      t(`decide.${action}`),
    );
  const decide = (body, done) => send(need.need_id, body, done, onDecided);
  const reject = async () => {
    const agreed = await confirmAction({
      title: t('decide.rejectTitle', { need: need.label }),
      detail: t('decide.rejectDetail'),
      action: t('decide.reject'),
    });
    if (agreed) decide({ action: 'reject' }, t('decide.rejected'));
  };
  const status = verdictOf(need);
  const buttons =
    status === 'rejected'
      ? [button('reopen', () => decide({ action: 'reopen' }, t('decide.reopened')), true)]
      : [
          status === 'confirmed'
            ? null
            : button('confirm', () => decide({ action: 'confirm' }, t('decide.confirmed')), true),
          button('rename', () => askForName(need, decide)),
          button('merge', () => askForOthers(need, onDecided)),
          button('split', () => askForPart(need, decide)),
          button('reject', reject),
          status === null ? null : button('reopen', () => decide({ action: 'reopen' }, t('decide.reopened'))),
        ];
  return [
    h('p', null, t(`decide.state.${status ?? 'open'}`)),
    h('div', { class: 'buttons start' }, buttons),
    h('p', { class: 'unit' }, t(allowed ? 'decide.note' : 'decide.notAllowed')),
  ];
}

async function send(id, body, done, onDecided) {
  try {
    const need = await api.post(['voice', 'needs', id, 'decisions'], {}, body);
    notify(done);
    onDecided(need);
    return true;
  } catch (error) {
    notify(
      error.status === 403 ? t('state.forbidden') : t('decide.failed', { reason: error.message }),
      'error',
    );
    return false;
  }
}

/** A dialog with a form whose second button stays shut until `ready()`; `submit()` runs when it is pressed. */
function formDialog(title, name, { fields, action, ready, submit }) {
  const go = h('button', { value: 'yes', class: 'primary' }, action);
  const form = h(
    'form',
    { method: 'dialog', oninput: () => check(), onchange: () => check() },
    fields,
    h(
      'div',
      { class: 'buttons' },
      h('button', { type: 'button', onclick: () => dialog.close() }, t('action.cancel')),
      go,
    ),
  );
  const check = () => {
    go.disabled = !ready();
  };
  const dialog = openDialog(title, name, form);
  dialog.addEventListener('close', () => dialog.returnValue === 'yes' && ready() && submit());
  check();
  return { dialog, check };
}

function nameField(id, label, value) {
  const input = h('input', { type: 'text', id, value, maxlength: 120, autocomplete: 'off', required: true });
  return { input, nodes: [h('label', { for: id }, label), input] };
}

function askForName(need, decide) {
  const { input, nodes } = nameField('need-name', t('decide.newName'), need.label);
  formDialog(t('decide.renameTitle'), 'rename-dialog', {
    fields: nodes,
    action: t('decide.rename'),
    ready: () => input.value.trim() && input.value.trim() !== need.label,
    submit: () => {
      const label = input.value.trim();
      decide({ action: 'rename', label }, t('decide.renamed', { name: label }));
    },
  });
  input.select();
}

/** A list of things to tick, narrowed by typing; what is ticked stays ticked while it is not shown. */
function tickList({ id, label, load, line, onChange }) {
  const picked = new Map();
  const place = h('div', { class: 'ticks', role: 'group', 'aria-label': label }, skeleton(5));
  const filter = h('input', {
    type: 'search',
    id,
    placeholder: t('decide.filter'),
    oninput: debounce(() => show(), 150),
  });
  const controller = new AbortController();

  async function show() {
    try {
      const found = await load(filter.value.trim(), controller.signal);
      replace(
        place,
        found.length === 0 ? h('p', { class: 'muted' }, t('decide.noneFound')) : found.map(row),
      );
    } catch (error) {
      if (!controller.signal.aborted) replace(place, errorPanel(error, show));
    }
  }

  function row(entry) {
    const box = h('input', {
      type: 'checkbox',
      checked: picked.has(entry.key),
      onchange: () => {
        if (box.checked) picked.set(entry.key, entry.value);
        else picked.delete(entry.key);
        onChange();
      },
    });
    return h('label', { class: 'tick' }, box, h('span', null, line(entry.value)));
  }

  show();
  return {
    picked,
    stop: () => controller.abort(),
    nodes: [h('label', { for: id }, label), filter, place],
  };
}

/** Merges, then gives the whole its name: what stays may be another need than the one on the screen. */
function mergeAndName(need, others, label, onDecided) {
  const done = t('decide.merged', { count: others.length });
  return send(need.need_id, { action: 'merge', others }, done, (whole) =>
    send(whole.need_id, { action: 'rename', label }, t('decide.renamed', { name: label }), onDecided).then(
      (named) => named || onDecided(whole),
    ),
  );
}

function askForOthers(need, onDecided) {
  const label = nameField('merged-name', t('decide.mergedName'), need.label);
  const words = new Set(need.words ?? []);
  // Those that share words come first: they are the likely ones.
  const alike = (other) => (other.words ?? []).filter((word) => words.has(word)).length;
  let all = null;
  const ticks = tickList({
    id: 'merge-filter',
    label: t('decide.mergeWith'),
    load: async (text, signal) => {
      all ??= (await api.get(['voice'], {}, signal)).needs.filter((one) => one.need_id !== need.need_id);
      const wanted = text.toLowerCase();
      return all
        .filter((one) => `${one.label} ${(one.words ?? []).join(' ')}`.toLowerCase().includes(wanted))
        .sort((one, other) => alike(other) - alike(one))
        .map((one) => ({ key: one.need_id, value: one }));
    },
    line: (one) => [
      h('strong', null, one.label),
      h('span', { class: 'unit' }, ` ${t('said.count', { count: one.customers })}`),
      one.quotes?.[0] ? h('span', { class: 'path said-quote' }, `“${one.quotes[0].text.slice(0, 90)}”`) : null,
    ],
    onChange: () => form.check(),
  });
  const form = formDialog(t('decide.mergeTitle', { need: need.label }), 'merge-dialog', {
    fields: [ticks.nodes, label.nodes],
    action: t('decide.merge'),
    ready: () => ticks.picked.size > 0 && label.input.value.trim(),
    submit: () => {
      const others = [...ticks.picked.keys()];
      mergeAndName(need, others, label.input.value.trim(), onDecided);
    },
  });
  form.dialog.classList.add('wide');
  form.dialog.addEventListener('close', ticks.stop);
}

function askForPart(need, decide) {
  const label = nameField('part-name', t('decide.partName'), '');
  const ticks = tickList({
    id: 'split-filter',
    label: t('decide.splitSentences'),
    load: async (text, signal) => {
      const { items } = await api.get(
        ['voice', 'needs', need.need_id, 'statements'],
        { query: text, limit: MOST },
        signal,
      );
      // A part is made of sentences that state the need; praise follows them by likeness.
      return items.filter((one) => one.kind).map((one) => ({ key: `${one.event_id}:${one.start}`, value: one }));
    },
    line: (one) => [one.text.slice(0, 200), one.text.length > 200 ? '…' : '', ' ', toneMark(one.polarity)],
    onChange: () => form.check(),
  });
  const form = formDialog(t('decide.splitTitle', { need: need.label }), 'split-dialog', {
    fields: [label.nodes, ticks.nodes],
    action: t('decide.split'),
    ready: () =>
      ticks.picked.size > 0 && ticks.picked.size < need.statements && label.input.value.trim(),
    submit: () => {
      const statements = [...ticks.picked.values()].map(({ event_id, start }) => ({ event_id, start }));
      decide(
        { action: 'split', parts: [{ label: label.input.value.trim(), statements }] },
        t('decide.splitDone', { name: label.input.value.trim() }),
      );
    },
  });
  form.dialog.classList.add('wide');
  form.dialog.addEventListener('close', ticks.stop);
}

/** What was decided, newest first: who, when, and what. */
export function decisionLog(decisions) {
  if (decisions.length === 0) return h('p', { class: 'muted' }, t('decide.noneYet'));
  return h(
    'ul',
    { class: 'decisions' },
    decisions.map((one) =>
      h(
        'li',
        null,
        h('strong', null, tOr(`decide.did.${one.action}`, one.action)),
        ' ',
        one.detail ? h('span', null, one.detail) : null,
        ' ',
        h(
          'span',
          { class: 'unit' },
          one.decided_by
            ? t('decide.by', { who: one.decided_by, date: format.dateTime(one.decided_at) })
            : format.dateTime(one.decided_at),
        ),
      ),
    ),
  );
}

