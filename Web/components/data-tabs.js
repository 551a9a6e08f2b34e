import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { choices } from './page-frame.js';

/** The three views of the Data page. */
export function dataTabs(current) {
  return choices(t('nav.data'), [
    { text: t('data.quality'), href: href(['data']), chosen: current === 'quality' },
    { text: t('data.import'), href: href(['data', 'import']), chosen: current === 'import' },
    { text: t('data.deadLetters'), href: href(['data', 'dead-letters']), chosen: current === 'dead-letters' },
  ]);
}
