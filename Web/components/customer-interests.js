// What a customer is interested in, each point held against all other customers.
import { h, svg } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t, tOr } from '../app/i18n.js';
import { href } from '../app/router.js';
import { dataTable } from './data-table.js';
import { probability, shareBar } from './marks.js';
import { notEnoughData } from './state-panel.js';

/** Lifts are drawn between an eighth and eight times the market's share. */
const MOST = 8;
const ROWS = 6;
const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const PARTS = ['night', 'morning', 'afternoon', 'evening'];
const SHAPES = { above: '▲', below: '▼', usual: '', unknown: '?' };
const TRENDS = { rising: '▲', falling: '▼', steady: '' };

/** All of it: words, then a table for each dimension, then the week. */
export function customerInterests(data, id) {
  if (!data.items.length) return notEnoughData(t('interests.none'));
  const groups = [...Map.groupBy(data.items, (row) => `${row.kind} ${row.name ?? ''}`).values()];
  const week = groups.find(([row]) => row.kind === 'moment');
  return [
    (local(data.sentences) || []).map((sentence) => h('p', null, sentence)),
    h(
      'p',
      { class: 'unit' },
      t('interests.base', {
        events: format.count(data.events),
        days: format.count(data.days),
        date: format.date(data.as_of),
        customers: format.count(Math.max(0, data.market.customers - 1)),
        half: format.count(data.settings.half_life_days),
      }),
    ),
    h(
      'div',
      { class: 'columns interests' },
      groups.filter((rows) => rows !== week).map((rows) => group(rows, id)),
      week ? moments(week) : null,
    ),
    h('p', { class: 'unit' }, t('interests.note', { recent: format.count(data.settings.recent_days) })),
  ];
}

function groupName({ kind, name }) {
  return kind === 'attribute' ? tOr(`attribute.${name}`, name.replaceAll('_', ' ')) : t(`interests.kind.${kind}`);
}

function group(rows, id) {
  const place = h('div', { class: 'interest-group' });
  const draw = (all) => {
    const shown = all ? rows : rows.slice(0, ROWS);
    place.replaceChildren(
      h('h3', null, groupName(rows[0])),
      table(shown, id),
      rows.length > shown.length
        ? h(
            'button',
            { type: 'button', class: 'link', onclick: () => draw(true) },
            t('interests.more', { count: rows.length - shown.length }),
          )
        : '',
    );
  };
  draw(false);
  return place;
}

function table(rows, id) {
  return dataTable({
    caption: groupName(rows[0]),
    rows,
    columns: [
      { label: t('interests.what'), head: true, cell: (row) => nameCell(row) },
      { label: t('interests.share'), cell: (row) => shareCell(row) },
      { label: t('interests.lift'), cell: (row) => liftCell(row) },
      { label: t('interests.days'), number: true, cell: (row) => daysCell(row, id) },
      { label: t('interests.trend'), wide: true, cell: (row) => trendCell(row) },
    ],
  });
}

const nameCell = (row) =>
  row.kind === 'category' ? h('a', { href: href(['needs', row.value]) }, row.value) : local(row.label);

function shareCell(row) {
  const market = row.market_share === null ? format.MISSING : format.percent(row.market_share, 1);
  return h(
    'span',
    { title: t('interests.market', { share: market }) },
    shareBar(row.strength, { digits: row.strength < 0.1 ? 1 : 0 }),
  );
}

/** A lift as it is told: the number, its interval, and what it means by shape and word. */
export function liftCell(row) {
  if (row.lift === null) return h('span', { class: 'muted' }, t('interests.alone'));
  const { lower, upper } = row.lift_interval;
  const text = t('interests.liftText', {
    lift: format.decimal(row.lift),
    lower: format.decimal(lower),
    upper: format.decimal(upper),
  });
  const detail = row.q_value === null ? '' : ` · q ${probability(row.q_value)}`;
  return h(
    'span',
    { class: `lift ${row.standing}`, title: `${t(`interests.standing.${row.standing}`)} · ${text}${detail}` },
    liftMark(lower, row.lift, upper),
    h('span', { class: 'lift-text' }, t('interests.times', { lift: format.decimal(row.lift) })),
    h('span', { 'aria-hidden': 'true' }, SHAPES[row.standing]),
    h('span', { class: 'visually-hidden' }, `${t(`interests.standing.${row.standing}`)}, ${text}`),
  );
}

function liftMark(lower, lift, upper) {
  const x = (value) => 50 + (50 * Math.log(Math.max(1 / MOST, Math.min(MOST, value)))) / Math.log(MOST);
  return svg(
    'svg',
    { class: 'lift-mark', viewBox: '0 0 100 8', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('rect', { class: 'axis', x: 49.5, width: 1, height: 8 }),
    svg('rect', { class: 'range', x: x(lower), y: 3, width: Math.max(1, x(upper) - x(lower)), height: 2 }),
    svg('rect', { class: 'dot', x: x(lift) - 2, y: 1, width: 4, height: 6 }),
  );
}

function daysCell(row, id) {
  const query = { customer_id: id };
  if (row.kind === 'category') query.category = row.value;
  const title = t('interests.last', { date: format.date(row.last_at), count: row.events });
  return h('a', { href: href(['events'], query), title }, format.count(row.days));
}

function trendCell({ trend }) {
  if (!trend) return h('span', { class: 'muted' }, format.MISSING);
  return h(
    'span',
    { class: `trend ${trend.direction}`, title: t(`trend.${trend.direction}`) },
    h('span', { 'aria-hidden': 'true' }, TRENDS[trend.direction]),
    h('span', { class: 'visually-hidden' }, t(`trend.${trend.direction}`)),
    ' ',
    t('interests.trendText', {
      recent: format.percent(trend.recent.days / trend.recent.of, 0),
      earlier: format.percent(trend.earlier.days / trend.earlier.of, 0),
    }),
  );
}

/** The week as a grid: the darker, the larger the share; a mark where it differs from other customers. */
function moments(rows) {
  const known = new Map(rows.map((row) => [row.value, row]));
  const most = Math.max(...rows.map((row) => row.strength));
  return h(
    'div',
    { class: 'interest-group' },
    h('h3', null, t('interests.kind.moment')),
    h(
      'table',
      { class: 'week-grid' },
      h('caption', { class: 'visually-hidden' }, t('interests.kind.moment')),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          h('td', null),
          PARTS.map((part) => h('th', { scope: 'col' }, t(`interests.part.${part}`))),
        ),
      ),
      h(
        'tbody',
        null,
        DAYS.map((day) =>
          h(
            'tr',
            null,
            h('th', { scope: 'row' }, t(`interests.day.${day}`)),
            PARTS.map((part) => momentCell(known.get(`${day}-${part}`), most)),
          ),
        ),
      ),
    ),
    h('p', { class: 'unit' }, t('interests.momentNote')),
  );
}

function momentCell(row, most) {
  if (!row) return h('td', { class: 'number muted' }, '·');
  const marked = row.standing === 'above' || row.standing === 'below';
  return h(
    'td',
    {
      class: `number ${marked ? row.standing : ''} heat-${Math.round((4 * row.strength) / most)}`,
      title: `${local(row.label)} · ${t('interests.standing.' + row.standing)}`,
    },
    format.percent(row.strength, 0),
    marked ? h('span', { 'aria-hidden': 'true' }, ` ${SHAPES[row.standing]}`) : null,
    marked ? h('span', { class: 'visually-hidden' }, ` ${t(`interests.standing.${row.standing}`)}`) : null,
  );
}
