import * as api from '../app/api.js';
import { h } from '../app/dom.js';
import * as format from '../app/format.js';
import { local, t, tOr } from '../app/i18n.js';
import { missingFrom, pageRequest } from '../app/page-request.js';
import { href } from '../app/router.js';
import { region } from './async-region.js';
import { askItems } from './page-request-form.js';
import { figure } from './page-slots.js';
import { pickList } from './pick-list.js';

/** “Why not …?”: an item, why it is not on the page, and the smallest changes that would bring it in. */
export function whyNot(context, store) {
  const { query } = context;
  const field = pickList({
    label: t('whyNot.item'),
    placeholder: t('recommend.itemHint'),
    ask: askItems,
    onPick: (value) => {
      context.setQuery({ wanted: value || null });
      load();
    },
  });
  field.show(query.wanted);
  const node = h(
    'div',
    { class: 'why-not', id: 'why-not' },
    field,
    region(store, 'whyNot', (answer) => (answer ? answerOf(answer) : hint()), 3),
  );
  node.load = load;
  return node;

  function load() {
    if (!query.wanted || missingFrom(query)) store.put('whyNot', null);
    else
      store
        .load('whyNot', (signal) =>
          api.post(['pages', 'why-not'], {}, { ...pageRequest(query), wanted: query.wanted }, signal),
        )
        .then(({ data }) => data && field.show(query.wanted, data.title));
  }

  function answerOf(answer) {
    const values = {
      item: answer.title || answer.item_id,
      rank: format.count(answer.rank),
      rules: (answer.rules ?? []).join(t('import.and')),
      score: figure(answer.score),
      threshold: figure(answer.threshold),
    };
    return [
      h('p', { class: 'answer' }, reasonOf(answer.because, values)),
      answer.shown ? null : changes(answer),
      h('p', null, h('a', { href: href(['items', answer.item_id]) }, t('whyNot.toItem', values))),
    ];
  }

  function changes(answer) {
    const list = answer.changes ?? [];
    return [
      list.length === 0
        ? h('p', null, t('whyNot.nothing'))
        : [
            h('h3', null, t('whyNot.changes')),
            h(
              'ol',
              { class: 'changes' },
              list.map((change) =>
                h(
                  'li',
                  null,
                  h('p', null, local(change.text)),
                  h(
                    'p',
                    { class: 'unit' },
                    t('whyNot.rankAfter', { rank: format.count(change.rank_after) }),
                    next(change),
                  ),
                ),
              ),
            ),
          ],
      answer.searched ? h('p', { class: 'unit' }, local(answer.searched)) : null,
    ];
  }

  /** The rules of the page on screen with some left out; each keeps its line, after which some are named. */
  function rulesWithout(names = []) {
    const lines = [];
    for (const rule of store.get('page')?.data?.trace?.rules ?? [])
      lines[rule.line - 1] = names.includes(rule.name) ? `# ${rule.text}` : rule.text;
    return Array.from(lines, (line) => line ?? '').join('\n');
  }

  /** Where a change can be made, or seen. */
  function next(change) {
    if (change.kind === 'rules') {
      const target = href(['recommend'], { ...query, rules: rulesWithout(change.rules) });
      return [
        ' · ',
        h('a', { href: target }, t('whyNot.withoutRules')),
        ' · ',
        h('a', { href: href(['recommend', 'rules'], { text: query.rules }) }, t('whyNot.toRules')),
      ];
    }
    if (change.kind === 'repeat_purchases') {
      const target = href(['recommend'], { ...query, repeat: 'allow' });
      return [' · ', h('a', { href: target }, t('whyNot.allowRepeats'))];
    }
    return (change.item_ids ?? []).map((id) => [' · ', h('a', { href: href(['items', id]) }, id)]);
  }
}

/** The reason in words; the server's own word for one that no message knows. */
function reasonOf(because, values) {
  const known = tOr(`whyNot.because.${because}`, null) !== null;
  return known ? t(`whyNot.because.${because}`, values) : because;
}

const hint = () => h('p', { class: 'unit' }, t('whyNot.hint'));
