// A view of Patterns: the list with its filters, its paging and its CSV; what stands above it is the view's own.
import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { RUN } from '../app/patterns.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { quietly, region } from './async-region.js';
import { cursorPaging } from './data-table.js';
import { orNotRun } from './model-run.js';
import { pageHead, section, showPage } from './page-frame.js';
import { basis, patternTabs } from './pattern-parts.js';
import { statePanel } from './state-panel.js';

const SIZE = 25;

/**
 * Draws a view. `spec`: `{ view, lead, listQuery(query), filters(change), table(list, { change, paging }), above(list), names }`;
 * `names` are the filters whose list may be empty for them alone.
 */
export function patternView(context, spec, draw) {
  const { query } = context;
  const store = createStore(context.signal);
  const title = t('nav.patterns');
  const listQuery = () => spec.listQuery(query);
  const path = ['patterns', spec.view];
  const load = () =>
    store.load('list', (signal) =>
      api.get(path, { ...listQuery(), limit: spec.size ?? SIZE, cursor: query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  const change = (patch, options) => {
    paging.reset();
    context.setQuery({ ...patch, cursor: null, page: null }, options);
    load();
  };
  const tabs = patternTabs(spec.view);
  showPage(
    context.root,
    title,
    pageHead({ title, csv: { parts: path, query: listQuery, name: `pattern-${spec.view}` } }),
    tabs,
    spec.view === 'rules' ? null : h('p', { class: 'lead' }, t(`patterns.note.${spec.view}`)),
    spec.lead?.(store) ?? null,
    region(store, 'list', (list) => h('p', { class: 'unit' }, basis(list)), 1, quietly),
    spec.above?.(store, change) ?? null,
    section(
      t(`patterns.title.${spec.view}`),
      spec.view === 'rules' ? h('p', { class: 'unit' }, t('patterns.note.rules')) : null,
      spec.filters(change),
      region(
        store,
        'list',
        (list) =>
          list.items.length
            ? [spec.table(list, change), paging.controls(list, spec.size ?? SIZE)]
            : nothing(spec, query),
        12,
      ),
    ),
    spec.below?.(store) ?? null,
  );
  const loading = load();
  orNotRun(loading, context, { title, tabs: patternTabs(spec.view), run: RUN }, draw);
  return { store, load };
}

function nothing(spec, query) {
  const isNarrowed = spec.names.some((name) => query[name]);
  return statePanel('empty', {
    title: isNarrowed ? t('patterns.noMatch') : t(`patterns.none.${spec.view}`),
    detail: isNarrowed ? null : t('patterns.noneDetail'),
    action: isNarrowed
      ? h('a', { href: href(['patterns'], { view: spec.view === 'rules' ? null : spec.view }) }, t('action.clearFilters'))
      : query.all
        ? null
        : h('a', { href: href(['patterns'], { view: spec.view === 'rules' ? null : spec.view, all: 'true' }) }, t('patterns.showAll')),
  });
}
