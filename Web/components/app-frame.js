import { h, replace, svg } from '../app/dom.js';
import * as format from '../app/format.js';
import { currentLanguage, rememberLanguage, t } from '../app/i18n.js';
import { href, replaceLanguageInAddress } from '../app/router.js';
import './global-search.js';
import { icon } from './icon.js';

const GROUPS = [
  { name: 'nav.understand', places: ['today', 'needs', 'customers', 'voice', 'trends'] },
  { name: 'nav.decide', places: ['recommend', 'demand', 'restock', 'launch', 'campaigns'] },
  { name: 'nav.operate', places: ['data', 'models'] },
];

/** The frame around every page: skip link, rail, search, language. Returns its parts. */
export function createFrame({ onLanguage }) {
  const main = h('main', { id: 'main', tabindex: -1 });
  const shop = h('p', { class: 'shop' });
  const links = new Map();
  const rail = h(
    'nav',
    { class: 'rail', 'aria-label': t('nav.label') },
    h('a', { class: 'brand', href: href(['today']) }, brandMark(), h('span', null, 'Lode')),
    GROUPS.map(({ name, places }) =>
      h(
        'div',
        { class: 'rail-group' },
        h('p', null, t(name)),
        h(
          'ul',
          null,
          places.map((place) => {
            const link = h('a', { href: href([place]) }, icon(place), h('span', null, t(`nav.${place}`)));
            links.set(place, link);
            return h('li', null, link);
          }),
        ),
      ),
    ),
  );
  const root = h(
    'div',
    { class: 'frame' },
    h('a', { class: 'skip', href: '#main', onclick: (event) => skipTo(main, event) }, t('nav.skip')),
    rail,
    h('header', { class: 'top' }, shop, h('global-search'), languageSwitch(onLanguage)),
    main,
  );
  return {
    root,
    main,
    markSection(section) {
      for (const [place, link] of links) {
        if (place !== section) {
          link.removeAttribute('aria-current');
          continue;
        }
        link.setAttribute('aria-current', 'page');
        // On a phone the rail is a bar with more places than fit: the present one is in sight.
        rail.scrollLeft = Math.max(0, link.offsetLeft - link.offsetWidth);
      }
    },
    showShop(details) {
      replace(
        shop,
        h('strong', null, details.name),
        h('span', null, t('nav.asOf', { date: format.date(details.as_of) })),
      );
    },
  };
}

function languageSwitch(onLanguage) {
  const other = currentLanguage() === 'zh' ? 'en' : 'zh';
  const change = () => {
    rememberLanguage(other);
    replaceLanguageInAddress(other);
    onLanguage(other);
  };
  // Named in the language it leads to, for those who cannot read the present one.
  return h(
    'button',
    {
      type: 'button',
      class: 'quiet',
      'data-action': 'language',
      lang: other === 'zh' ? 'zh-CN' : 'en',
      onclick: change,
    },
    other === 'zh' ? '中文' : 'English',
  );
}

function brandMark() {
  return svg(
    'svg',
    { class: 'brand-mark', viewBox: '0 0 32 32', 'aria-hidden': 'true' },
    svg('path', { d: 'M3 26 13 8l5 9 3-5 8 14z' }),
  );
}

/** The hash is the address of the page, so the skip link moves the focus itself. */
function skipTo(main, event) {
  event.preventDefault();
  main.focus();
}
