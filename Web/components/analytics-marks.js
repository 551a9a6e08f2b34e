// Small marks of analyses: figures that open the customers behind them, cells with a shade.
import { h, svg } from '../app/dom.js';

/** A figure in a table that opens the customers behind it. */
export const pointButton = (text, action, label) =>
  h('button', { type: 'button', class: 'link figure-link', 'aria-label': label, onclick: action }, text);

/** A figure in a row of figures that opens the customers behind it. */
export const figureLink = (text, action) => ({ value: pointButton(text, action) });

const STEPS = 10;

/** The class of a cell's shade for a share of the largest. */
export const shade = (share) =>
  `shade-${Math.max(0, Math.min(STEPS, Math.round((Number.isFinite(share) ? share : 0) * STEPS)))}`;

/** A bar with what is lost on the way drawn faint behind it. */
export function stepBar(share, before) {
  const clamp = (value) => Math.max(0, Math.min(1, value ?? 0)) * 100;
  return svg(
    'svg',
    { class: 'step-bar', viewBox: '0 0 100 20', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('rect', { class: 'track', width: clamp(before), height: 20 }),
    svg('rect', { class: 'value', width: clamp(share), height: 20 }),
  );
}
