// The map of segments: do the groups lie apart, and who lies between them?
import * as api from '../app/api.js';
import { base, tip } from '../app/charts.js';
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { colourOf, nameOf, segmentHref } from '../app/segments.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { chartFigure } from '../components/chart-figure.js';
import { choices, pageHead, section, sentences, showPage } from '../components/page-frame.js';
import { orNoSegments } from '../components/segment-run.js';
import { segmentTabs } from '../components/segment-tabs.js';

const KEYS = { PCA: 'pca', 't-SNE': 'tsne' };
const TABLE_ROWS = 200;

/** Draws the page. */
export default function segmentsMap(context) {
  const store = createStore(context.signal);
  const title = t('nav.segments');
  const draw = () => {
    showPage(
      context.root,
      title,
      pageHead({ title, csv: { name: 'segments-map', text: csvText } }),
      segmentTabs('map'),
      region(store, 'map', (map) => view(map, context), 10),
    );
    const loading = store.load('map', (signal) => api.get(['segments', 'map'], {}, signal));
    loading.then(({ data }) => (shown = data));
    orNoSegments(loading, context, { tab: 'map', draw });
  };
  draw();
}

let shown = null;

function csvText() {
  const lines = (shown?.points ?? []).map((point) =>
    [point.customer_id, point.segment, ...point.pca, ...(point.tsne ?? ['', ''])].join(','),
  );
  return ['customer_id,segment,pca_1,pca_2,tsne_1,tsne_2', ...lines].join('\r\n');
}

function view(map, context) {
  const methods = map.methods.map((one) => one.method);
  const wanted = () => methods.find((name) => name === context.query.method) ?? methods.at(-1);
  const place = h('div', null);
  const draw = () => {
    const method = wanted();
    replace(
      place,
      methods.length > 1
        ? choices(
            t('segments.map.method'),
            methods.map((name) => ({
              text: t(`segments.map.${KEYS[name]}`),
              chosen: name === method,
              onclick: () => {
                context.setQuery({ method: name });
                draw();
              },
            })),
            { labelled: true },
          )
        : null,
      figure(map, map.methods.find((one) => one.method === method)),
    );
  };
  draw();
  return [
    sentences([t('segments.map.lead', { count: map.shown, all: map.customers })]),
    section(t('segments.tab.map'), legend(map), place),
  ];
}

function legend(map) {
  return h(
    'ul',
    { class: 'segment-legend' },
    map.segments.map((segment, index) => {
      const mark = h('span', { class: 'swatch', 'aria-hidden': 'true' });
      mark.style.setProperty('background-color', colourOf(index));
      return h('li', null, mark, h('a', { href: segmentHref(segment.id) }, nameOf(segment)));
    }),
  );
}

function figure(map, method) {
  const key = KEYS[method.method];
  const place = new Map(map.segments.map((segment, index) => [segment.id, index]));
  const points = map.points.filter((point) => point[key]);
  const trust =
    method.trust === null || method.trust === undefined
      ? ''
      : t('segments.map.trust', { share: format.percent(method.trust, 0) });
  return chartFigure({
    title: t(`segments.map.${key}`),
    unit: t('segments.map.unit'),
    note: `${
      key === 'pca'
        ? t('segments.map.explained', { share: format.percent(method.explained.reduce((sum, one) => sum + one, 0), 0) })
        : t('segments.map.neighbours')
    } ${trust}`.trim(),
    size: 'map-plot',
    option: (colours) => ({
      ...base(colours, {
        trigger: 'item',
        tooltip: ({ dataIndex }) =>
          tip(t('segments.map.customer', { id: points[dataIndex].customer_id }), [
            [t('segments.segment'), nameOf(map.segments[place.get(points[dataIndex].segment)])],
          ]),
      }),
      grid: { left: 8, right: 8, top: 8, bottom: 8 },
      xAxis: { type: 'value', scale: true, show: false },
      yAxis: { type: 'value', scale: true, show: false },
      series: [
        {
          type: 'scatter',
          symbolSize: 5,
          cursor: 'pointer',
          data: points.map((point) => ({
            value: point[key],
            itemStyle: { color: colourOf(place.get(point.segment)), opacity: 0.65 },
          })),
        },
      ],
    }),
    onPoint: (index) => {
      location.hash = href(['customers', points[index].customer_id]);
    },
    table: {
      columns: [t('segments.customer'), t('segments.segment')],
      rows: points
        .slice(0, TABLE_ROWS)
        .map((point) => [
          h('a', { href: href(['customers', point.customer_id]) }, point.customer_id),
          nameOf(map.segments[place.get(point.segment)]),
        ]),
    },
  });
}
