import { h, replace } from '../app/dom.js';
import { t } from '../app/i18n.js';

const LEAST_LINES = 12;
const MOST_LINES = 28;

/**
 * A plain text area with line numbers. The element's `text` is what stands in it; `mark(lines)` marks line
 * numbers, `jump(line, column)` selects from there to the end of the line, `insert(text)` adds a line after the
 * one with the cursor. Each change calls `onText(text)`.
 */
export function ruleEditor({ text, onText, describedBy }) {
  let wrong = new Set();
  const gutter = h('div', { class: 'gutter', 'aria-hidden': 'true' });
  const area = h('textarea', {
    id: 'rules-text',
    wrap: 'off',
    spellcheck: 'false',
    autocapitalize: 'off',
    'aria-describedby': describedBy,
    placeholder: t('rules.placeholder'),
    value: text,
    oninput: () => {
      drawGutter();
      onText(area.value);
    },
    onscroll: () => {
      gutter.scrollTop = area.scrollTop;
    },
  });
  const node = h(
    'div',
    { class: 'rule-editor' },
    h('label', { for: 'rules-text' }, t('rules.label')),
    h('div', { class: 'editor' }, gutter, area),
  );
  drawGutter();

  Object.defineProperty(node, 'text', {
    get: () => area.value,
    set: (value) => {
      area.value = value;
      drawGutter();
      onText(value);
    },
  });
  node.mark = (lines) => {
    wrong = new Set(lines);
    area.setAttribute('aria-invalid', String(wrong.size > 0));
    drawGutter();
  };
  node.jump = (line, column = 1) => {
    const lines = area.value.split('\n');
    const row = Math.min(Math.max(line, 1), lines.length);
    const start = lines.slice(0, row - 1).reduce((sum, one) => sum + one.length + 1, 0);
    const end = start + lines[row - 1].length;
    area.focus();
    area.setSelectionRange(Math.min(start + column - 1, end), end);
    const height = area.scrollHeight / Math.max(lines.length, 1);
    area.scrollTop = Math.max(0, (row - 4) * height);
    area.scrollIntoView({ block: 'nearest' });
  };
  node.insert = (added) => {
    const at = area.value.indexOf('\n', area.selectionEnd);
    const head = at < 0 ? area.value : area.value.slice(0, at);
    const tail = at < 0 ? '' : area.value.slice(at);
    node.text = `${head}${head && !head.endsWith('\n') ? '\n' : ''}${added}${tail}`;
    node.jump(head ? head.replace(/\n$/, '').split('\n').length + 1 : 1);
  };
  return node;

  function drawGutter() {
    const count = area.value.split('\n').length;
    area.rows = Math.min(MOST_LINES, Math.max(LEAST_LINES, count + 1));
    replace(
      gutter,
      Array.from({ length: count }, (_, index) =>
        h('span', { class: wrong.has(index + 1) ? 'wrong' : null }, String(index + 1)),
      ),
    );
    gutter.scrollTop = area.scrollTop;
  }
}
