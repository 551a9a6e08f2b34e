// What rules on trial would change: who gains and who loses a place, and what customers went on to buy.
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { itemsOf } from '../app/items.js';
import { href } from '../app/router.js';
import { dataTable } from './data-table.js';
import { signedBar } from './marks.js';
import { figures, section, sentences } from './page-frame.js';

/** How many items an example names of those it gains, and of those it loses. */
const NAMED = 4;

/** The outcome of a dry run of `text` in `place`; `names` holds the titles of items by id. */
export function dryRunReport({ run, text, place, names }) {
  const itemHref = (row) => href(['items', row.item_id]);
  return [
    sentences([
      t('dryRun.lead', {
        count: run.customers,
        changed: format.count(run.pages_changed),
        share: format.percent(run.customers ? run.pages_changed / run.customers : 0, 0),
        mean: format.decimal(run.mean_items_changed, 1),
      }),
      hitSentence(run.hits),
    ]),
    run.note ? h('p', { class: 'unit' }, local(run.note)) : null,
    figures([
      {
        label: t('dryRun.changed'),
        value: `${format.count(run.pages_changed)} / ${format.count(run.customers)}`,
      },
      { label: t('dryRun.itemsChanged'), value: format.decimal(run.mean_items_changed, 1) },
      run.hits
        ? { label: t('dryRun.hits'), value: step(run.hits, (value) => format.decimal(value, 3)) }
        : null,
      run.mean_price ? { label: t('dryRun.price'), value: step(run.mean_price, format.money) } : null,
    ]),
    h(
      'div',
      { class: 'columns three gain-loss' },
      section(t('dryRun.categories'), changeTable(t('dryRun.categories'), run.categories, share)),
      section(t('dryRun.brands'), changeTable(t('dryRun.brands'), run.brands, share)),
      section(t('dryRun.items'), changeTable(t('dryRun.items'), run.items, format.count, itemHref)),
    ),
    h(
      'div',
      { class: 'columns' },
      section(t('dryRun.rules'), ruleEffects(run)),
      section(t('dryRun.examples'), examples(run, names, text, place)),
    ),
  ];
}

const share = (value) => format.percent(value, 1);
const step = ({ before, after }, write) => t('dryRun.step', { before: write(before), after: write(after) });

function hitSentence(hits) {
  if (!Number.isFinite(hits?.difference)) return null;
  const { lower, upper } = hits.interval ?? {};
  const known = Number.isFinite(lower) && Number.isFinite(upper);
  const chance = !known || (lower <= 0 && upper >= 0);
  const name = chance ? 'hitsChance' : hits.difference > 0 ? 'hitsMore' : 'hitsFewer';
  const signed = (value) => `${value < 0 ? '−' : '+'}${format.decimal(Math.abs(value), 3)}`;
  return t(`dryRun.${name}`, {
    before: format.decimal(hits.before, 3),
    after: format.decimal(hits.after, 3),
    lower: known ? signed(lower) : format.MISSING,
    upper: known ? signed(upper) : format.MISSING,
  });
}

/** Gains to the right and losses to the left of one line, with before and after. */
function changeTable(caption, { gaining = [], losing = [] } = {}, write, link) {
  const delta = (row) => row.change ?? row.after - row.before;
  const rows = [...gaining, ...losing].sort((a, b) => delta(b) - delta(a));
  if (rows.length === 0) return h('p', { class: 'muted' }, t('dryRun.noChange'));
  const scale = Math.max(...rows.map((row) => Math.abs(delta(row))), Number.EPSILON);
  const name = (row) => row.name ?? (row.title || row.item_id);
  return dataTable({
    caption,
    rows,
    columns: [
      {
        label: t('dryRun.name'),
        head: true,
        cell: (row) => (link ? h('a', { href: link(row) }, name(row)) : name(row)),
      },
      {
        label: t('dryRun.loseOrGain'),
        cell: (row) => h('div', { class: 'two-sided' }, signedBar(delta(row), scale)),
      },
      { label: t('dryRun.beforeAfter'), number: true, cell: (row) => step(row, write) },
    ],
  });
}

function ruleEffects(run) {
  if (!run.rules?.length) return h('p', { class: 'muted' }, t('dryRun.noRules'));
  return dataTable({
    caption: t('dryRun.rules'),
    rows: run.rules,
    columns: [
      { label: t('trace.rule'), head: true, cell: (row) => row.name },
      { label: t('dryRun.pages'), number: true, cell: (row) => format.count(row.pages) },
      { label: t('dryRun.removedPerPage'), number: true, cell: (row) => format.decimal(row.removed, 1) },
      { label: t('dryRun.movedPerPage'), number: true, cell: (row) => format.decimal(row.moved, 1) },
    ],
  });
}

/** Pages that change most; each opens the workbench with the rules on trial. */
function examples(run, names, text, place) {
  if (!run.examples?.length) return h('p', { class: 'muted' }, t('dryRun.noExamples'));
  const named = (ids) => {
    const shown = ids.slice(0, NAMED).map((id) => names.get(id) ?? id);
    if (ids.length > NAMED) shown.push(t('dryRun.more', { count: ids.length - NAMED }));
    return shown.join(t('import.and')) || format.MISSING;
  };
  return [
    h('p', { class: 'unit' }, t('dryRun.examplesNote')),
    h(
      'ul',
      { class: 'examples' },
      run.examples.map((one) =>
        h(
          'li',
          null,
          h(
            'a',
            {
              href: href(['recommend'], {
                context: place === 'home' ? null : place,
                customer: one.customer_id,
                // An empty text is a trial too: without any rule.
                rules: text || '#',
              }),
            },
            t('customer.title', { id: one.customer_id }),
          ),
          h('p', { class: 'unit' }, t('dryRun.gained', { items: named(one.gained ?? []) })),
          h('p', { class: 'unit' }, t('dryRun.lost', { items: named(one.lost ?? []) })),
        ),
      ),
    ),
  ];
}

/** The titles of the items that the report names; those that the run does not tell are asked for. */
export async function itemNames(run, signal) {
  const rows = [...(run.items?.gaining ?? []), ...(run.items?.losing ?? [])];
  const names = new Map(rows.filter((row) => row.title).map((row) => [row.item_id, row.title]));
  const shown = (run.examples ?? []).flatMap(({ gained = [], lost = [] }) => [
    ...gained.slice(0, NAMED),
    ...lost.slice(0, NAMED),
  ]);
  const asked = await itemsOf(
    shown.filter((id) => !names.has(id)),
    signal,
  );
  for (const [id, { title }] of asked) if (title) names.set(id, title);
  return names;
}
