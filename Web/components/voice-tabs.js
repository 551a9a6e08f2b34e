import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { choices } from './page-frame.js';

const TABS = ['aspects', 'compare', 'quotes', 'words', 'topics', 'searches'];

/** The views of Voice, each an answer to one question about what customers say. */
export function voiceTabs(current) {
  return choices(
    t('nav.voice'),
    TABS.map((tab) => ({
      text: t(`voice.tab.${tab}`),
      href: href(tab === 'aspects' ? ['voice'] : ['voice', tab]),
      chosen: tab === current,
    })),
  );
}
