import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { choices } from './page-frame.js';

/** The views of Analytics. */
export function analyticsTabs(current) {
  const tab = (name, path) => ({
    text: t(`analytics.tab.${name}`),
    href: href(path),
    chosen: name === current,
  });
  return choices(t('nav.analytics'), [
    tab('gallery', ['analytics']),
    tab('boards', ['analytics', 'boards']),
    tab('cohorts', ['analytics', 'cohorts']),
  ]);
}
