import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { choices } from './page-frame.js';

/** The two boards of needs: what is bought, and what is said. */
export function needsTabs(current) {
  return choices(t('nav.needs'), [
    { text: t('needs.tab.bought'), href: href(['needs']), chosen: current === 'bought' },
    { text: t('needs.tab.said'), href: href(['needs'], { view: 'said' }), chosen: current === 'said' },
  ]);
}
