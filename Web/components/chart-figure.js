import { loadECharts, theme } from '../app/charts.js';
import { h, replace } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { statePanel } from './state-panel.js';

/**
 * A chart with a title that states the finding, its unit, and a table of the same figures.
 *
 * `spec`: `{ title, unit, note, option(colours), table: { columns, rows }, onSelect(index), size }`.
 * Cells of the table may be nodes, so each figure can link to what is behind it. Where marks lie anywhere in
 * the plane, `onPoint(index, { dataType, seriesIndex })` opens the one that was clicked instead; where several lines share
 * a column, `onSelect` is told the height of the click as well.
 */
class ChartFigure extends HTMLElement {
  #spec = null;
  #chart = null;
  #asTable = false;
  #cleanup = [];

  set spec(spec) {
    this.#spec = spec;
    if (this.isConnected) this.#draw();
  }

  connectedCallback() {
    if (this.#spec) this.#draw();
  }

  disconnectedCallback() {
    this.#release();
  }

  #draw() {
    this.#release();
    const { title, unit, note } = this.#spec;
    this.plot = h('div', { class: `plot ${this.#spec.size ?? ''}` });
    const toggle = h(
      'button',
      {
        type: 'button',
        class: 'quiet',
        'aria-pressed': this.#asTable,
        onclick: () => this.#toggle(),
      },
      this.#asTable ? t('chart.showChart') : t('chart.showTable'),
    );
    replace(
      this,
      h(
        'figure',
        null,
        h(
          'figcaption',
          null,
          h('div', null, h('h3', null, title), unit ? h('p', { class: 'unit' }, unit) : null),
          toggle,
        ),
        this.plot,
        note ? h('p', { class: 'unit' }, note) : null,
      ),
    );
    if (this.#asTable) this.#drawTable();
    else this.#drawWhenSeen();
  }

  #toggle() {
    this.#asTable = !this.#asTable;
    this.#draw();
    this.querySelector('figcaption button').focus();
  }

  #drawTable() {
    const { columns, rows } = this.#spec.table;
    this.plot.className = 'plot-table';
    this.plot.tabIndex = 0;
    this.plot.setAttribute('role', 'region');
    this.plot.setAttribute('aria-label', this.#spec.title);
    replace(
      this.plot,
      h(
        'table',
        null,
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            columns.map((label, index) => h('th', { scope: 'col', class: index ? 'number' : '' }, label)),
          ),
        ),
        h(
          'tbody',
          null,
          rows.map((row) =>
            h(
              'tr',
              null,
              row.map((cell, index) =>
                index ? h('td', { class: 'number' }, cell) : h('th', { scope: 'row' }, cell),
              ),
            ),
          ),
        ),
      ),
    );
  }

  #drawWhenSeen() {
    this.plot.setAttribute('role', 'img');
    this.plot.setAttribute('aria-label', `${this.#spec.title}. ${t('chart.tableHint')}`);
    const watcher = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        watcher.disconnect();
        this.#drawChart(this.plot);
      },
      { rootMargin: '120px' },
    );
    watcher.observe(this.plot);
    this.#cleanup.push(() => watcher.disconnect());
  }

  async #drawChart(plot) {
    let echarts;
    try {
      echarts = await loadECharts();
    } catch (error) {
      plot.removeAttribute('role');
      replace(plot, statePanel('error', { title: error.message, detail: t('chart.tableHint') }));
      return;
    }
    if (plot !== this.plot || !this.isConnected) return;
    const chart = echarts.init(plot, null, { renderer: 'canvas' });
    this.#chart = chart;
    const paint = () => chart.setOption(this.#spec.option(theme()), true);
    paint();
    this.#selectOnClick(chart, plot);
    const resize = new ResizeObserver(() => chart.resize());
    resize.observe(plot);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', paint);
    this.#cleanup.push(
      () => resize.disconnect(),
      () => scheme.removeEventListener('change', paint),
    );
  }

  /** A click anywhere in a column counts, so that a low bar is as easy to open as a tall one. */
  #selectOnClick(chart, plot) {
    if (this.#spec.onPoint)
      chart.on('click', ({ componentType, dataIndex, dataType, seriesIndex }) => {
        if (componentType === 'series') this.#spec.onPoint(dataIndex, { dataType, seriesIndex });
      });
    if (!this.#spec.onSelect) return;
    plot.classList.add('selectable');
    chart.getZr().on('click', ({ offsetX, offsetY }) => {
      if (!chart.containPixel({ gridIndex: 0 }, [offsetX, offsetY])) return;
      const [index, value] = chart.convertFromPixel({ seriesIndex: 0 }, [offsetX, offsetY]);
      this.#spec.onSelect(Math.round(index), value);
    });
  }

  #release() {
    for (const action of this.#cleanup.splice(0)) action();
    this.#chart?.dispose();
    this.#chart = null;
  }
}

customElements.define('chart-figure', ChartFigure);

/** A `<chart-figure>` showing `spec`. */
export function chartFigure(spec) {
  return h('chart-figure', { '.spec': spec });
}
