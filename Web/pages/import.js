// Import: choose a file, see what was understood, correct the mapping, start, watch.
import * as api from '../app/api.js';
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { dataTabs } from '../components/data-tabs.js';
import { jobCard } from '../components/job-card.js';
import { tag } from '../components/marks.js';
import { pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { errorPanel, skeleton, statePanel } from '../components/state-panel.js';

const PREVIEW_BYTES = 1 << 20;
const KINDS = ['events', 'items', 'customers'];

/** Draws the page. */
export default function importPage(context) {
  const steps = h('div', { 'aria-live': 'polite' });
  const input = h('input', {
    type: 'file',
    id: 'import-file',
    class: 'visually-hidden',
    accept: '.csv,.tsv,.txt,.ndjson,.jsonl,.json,.gz,.parquet',
    onchange: () => choose(input.files[0]),
  });
  const chosen = h('span', { class: 'unit' }, t('import.noFile'));
  const kind = h(
    'select',
    { id: 'import-kind', onchange: () => choose(input.files[0]) },
    KINDS.map((value) => h('option', { value }, t(`data.kind.${value}`))),
  );
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
  showPage(
    context.root,
    t('data.import'),
    pageHead({ title: t('data.import'), back: { href: href(['data']), label: t('nav.data') } }),
    dataTabs('import'),
    sentences([t('import.lead')]),
    h('p', { class: 'unit' }, t('import.safe')),
    drop,
    steps,
  );

  async function choose(file) {
    if (!file) return;
    replace(chosen, file.name);
    replace(steps, skeleton(6));
    try {
      const preview = await api.post(
        ['imports', 'preview'],
        { filename: file.name, kind: kind.value },
        file.slice(0, PREVIEW_BYTES),
        context.signal,
      );
      replace(steps, review(file, preview));
    } catch (error) {
      if (!context.signal.aborted)
        replace(
          steps,
          errorPanel(error, () => choose(file)),
        );
    }
  }

  function review(file, preview) {
    const mapping = h('textarea', {
      id: 'import-mapping',
      rows: Math.min(20, preview.mapping.split('\n').length + 1),
      spellcheck: 'false',
      value: preview.mapping,
    });
    const problems = preview.problems ?? [];
    const progress = h('div', null);
    return [
      section(
        t('import.understood', { file: file.name }),
        h(
          'p',
          { class: 'unit' },
          t('import.facts', {
            format: preview.format,
            encoding: preview.encoding ?? format.MISSING,
            size: fileSize(file.size),
          }),
        ),
        problems.length > 0
          ? h(
              'ul',
              { class: 'checks' },
              problems.map((problem) => h('li', { class: 'warning' }, problemText(problem))),
            )
          : null,
        columnTable(preview.columns ?? []),
      ),
      preview.rows?.length ? section(t('import.firstRows'), rowTable(preview.rows)) : null,
      section(
        t('import.mapping'),
        h('label', { for: 'import-mapping' }, t('import.mappingLabel')),
        mapping,
        h(
          'div',
          { class: 'buttons start' },
          h(
            'button',
            {
              type: 'button',
              class: 'primary',
              'data-action': 'start-import',
              onclick: () => start(file, mapping.value, progress),
            },
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
      const answer = await api.post(
        ['imports'],
        { kind: kind.value, filename: file.name, mapping },
        file,
        context.signal,
      );
      const card = jobCard(answer.job ?? answer);
      card.addEventListener('job-end', ({ detail }) => progress.append(outcome(detail)));
      replace(progress, card);
      card.scrollIntoView({ block: 'nearest' });
    } catch (error) {
      if (!context.signal.aborted)
        replace(
          progress,
          errorPanel(error, () => start(file, mapping, progress)),
        );
    }
  }
}

function outcome(job) {
  if (job.status !== 'succeeded')
    return h('p', null, h('a', { href: href(['data', 'dead-letters']) }, t('import.toDeadLetters')));
  return h(
    'p',
    null,
    t('import.done'),
    ' ',
    h('a', { href: href(['data']) }, t('import.toQuality')),
    ' · ',
    h('a', { href: href(['models']) }, t('state.toTraining')),
  );
}

function columnTable(columns) {
  return h(
    'div',
    { class: 'table-scroll', role: 'region', tabindex: 0, 'aria-label': t('import.columns') },
    h(
      'table',
      { class: 'data plain' },
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          [t('import.column'), t('import.meaning'), t('import.samples')].map((text) =>
            h('th', { scope: 'col' }, text),
          ),
        ),
      ),
      h(
        'tbody',
        null,
        columns.map((column) =>
          h(
            'tr',
            null,
            h('th', { scope: 'row' }, column.name),
            h(
              'td',
              null,
              column.field
                ? tag(tOr(`field.${column.field}`, column.field), 'good')
                : h('span', { class: 'muted' }, t('import.unused')),
            ),
            h('td', null, (column.sample ?? []).slice(0, 3).join(' · ')),
          ),
        ),
      ),
    ),
  );
}

function rowTable(rows) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const text = (value) =>
    value === null || value === undefined
      ? ''
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);
  return h(
    'div',
    { class: 'table-scroll', role: 'region', tabindex: 0, 'aria-label': t('import.firstRows') },
    h(
      'table',
      { class: 'data plain' },
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          names.map((name) => h('th', { scope: 'col' }, tOr(`field.${name}`, name))),
        ),
      ),
      h(
        'tbody',
        null,
        rows.map((row) =>
          h(
            'tr',
            null,
            names.map((name) => h('td', null, text(row[name]))),
          ),
        ),
      ),
    ),
  );
}

function problemText(problem) {
  return typeof problem === 'string'
    ? problem
    : [
        problem.line ? t('import.line', { line: problem.line }) : '',
        problem.field,
        problem.reason ?? problem.detail,
      ]
        .filter(Boolean)
        .join(': ');
}

function fileSize(bytes) {
  if (bytes >= 1 << 20) return `${format.decimal(bytes / (1 << 20), 1)} MB`;
  return `${format.decimal(bytes / 1024, bytes < 10_240 ? 1 : 0)} KB`;
}
