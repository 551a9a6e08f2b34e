import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { choices } from './page-frame.js';

const VIEWS = ['map', 'migration', 'compare', 'rules'];

/** The views of Segments. */
export function segmentTabs(current) {
  const tab = (name, query) => ({
    text: t(`segments.tab.${name}`),
    href: href(['segments'], query),
    chosen: name === current,
  });
  return choices(t('nav.segments'), [tab('list', {}), ...VIEWS.map((view) => tab(view, { view }))]);
}
