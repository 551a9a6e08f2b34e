// Import: choose a file, see what was understood, say which column is what, start, watch.
import * as api from '../app/api.js';
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { dataTabs } from '../components/data-tabs.js';
import { columnTable, missingFields, rowTable, sayings } from '../components/import-preview.js';
import { jobCard } from '../components/job-card.js';
import { pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { errorPanel, skeleton, statePanel } from '../components/state-panel.js';

const PREVIEW_BYTES = 1 << 20;
const KINDS = ['events', 'items', 'customers'];

/** Draws the page. */
export default function importPage(context) {
  const steps = h('div', { class: 'steps', 'aria-live': 'polite' });
  const chosen = h('span', { class: 'unit' }, t('import.noFile'));
  const input = h('input', {
    type: 'file',
    id: 'import-file',
    class: 'visually-hidden',
    accept: '.csv,.tsv,.txt,.ndjson,.jsonl,.json,.gz,.parquet',
    onchange: () => choose(input.files[0]),
  });
  const kind = h(
    'select',
    { id: 'import-kind', onchange: () => choose(current) },
    KINDS.map((value) => h('option', { value }, t(`data.kind.${value}`))),
  );
  // What was chosen last: the file, which column is what field, and the question about them under way.
  let current = null;
  let fields = {};
  let asking = null;
  showPage(
    context.root,
    t('data.import'),
    pageHead({ title: t('data.import') }),
    dataTabs('import'),
    sentences([t('import.lead')]),
    h('p', { class: 'unit' }, t('import.safe')),
    dropZone({ kind, input, chosen, choose }),
    steps,
  );

  async function choose(file) {
    if (!file) return;
    current = file;
    fields = {};
    replace(chosen, file.name);
    replace(steps, skeleton(6));
    await look();
  }

  /** Asks how the file is read with the columns of fields that were said; the newest question counts. */
  async function look() {
    asking?.abort();
    asking = new AbortController();
    const signal = AbortSignal.any([asking.signal, context.signal]);
    const file = current;
    const query = { filename: file.name, kind: kind.value };
    if (Object.keys(fields).length > 0) query.fields = JSON.stringify(fields);
    steps.setAttribute('aria-busy', 'true');
    try {
      const part = file.slice(0, PREVIEW_BYTES);
      const preview = await api.post(['imports', 'preview'], query, part, signal);
      if (!signal.aborted) show(review(file, preview));
    } catch (error) {
      if (!signal.aborted) show(refusal(error, look));
    }
  }

  /** Draws the steps, and leaves the focus on the column where it was. */
  function show(content) {
    const column = document.activeElement?.dataset.column;
    steps.setAttribute('aria-busy', 'false');
    replace(steps, content);
    if (column) [...steps.querySelectorAll('select')].find((one) => one.dataset.column === column)?.focus();
  }

  function review(file, preview) {
    const reassign = (column, field) => {
      fields = reassigned(preview, fields, column, field);
      look();
    };
    const ready = preview.native || preview.mapping !== null;
    return [
      section(
        t('import.understood', { file: file.name }),
        h(
          'p',
          { class: 'unit' },
          t('import.facts', {
            format: preview.format.toUpperCase(),
            encoding: preview.encoding ?? format.MISSING,
            size: fileSize(file.size),
          }),
        ),
        preview.native ? h('p', null, t('import.native')) : null,
        ready ? null : missing(preview),
        columnTable(preview, kind.value, preview.native ? null : reassign),
        sayings('warning', preview.problems),
        sayings('info', preview.notes),
      ),
      preview.rows.length > 0 ? section(t('import.firstRows'), rowTable(preview.rows)) : null,
      ready ? starter(file, preview) : null,
    ];
  }

  function missing(preview) {
    const fields = missingFields(preview, kind.value);
    return statePanel('waiting', {
      title: t('import.incomplete'),
      detail:
        fields.length > 0
          ? t('import.missing', { fields: fields.map((field) => t(`field.${field}`)).join(t('import.and')) })
          : t('import.incompleteDetail'),
    });
  }

  function starter(file, preview) {
    const progress = h('div', null);
    const mapping = preview.native
      ? null
      : h('textarea', {
          id: 'import-mapping',
          rows: preview.mapping.split('\n').length,
          spellcheck: 'false',
          value: preview.mapping,
        });
    const begin = () => start(file, mapping?.value, progress);
    return [
      section(
        t('import.ready'),
        mapping
          ? h(
              'details',
              null,
              h('summary', null, t('import.mapping')),
              h('label', { for: 'import-mapping' }, t('import.mappingLabel')),
              mapping,
            )
          : null,
        h(
          'div',
          { class: 'buttons start' },
          h(
            'button',
            { type: 'button', class: 'primary', 'data-action': 'start-import', onclick: begin },
            t('import.start'),
          ),
        ),
      ),
      progress,
    ];
  }

  async function start(file, mapping, progress) {
    replace(progress, statePanel('waiting', { title: t('import.uploading', { size: fileSize(file.size) }) }));
    try {
      const query = { kind: kind.value, filename: file.name, mapping };
      const answer = await api.post(['imports'], query, file, context.signal);
      const card = jobCard(answer);
      card.addEventListener('job-end', ({ detail }) => progress.append(outcome(detail)));
      replace(progress, card);
      card.scrollIntoView({ block: 'nearest' });
    } catch (error) {
      if (context.signal.aborted) return;
      replace(progress, refusal(error, () => start(file, mapping, progress)));
    }
  }
}

/** Where a file is chosen or dropped, and what it holds. */
function dropZone({ kind, input, chosen, choose }) {
  const drop = h(
    'div',
    {
      class: 'drop',
      ondragover: (event) => {
        event.preventDefault();
        drop.classList.add('over');
      },
      ondragleave: () => drop.classList.remove('over'),
      ondrop: (event) => {
        event.preventDefault();
        drop.classList.remove('over');
        choose(event.dataTransfer.files[0]);
      },
    },
    h(
      'div',
      { class: 'fields' },
      h('div', null, h('label', { for: 'import-kind' }, t('import.kind')), kind),
      // The browser's own file control speaks the browser's language; the label is the control to see.
      h(
        'div',
        null,
        h('span', { class: 'unit', 'aria-hidden': 'true' }, t('import.file')),
        h('div', { class: 'file' }, input, h('label', { for: 'import-file' }, t('import.choose')), chosen),
      ),
    ),
    h('p', { class: 'unit' }, t('import.formats')),
  );
  return drop;
}

/** What was said about fields so far, and that `column` is `field`, or nothing at all when that is empty. */
function reassigned(preview, fields, column, field) {
  const next = { ...fields };
  for (const [name, known] of Object.entries(next)) if (known === column) delete next[name];
  const guessed = preview.columns.find((one) => one.name === column).field;
  if (guessed && guessed !== field && !guessed.startsWith('attributes.')) next[guessed] = null;
  if (field) next[field] = column;
  return next;
}

/** A file or mapping at fault is put right, not sent again. */
function refusal(error, again) {
  if (error.status !== 400) return errorPanel(error, again);
  return statePanel('error', { title: t('import.refused'), detail: error.detail });
}

function outcome(job) {
  const link = (path, text) => h('a', { href: href(path) }, text);
  // The card of a failed job says itself what to do.
  if (job.status === 'failed') return '';
  if (job.status === 'cancelled') return h('p', null, t('import.cancelled'));
  const { rejected = 0, stored = 0, duplicates = 0 } = job.result ?? {};
  const nothing = rejected > 0 && stored + duplicates === 0;
  return h(
    'p',
    { class: nothing ? 'warn-text' : null },
    t(nothing ? 'import.nothing' : 'import.done'),
    ' ',
    rejected > 0
      ? [link(['data', 'dead-letters'], t('import.toDeadLetters', { count: rejected })), ' · ']
      : null,
    link(['data'], t('import.toQuality')),
    ' · ',
    link(['models'], t('state.toTraining')),
  );
}

function fileSize(bytes) {
  if (bytes >= 1 << 20) return `${format.decimal(bytes / (1 << 20), 1)} MB`;
  return `${format.decimal(bytes / 1024, bytes < 10_240 ? 1 : 0)} KB`;
}
