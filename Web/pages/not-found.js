import { h } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { pageHead, showPage } from '../components/page-frame.js';
import { statePanel } from '../components/state-panel.js';

/** An address that leads nowhere. */
export default function notFound({ root }) {
  showPage(
    root,
    t('notFound.title'),
    pageHead({ title: t('notFound.title') }),
    statePanel('empty', {
      title: t('state.notFound'),
      detail: t('notFound.detail'),
      action: h('a', { href: href(['today']) }, t('state.toToday')),
    }),
  );
}
