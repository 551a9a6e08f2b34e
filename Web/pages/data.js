// Data: is it complete, fresh and right?
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { dataTable } from '../components/data-table.js';
import { dataTabs } from '../components/data-tabs.js';
import { icon } from '../components/icon.js';
import { figures, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

const EXAMPLES = 3;

/** Draws the page. */
export default function data(context) {
  const store = createStore(context.signal);
  showPage(
    context.root,
    t('nav.data'),
    pageHead({ title: t('nav.data') }),
    dataTabs('quality'),
    region(store, 'quality', quality, 12),
  );
  store.load('quality', (signal) => api.get(['data-quality'], {}, signal));
}

function quality(report) {
  const { totals, freshness, sources = [], checks = [] } = report;
  if (totals.events === 0 && sources.length === 0) {
    return statePanel('empty', {
      title: t('data.empty'),
      detail: t('data.emptyDetail'),
      action: h('a', { href: href(['data', 'import']) }, t('state.toImport')),
    });
  }
  const found = checks.filter((check) => check.count > 0);
  const warnings = found.filter((check) => check.severity !== 'info');
  return [
    sentences([
      t('data.lead', { events: format.count(totals.events), date: format.date(freshness.last_event_at) }),
      t(warnings.length === 0 ? 'data.noWarnings' : 'data.warnings', { count: warnings.length }),
    ]),
    h('p', { class: 'unit' }, t('data.generated', { date: format.dateTime(report.generated_at) })),
    figures([
      { label: t('data.events'), value: format.count(totals.events), href: href(['events']) },
      { label: t('nav.customers'), value: format.count(totals.customers), href: href(['customers']) },
      { label: t('data.items'), value: format.count(totals.items) },
      {
        label: t('data.deadLetters'),
        value: format.count(totals.dead_letters),
        href: href(['data', 'dead-letters']),
      },
      { label: t('data.lastEvent'), value: format.date(freshness.last_event_at) },
      { label: t('data.lastIngested'), value: format.date(freshness.last_ingested_at) },
    ]),
    section(t('data.checks'), checkList(checks)),
    section(t('data.sources'), sourceTable(sources)),
  ];
}

function checkList(checks) {
  if (checks.length === 0) return statePanel('empty', { title: t('data.noChecks') });
  const weight = (check) => (check.count === 0 ? 2 : check.severity === 'info' ? 1 : 0);
  return h(
    'ul',
    { class: 'checks' },
    [...checks]
      .sort((a, b) => weight(a) - weight(b))
      .map((check) => {
        const tone = check.count === 0 ? 'good' : check.severity;
        return h(
          'li',
          { class: tone },
          icon(tone === 'good' ? 'check' : tone === 'info' ? 'info' : 'warning'),
          h(
            'span',
            null,
            h(
              'span',
              { class: 'visually-hidden' },
              `${t(tone === 'good' ? 'severity.good' : `severity.${check.severity}`)}: `,
            ),
            local(check.text),
          ),
          h(
            'span',
            { class: 'number unit' },
            check.count > 0
              ? t('data.share', { share: format.percent(check.share, check.share < 0.001 ? 3 : 1) })
              : '',
          ),
        );
      }),
  );
}

/** What an import flagged, in words, and the rows to look at first. */
function findings(checks) {
  const found = checks.filter((check) => check.count > 0);
  if (found.length === 0) return null;
  return h(
    'ul',
    { class: 'findings unit' },
    found.map((check) =>
      h(
        'li',
        null,
        local(check.text),
        check.examples?.length
          ? ` ${t('data.examples', { rows: check.examples.slice(0, EXAMPLES).map(rowNumber).join(', ') })}`
          : null,
      ),
    ),
  );
}

/** `orders.csv:17` is row 17; the file's name stands above. */
const rowNumber = (source) => source.split(':').at(-1);

function sourceTable(sources) {
  if (sources.length === 0)
    return statePanel('empty', {
      title: t('data.noSources'),
      action: h('a', { href: href(['data', 'import']) }, t('state.toImport')),
    });
  return dataTable({
    caption: t('data.sources'),
    rows: sources,
    columns: [
      { label: t('data.file'), head: true, cell: (row) => [row.file, findings(row.checks ?? [])] },
      { label: t('data.kind'), wide: true, cell: (row) => tOr(`data.kind.${row.kind}`, row.kind) },
      { label: t('data.rows'), number: true, cell: (row) => format.count(row.rows) },
      { label: t('data.stored'), number: true, cell: (row) => format.count(row.stored) },
      { label: t('data.duplicates'), number: true, wide: true, cell: (row) => format.count(row.duplicates) },
      {
        label: t('data.rejected'),
        number: true,
        cell: (row) =>
          row.rejected > 0
            ? h('a', { href: href(['data', 'dead-letters']) }, format.count(row.rejected))
            : '0',
      },
      { label: t('data.flagged'), number: true, wide: true, cell: (row) => format.count(row.flagged) },
      {
        label: t('data.finished'),
        number: true,
        wide: true,
        cell: (row) => format.dateTime(row.finished_at),
      },
    ],
  });
}
