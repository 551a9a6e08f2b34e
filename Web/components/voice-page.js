// What the pages of Voice share: the head, the tabs, and the panel that stands there before anything was read.
import { orError, pageHead, showPage } from './page-frame.js';
import { orNotMined } from './voice-mining.js';
import { voiceTabs } from './voice-tabs.js';
import { t } from '../app/i18n.js';

/** Draws `content` under the head and the tabs; `csv` as in `pageHead`. */
export function voicePage(context, tab, csv, ...content) {
  const title = t('nav.voice');
  showPage(
    context.root,
    `${t(`voice.tab.${tab}`)} · ${title}`,
    pageHead({ title, csv }),
    voiceTabs(tab),
    content,
  );
}

/** Once the page's first answer is there: says what to do where there is none. */
export function orNothingRead(loading, context, tab, draw) {
  const title = t('nav.voice');
  loading.then((slice) => {
    if (!orNotMined(slice, context, { title, tabs: voiceTabs(tab) }, draw)) orError(slice, context.root, title);
  });
}
