// Segments: who are my customers, in a few groups that I can do something with?
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { apartWords, colourOf, day, headline, nameOf, peopleHref, segmentHref, sentencesOf, stabilityWord } from '../app/segments.js';
import { createStore } from '../app/store.js';
import { quietly, region } from '../components/async-region.js';
import { dataTable } from '../components/data-table.js';
import { shareBar, sparkline, tag } from '../components/marks.js';
import { pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { segmentChoice } from '../components/segment-choice.js';
import { orNoSegments, segmentControl } from '../components/segment-run.js';
import { segmentTabs } from '../components/segment-tabs.js';
import { href } from '../app/router.js';

/** Draws the page. */
export default function segments(context) {
  const store = createStore(context.signal);
  const title = t('nav.segments');
  const draw = () => {
    showPage(
      context.root,
      title,
      pageHead({ title, csv: { parts: ['segments'], name: 'segments' } }),
      segmentTabs('list'),
      region(store, 'list', lead, 2, quietly),
      section(
        t('segments.found'),
        region(store, 'list', (list) => table(list, 'cluster'), 8),
      ),
      section(
        t('segments.rules'),
        region(store, 'list', rules, 3, quietly),
      ),
      section(
        t('segments.rfm'),
        h('p', { class: 'unit' }, t('segments.rfmNote')),
        region(store, 'list', (list) => table(list, 'rfm'), 11, quietly),
      ),
      section(
        t('segments.choice'),
        region(store, 'list', segmentChoice, 6, quietly),
        segmentControl(context, draw),
      ),
    );
    const loading = store.load('list', (signal) => api.get(['segments'], { limit: 500 }, signal));
    orNoSegments(loading, context, { tab: 'list', draw });
  };
  draw();
}

function lead(list) {
  return [
    sentences(sentencesOf(local(list.summary))),
    h(
      'p',
      { class: 'unit' },
      t('segments.base', {
        days: list.days,
        date: day(list.date),
        count: list.customers,
        others: Math.max(0, list.all_customers - list.customers),
      }),
    ),
  ];
}

function rules(list) {
  const rows = list.items.filter((row) => row.kind === 'rule');
  const write = h('a', { href: href(['segments'], { view: 'rules' }) }, t('segments.writeRule'));
  if (rows.length === 0) return h('p', null, t('segments.noRules'), ' ', write);
  return [table(list, 'rule'), h('p', null, write)];
}

function table(list, kind) {
  const rows = list.items.filter((row) => row.kind === kind);
  const isFound = kind === 'cluster';
  return dataTable({
    caption: t(isFound ? 'segments.found' : kind === 'rfm' ? 'segments.rfm' : 'segments.rules'),
    rows,
    rowHref: (row) => segmentHref(row.id),
    columns: [
      { label: t('segments.segment'), head: true, cell: (row) => nameCell(row, isFound ? rows.indexOf(row) : null) },
      {
        label: t('segments.customers'),
        number: true,
        cell: (row) => h('a', { href: peopleHref(row.id) }, format.count(row.size)),
      },
      { label: t('segments.share'), cell: (row) => shareBar(row.share) },
      { label: t('segments.spendShare'), wide: true, cell: (row) => shareBar(row.spend_share) },
      {
        label: t('segments.perCustomer'),
        number: true,
        wide: true,
        cell: (row) => format.money(row.spend_per_customer),
      },
      isFound
        ? {
            label: t('segments.trend'),
            wide: true,
            cell: (row) =>
              sparkline(
                row.series.map((point) => point.customers),
                t('segments.trendLabel', { name: nameOf(row) }),
              ),
          }
        : null,
      isFound
        ? { label: t('segments.stability'), wide: true, cell: (row) => stability(row.stability) }
        : null,
    ].filter(Boolean),
  });
}

function nameCell(row, index) {
  return [
    index === null ? null : swatch(index),
    h('a', { href: segmentHref(row.id) }, nameOf(row)),
    h('span', { class: 'path segment-words' }, row.rule ?? apartWords(row)),
  ];
}

function swatch(index) {
  const mark = h('span', { class: 'swatch', 'aria-hidden': 'true' });
  mark.style.setProperty('background-color', colourOf(index));
  return mark;
}

function stability(value) {
  if (value === null || value === undefined) return h('span', { class: 'muted' }, format.MISSING);
  const tone = value >= 0.85 ? 'good' : value >= 0.75 ? '' : 'warn';
  return h(
    'span',
    { title: t('segments.stabilityHint', { value: format.decimal(value, 2) }) },
    tag(headline(stabilityWord(value)), tone),
  );
}
