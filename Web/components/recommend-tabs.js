import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { choices } from './page-frame.js';

/** The three views of Recommend: a page, the rules, two versions side by side. */
export function recommendTabs(current) {
  return choices(t('nav.recommend'), [
    { text: t('recommend.tab.page'), href: href(['recommend']), chosen: current === 'page' },
    { text: t('recommend.tab.rules'), href: href(['recommend', 'rules']), chosen: current === 'rules' },
    { text: t('recommend.tab.compare'), href: href(['recommend', 'compare']), chosen: current === 'compare' },
  ]);
}
