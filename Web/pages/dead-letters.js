// Dead letters: rows that could not be taken in. Each is fixed and replayed, or discarded.
import * as api from '../app/api.js';
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { cursorPaging } from '../components/data-table.js';
import { dataTabs } from '../components/data-tabs.js';
import { tag } from '../components/marks.js';
import { notify } from '../components/notice.js';
import { choices, pageHead, sentences, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

const SIZE = 25;
const STATUSES = ['open', 'replayed', 'discarded'];
const STAGES = ['parse', 'validate', 'conflict'];
const TONES = { open: 'warn', replayed: 'good', discarded: '' };

/** Draws the page. */
export default function deadLetters(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const listQuery = () => ({
    stage: query.stage,
    status: query.status === 'all' ? null : (query.status ?? 'open'),
  });
  const load = () =>
    store.load('list', (signal) =>
      api.get(['dead-letters'], { ...listQuery(), limit: SIZE, cursor: query.cursor }, signal),
    );
  const paging = cursorPaging(context, load);
  const change = (patch) => {
    paging.reset();
    context.setQuery({ ...patch, cursor: null, page: null });
    load();
  };
  showPage(
    context.root,
    t('data.deadLetters'),
    pageHead({
      title: t('data.deadLetters'),
      csv: { parts: ['dead-letters'], query: listQuery, name: 'dead-letters' },
    }),
    dataTabs('dead-letters'),
    region(store, 'list', lead, 2),
    region(store, 'list', () => filters(query, change), 1),
    region(store, 'list', (list) => letters(list, query, paging), 10),
  );
  load();
}

function lead(list) {
  const { open } = list.counts;
  return sentences(open > 0 ? [t('dead.lead', { count: open }), t('dead.explain')] : [t('dead.leadNone')]);
}

function filters(query, change) {
  const status = query.status ?? 'open';
  return h(
    'div',
    { class: 'filters' },
    choices(
      t('dead.status'),
      [...STATUSES, 'all'].map((name) => ({
        text: name === 'all' ? t('needs.any') : t(`dead.status.${name}`),
        chosen: status === name,
        onclick: () => change({ status: name === 'open' ? null : name }),
      })),
      { labelled: true },
    ),
    choices(
      t('dead.stage'),
      [null, ...STAGES].map((stage) => ({
        text: stage ? t(`dead.stage.${stage}`) : t('needs.any'),
        chosen: (query.stage ?? null) === stage,
        onclick: () => change({ stage }),
      })),
      { labelled: true },
    ),
  );
}

function letters(list, query, paging) {
  if (list.items.length === 0) {
    const filtered = query.stage || query.status;
    return statePanel('empty', {
      title: t(filtered ? 'dead.noneFiltered' : 'dead.none'),
      detail: t('dead.noneDetail'),
      action: h(
        'a',
        { href: filtered ? href(['data', 'dead-letters']) : href(['data']) },
        t(filtered ? 'action.clearFilters' : 'import.toQuality'),
      ),
    });
  }
  return [
    h(
      'ul',
      { class: 'letters' },
      list.items.map((letter) => h('li', null, letterRow(letter))),
    ),
    paging.controls(list, SIZE),
  ];
}

function letterRow(letter) {
  const row = h('details', { 'data-letter': letter.dead_letter_id });
  const draw = (current) => {
    const raw = h('textarea', {
      rows: 3,
      spellcheck: 'false',
      'aria-label': t('dead.raw'),
      value: current.raw ?? '',
      readonly: current.status !== 'open',
    });
    const message = h('p', { class: 'warn-text', role: 'status' });
    const act = (name, body) =>
      resolve({
        letter: current,
        name,
        body,
        message,
        done: (status) => draw({ ...current, raw: raw.value, status }),
      });
    replace(
      row,
      h(
        'summary',
        null,
        h('span', { class: 'letter-source' }, current.source ?? current.dead_letter_id),
        h('span', { class: 'letter-reason' }, current.field ? `${current.field}: ` : '', current.reason),
        h(
          'span',
          null,
          tag(tOr(`dead.stage.${current.stage}`, current.stage)),
          ' ',
          tag(tOr(`dead.status.${current.status}`, current.status), TONES[current.status]),
        ),
      ),
      h(
        'div',
        { class: 'letter-body' },
        h('p', { class: 'unit' }, t('dead.received', { date: format.dateTime(current.received_at) })),
        raw,
        message,
        current.status === 'open'
          ? h(
              'div',
              { class: 'buttons start' },
              h(
                'button',
                {
                  type: 'button',
                  class: 'primary',
                  'data-action': 'replay',
                  onclick: () => act('replay', raw.value === current.raw ? {} : { raw: raw.value }),
                },
                t('dead.replay'),
              ),
              h(
                'button',
                { type: 'button', 'data-action': 'discard', onclick: () => act('discard') },
                t('dead.discard'),
              ),
            )
          : null,
      ),
    );
  };
  draw(letter);
  return row;
}

async function resolve({ letter, name, body, message, done }) {
  replace(message, '');
  try {
    const answer = await api.post(['dead-letters', letter.dead_letter_id, name], {}, body);
    if (answer?.status === 'rejected') {
      replace(message, t('dead.rejectedAgain', { reason: answer.reason ?? letter.reason }));
      return;
    }
    done(name === 'replay' ? 'replayed' : 'discarded');
    notify(
      t(name === 'replay' ? 'dead.replayed' : 'dead.discardedNotice', {
        source: letter.source ?? letter.dead_letter_id,
      }),
    );
  } catch (error) {
    replace(message, t('dead.failed', { reason: error.message }));
  }
}
