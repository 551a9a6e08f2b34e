import { calibration } from '../app/charts.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { chartFigure } from './chart-figure.js';
import { dataTable } from './data-table.js';
import { tag } from './marks.js';
import { section } from './page-frame.js';
import { notEnoughData } from './state-panel.js';

const LOWER_IS_BETTER = /brier|ece|loss|mae|rmse|mase|error/i;
const ORDER = ['ndcg@10', 'hr@10', 'recall@10', 'mrr@10', 'auc', 'brier', 'ece'];
const TONES = { live: 'good', staged: 'busy', retired: '' };

/** The version trained last. */
export function newest(model) {
  return model.versions.reduce((a, b) => (b.version > a.version ? b : a), model.versions[0]);
}

/** One model: its versions with what can be done, the table against baselines, the calibration. */
export function modelReport(model, actions) {
  const shown = model.versions.find((version) => version.state === 'live') ?? newest(model);
  // A helper of other models is not measured on its own.
  const isMeasured = shown && (shown.baselines?.length > 0 || metricNames([shown.metrics]).length > 0);
  const parts = isMeasured && [
    h('div', null, h('h3', null, t('models.comparison', { version: shown.version })), comparison(shown)),
    shown.calibration?.length ? h('div', null, calibrationChart(shown)) : null,
  ];
  return section(
    tOr(`model.${model.name}`, model.name),
    versionTable(model, actions),
    // A table alone takes the whole width.
    parts ? h('div', { class: parts[1] ? 'columns' : '' }, parts) : null,
  );
}

function versionTable(model, { promote, rollBack }) {
  const rows = [...model.versions].sort((a, b) => b.version - a.version);
  const names = metricNames(rows.map((version) => version.metrics)).slice(0, 4);
  const hasEarlier = rows.some((version) => version.state === 'retired');
  const button = (action, label, onclick, name) =>
    h('button', { type: 'button', 'data-action': action, 'aria-label': name, onclick }, label);
  const actions = (row) => {
    if (row.state !== 'live') {
      const name = t('models.promoteLabel', { version: row.version });
      return button('promote', t('models.promote'), () => promote(model, row), name);
    }
    return hasEarlier
      ? button('roll-back', t('models.rollBack'), () => rollBack(model))
      : h('span', { class: 'unit' }, t('models.noEarlier'));
  };
  return [
    dataTable({
      caption: t('models.versions'),
      rows,
      columns: [
        {
          label: t('models.version'),
          head: true,
          cell: (row) => [
            `v${row.version} `,
            tag(tOr(`models.state.${row.state}`, row.state), TONES[row.state]),
          ],
        },
        { label: t('models.kind'), wide: true, cell: (row) => tOr(`models.kind.${row.kind}`, row.kind) },
        { label: t('models.trainedAt'), wide: true, cell: (row) => format.dateTime(row.trained_at) },
        { label: t('models.seconds'), wide: true, number: true, cell: (row) => format.duration(row.seconds) },
        ...names.map((name, index) => ({
          label: metricLabel(name),
          number: true,
          wide: index > 1,
          cell: (row) => write(row.metrics?.[name]),
        })),
        {
          label: t('models.data'),
          wide: true,
          cell: (row) =>
            h('code', { title: row.data_fingerprint }, (row.data_fingerprint ?? format.MISSING).slice(0, 10)),
        },
        {
          label: t('models.action'),
          cell: actions,
        },
      ],
    }),
  ];
}

function comparison(version) {
  const baselines = version.baselines ?? [];
  if (baselines.length === 0) return notEnoughData(t('models.noBaselines'));
  const rows = [{ name: t('models.thisModel'), metrics: version.metrics ?? {}, own: true }, ...baselines];
  const names = metricNames(rows.map((row) => row.metrics));
  const explained = names.filter((name) => tOr(`metric.about.${name}`, null));
  const best = Object.fromEntries(
    names.map((name) => {
      const values = rows.map((row) => row.metrics?.[name]).filter(Number.isFinite);
      return [name, LOWER_IS_BETTER.test(name) ? Math.min(...values) : Math.max(...values)];
    }),
  );
  return [
    dataTable({
      caption: t('models.comparison', { version: version.version }),
      rows,
      columns: [
        {
          label: t('models.method'),
          head: true,
          cell: (row) => (row.own ? h('strong', null, row.name) : methodName(row.name)),
        },
        ...names.map((name, index) => ({
          label: metricLabel(name),
          number: true,
          // The rest is in the table on a wider screen.
          wide: index > 1,
          cell: (row) => {
            const value = row.metrics?.[name];
            return value === best[name]
              ? h('strong', { title: t('models.best') }, `${write(value)} ●`)
              : write(value);
          },
        })),
      ],
    }),
    h('p', { class: 'unit' }, t('models.comparisonNote')),
    h(
      'dl',
      { class: 'glossary unit' },
      explained.map((name) =>
        h('div', null, h('dt', null, tOr(`metric.${name}`, name)), h('dd', null, t(`metric.about.${name}`))),
      ),
    ),
  ];
}

function calibrationChart(version) {
  const points = version.calibration;
  const total = points.reduce((sum, point) => sum + point.count, 0);
  if (points.length < 2 || total === 0) return notEnoughData();
  const gap = Math.max(...points.map((point) => Math.abs(point.predicted - point.observed)));
  return chartFigure({
    title: t('models.calibration.finding', { gap: format.decimal(gap * 100, 1) }),
    unit: t('models.calibration.unit', { total: format.count(total) }),
    note: t('models.calibration.note'),
    option: calibration(points),
    table: {
      columns: [t('models.calibration.predicted'), t('models.calibration.observed'), t('chart.sampleSize')],
      rows: points.map((point) => [
        format.percent(point.predicted, 1),
        format.percent(point.observed, 1),
        format.count(point.count),
      ]),
    },
  });
}

/** A plain rule's name in the user's language; its own where it is not known. */
export function methodName(name) {
  const days = /^decayed personal frequency, half-life (\d+) days$/.exec(name)?.[1];
  return days ? t('method.decayedFrequency', { days }) : tOr(`method.${name}`, name);
}

/** The metrics that any of the versions has, the telling ones first. */
export function metricNames(all) {
  const names = [
    ...new Set(
      all.flatMap((metrics) =>
        Object.entries(metrics ?? {})
          .filter(([, value]) => typeof value === 'number')
          .map(([name]) => name),
      ),
    ),
  ];
  const rank = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return names.sort((a, b) => rank(a) - rank(b)).slice(0, 7);
}

/** A metric's name with the direction that is better. */
export const metricLabel = (name) =>
  `${tOr(`metric.${name}`, name)}${LOWER_IS_BETTER.test(name) ? ' ↓' : ' ↑'}`;
const write = (value) => (Number.isFinite(value) ? format.decimal(value, 4) : format.MISSING);
