import { h } from '../app/dom.js';

let stack = null;

/** Says in a corner, and to screen readers, what an action did. */
export function notify(text, tone = 'info') {
  stack ??= document.body.appendChild(h('div', { class: 'notices', role: 'status', 'aria-live': 'polite' }));
  const note = h('p', { class: `notice ${tone}` }, text);
  stack.append(note);
  setTimeout(() => note.remove(), tone === 'error' ? 9000 : 4500);
}
