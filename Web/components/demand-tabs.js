import { SHOP, demandHref } from '../app/demand.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { choices } from './page-frame.js';

/** The views of Demand. */
export function demandTabs(current) {
  const tab = (name, address) => ({ text: t(`demand.tab.${name}`), href: address, chosen: name === current });
  return choices(t('nav.demand'), [
    tab('list', href(['demand'])),
    tab('shop', demandHref(SHOP)),
    tab('needs', href(['demand'], { view: 'needs' })),
    tab('anomalies', href(['demand'], { view: 'anomalies' })),
  ]);
}

/** The two views of Trends. */
export function trendTabs(current) {
  const tab = (name, query) => ({
    text: t(`trends.tab.${name}`),
    href: href(['trends'], query),
    chosen: name === current,
  });
  return choices(t('nav.trends'), [tab('list', {}), tab('factors', { view: 'factors' })]);
}
