// The map of importance and performance: how many customers speak of a need, and how well they speak of it.
import { importanceMap } from '../app/charts-voice.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { needHref, positionName, toneOf } from '../app/voice.js';
import { chartFigure } from './chart-figure.js';
import { sentimentMark } from './voice-marks.js';

/** The map of a board; a point or a row of its table opens the need. */
export function saidMap(board) {
  const needs = board.needs;
  const urgent = needs.filter((need) => need.position === 'concentrate-here');
  return chartFigure({
    title: t('said.map.finding', { count: urgent.length }),
    unit: t('said.map.unit', { customers: format.count(board.customers) }),
    note: t('said.map.note'),
    size: 'tall',
    option: importanceMap(needs, {
      toneOf,
      corners: {
        topLeft: positionName('possible-overkill'),
        topRight: positionName('keep-up'),
        bottomLeft: positionName('low-priority'),
        bottomRight: positionName('concentrate-here'),
      },
      rows: (need) => [
        [t('said.position'), positionName(need.position)],
        [t('said.share'), format.percent(need.share_of_customers)],
        [t('needs.customers'), format.count(need.customers)],
        [t('said.sentiment'), format.signed(need.sentiment)],
        [t('said.atStake'), format.money(need.at_stake)],
      ],
    }),
    onPoint: (index) => {
      location.hash = needHref(needs[index].need_id);
    },
    table: {
      columns: [t('needs.need'), t('said.position'), t('said.share'), t('said.sentiment')],
      rows: needs.map((need) => [
        h('a', { href: needHref(need.need_id) }, need.label),
        positionName(need.position),
        format.percent(need.share_of_customers),
        sentimentMark(need.sentiment),
      ]),
    },
  });
}
