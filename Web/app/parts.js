// What only some pages need, so that it does not weigh on the first view: their messages and their styles.
import { h } from './dom.js';
import { useMessages } from './i18n.js';

const sheets = new Map();

/** Resolves once the messages and the style sheet of a part of the dashboard are there. */
export const usePart = (part) => Promise.all([useMessages(part), useStyles(part)]);

function useStyles(part) {
  if (!sheets.has(part)) sheets.set(part, load(`/styles/${part}.css`));
  return sheets.get(part);
}

/** A page without its style sheet is still worth reading, so a failure is no error. */
function load(address) {
  return new Promise((resolve) => {
    document.head.append(
      h('link', { rel: 'stylesheet', href: address, onload: () => resolve(), onerror: () => resolve() }),
    );
  });
}
