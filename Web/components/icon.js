import { svg } from '../app/dom.js';

// Drawn on a 16 × 16 grid in strokes, so that they take the text's colour.
const PATHS = {
  today: 'M2 3h12v10H2zM2 6h12M5 9h2M9 9h2',
  needs: 'M2 13 6 8l3 3 5-7M10 4h4v4',
  customers:
    'M6 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M1.5 13.5c0-3 2-4.5 4.5-4.5s4.500 1.500 4.500 4.500M10.500 3.500a2.300 2.300 0 0 1 0 4.400M12 9.500c1.600.6 2.500 2 2.500 4',
  voice: 'M2 2.500h12v8H7.500L4 13.500v-3H2zM5 5.500h6M5 7.500h4',
  recommend: 'M2 3h5v4H2zM9 3h5M9 5h3.500M2 9.500h5v4H2zM9 9.500h5M9 11.500h3.500',
  trends: 'M2 13.500h12M3.500 11V8M6.500 11V5.500M9.500 11V7M12.500 11V3',
  demand: 'M2 12 5 7l3 2.500M8 9.500 14 4M8 9.500 14 8M8 9.500 14 12',
  restock: 'M2 5 8 2l6 3v6.500L8 14.500 2 11.500zM2 5l6 3 6-3M8 8v6.500',
  launch: 'M8 1.500c2.500 2 3.500 4.500 3 8H5c-.5-3.500.5-6 3-8M5 7 3 9.500v2.500l2-1M11 7l2 2.500v2.500l-2-1M8 12v2.500',
  campaigns: 'M2 6.500v3h2.500l7 3.500V3l-7 3.500zM5 9.500l1 4h2l-1-3M13.500 6.500v3',
  data: 'M8 2c3.500 0 6 1 6 2.200S11.500 6.500 8 6.500 2 5.400 2 4.200 4.500 2 8 2M2 4.200v7.600C2 13 4.500 14 8 14s6-1 6-2.200V4.200M2 8c0 1.200 2.500 2.200 6 2.200S14 9.200 14 8',
  models: 'M8 1.500 14 5v6l-6 3.500L2 11V5zM2 5l6 3.500L14 5M8 8.500v6',
  search: 'M7 2.500a4.500 4.500 0 1 1 0 9 4.500 4.500 0 0 1 0-9M10.500 10.500 14 14',
  warning: 'M8 2 15 14H1zM8 6.500v3.500M8 11.800v.4',
  info: 'M8 1.800a6.200 6.200 0 1 1 0 12.400A6.200 6.200 0 0 1 8 1.800M8 7v4.200M8 4.600v.4',
  empty: 'M2 9h3.500l1 2h3l1-2H14M2 9l2-6h8l2 6v4.500H2z',
  clock: 'M8 1.800a6.200 6.200 0 1 1 0 12.400A6.200 6.200 0 0 1 8 1.800M8 4.500V8l2.500 1.800',
  lock: 'M3 7h10v7H3zM5 7V5a3 3 0 0 1 6 0v2',
  link: 'M6.500 9.500l3-3M7 4.500 8.500 3a3 3 0 0 1 4.500 4.500L11.500 9M4.500 7 3 8.500A3 3 0 0 0 7.500 13L9 11.500',
  download: 'M8 2v8M4.500 7 8 10.500 11.500 7M2.500 13.500h11',
  check: 'M2.500 8.500 6 12l7.500-8',
  close: 'M3 3l10 10M13 3 3 13',
};

/** A decorative line drawing; the text next to it carries the meaning. */
export function icon(name) {
  return svg(
    'svg',
    { class: 'icon', viewBox: '0 0 16 16', 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { d: PATHS[name] ?? PATHS.info }),
  );
}
