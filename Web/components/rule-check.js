// What the server makes of a text of rules: its errors, and its rules in words.
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t } from '../app/i18n.js';
import { icon } from './icon.js';

/** Whether a text can be read; else each error, which leads to its place by `jump(line, column)`. */
export function checkState({ valid, errors = [], rules: list = [] }, jump) {
  if (valid)
    return h('p', { class: 'good-text' }, icon('check'), ' ', t('rules.valid', { count: list.length }));
  return [
    h('p', { class: 'warn-text' }, icon('warning'), ' ', t('rules.wrong', { count: errors.length })),
    h(
      'ul',
      { class: 'rule-errors' },
      errors.map(({ line, column, message }) =>
        h(
          'li',
          null,
          h(
            'button',
            { type: 'button', class: 'link', onclick: () => jump(line, column) },
            t('rules.at', { line, column }),
          ),
          ' ',
          local(message),
        ),
      ),
    ),
  ];
}

/** What each rule that can be read means, beside the line it stands in. */
export function rulesInWords({ rules: list = [], errors = [] }, jump) {
  if (list.length === 0)
    return h('p', { class: 'muted' }, t(errors.length > 0 ? 'rules.noneValid' : 'rules.noneWritten'));
  return h(
    'ol',
    { class: 'rule-words' },
    list.map((rule) =>
      h(
        'li',
        null,
        h(
          'button',
          {
            type: 'button',
            class: 'link',
            'aria-label': t('rules.toLine', { line: rule.line, name: rule.name }),
            onclick: () => jump(rule.line),
          },
          format.count(rule.line),
        ),
        h('div', null, h('strong', null, rule.name), h('p', null, local(rule.words))),
      ),
    ),
  );
}
