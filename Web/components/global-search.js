import * as api from '../app/api.js';
import { debounce, h, replace } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { href } from '../app/router.js';
import { needHref } from '../app/voice.js';
import { icon } from './icon.js';

const SAID = 5;
let nothingRead = false;

/** Finds customers, items and needs from anywhere: a combobox with a list of links. */
class GlobalSearch extends HTMLElement {
  #options = [];
  #active = -1;
  #controller = null;

  connectedCallback() {
    this.input = h('input', {
      type: 'search',
      id: 'global-search',
      role: 'combobox',
      autocomplete: 'off',
      spellcheck: 'false',
      placeholder: t('search.placeholder'),
      'aria-label': t('search.label'),
      'aria-expanded': 'false',
      'aria-controls': 'search-results',
      'aria-autocomplete': 'list',
      'aria-keyshortcuts': '/',
    });
    this.list = h('div', {
      id: 'search-results',
      role: 'listbox',
      'aria-label': t('search.results'),
      hidden: true,
    });
    replace(
      this,
      h(
        'div',
        { class: 'search' },
        icon('search'),
        this.input,
        h('kbd', { 'aria-hidden': 'true' }, '/'),
        this.list,
      ),
    );
    const ask = debounce(() => this.#ask(), 150);
    this.input.addEventListener('input', ask);
    this.input.addEventListener('keydown', (event) => this.#key(event));
    this.addEventListener('focusout', (event) => {
      if (!this.contains(event.relatedTarget)) this.#close();
    });
  }

  async #ask() {
    const text = this.input.value.trim();
    this.#controller?.abort();
    if (!text) return this.#close();
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    try {
      const [found, voice] = await Promise.all([
        api.get(['search'], { q: text }, signal),
        this.#said(text, signal),
      ]);
      if (!signal.aborted) this.#show(text, { ...found, voice });
    } catch (error) {
      if (!signal.aborted) this.#message(t('search.failed', { reason: error.message }));
    }
    return undefined;
  }

  /** The needs that customers state; none where nothing was read, which is asked only once. */
  async #said(text, signal) {
    if (nothingRead) return [];
    try {
      const { needs } = await api.get(['voice'], { query: text }, signal);
      return needs.slice(0, SAID);
    } catch (error) {
      nothingRead = Boolean(error.isNotTrained);
      return [];
    }
  }

  #show(text, { needs = [], voice = [], customers = [], items = [] }) {
    const groups = [
      [t('search.needs'), needs.map((need) => [need.label, href(['needs', need.subject_id])])],
      [t('search.voice'), voice.map((need) => [need.label, needHref(need.need_id)])],
      [
        t('search.customers'),
        customers.map((customer) => [customer.customer_id, href(['customers', customer.customer_id])]),
      ],
      [
        t('search.items'),
        items.map((item) => [`${item.title} · ${item.item_id}`, href(['items', item.item_id])]),
      ],
    ].filter(([, entries]) => entries.length > 0);
    if (groups.length === 0) return this.#message(t('search.nothing', { text }));
    this.#options = [];
    replace(
      this.list,
      groups.map(([name, entries]) =>
        h(
          'div',
          { role: 'group', 'aria-label': name },
          h('p', { class: 'unit', 'aria-hidden': 'true' }, name),
          entries.map(([label, target]) => {
            const option = h(
              'a',
              {
                href: target,
                role: 'option',
                id: `search-option-${this.#options.length}`,
                tabindex: -1,
                'aria-selected': 'false',
                onclick: () => this.#close(true),
              },
              label,
            );
            this.#options.push(option);
            return option;
          }),
        ),
      ),
    );
    this.#open();
    this.#activate(0);
    return undefined;
  }

  #message(text) {
    this.#options = [];
    replace(
      this.list,
      h('p', { class: 'unit', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' }, text),
    );
    this.#open();
  }

  #key(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves && this.#options.length > 0) {
      event.preventDefault();
      this.#activate((this.#active + moves[event.key] + this.#options.length) % this.#options.length);
    } else if (event.key === 'Enter' && this.#options[this.#active]) {
      event.preventDefault();
      this.#options[this.#active].click();
    } else if (event.key === 'Escape') {
      this.#close(true);
      this.input.blur();
    }
  }

  #activate(index) {
    this.#options[this.#active]?.setAttribute('aria-selected', 'false');
    this.#active = index;
    const option = this.#options[index];
    option?.setAttribute('aria-selected', 'true');
    option?.scrollIntoView({ block: 'nearest' });
    if (option) this.input.setAttribute('aria-activedescendant', option.id);
  }

  #open() {
    this.list.hidden = false;
    this.input.setAttribute('aria-expanded', 'true');
  }

  #close(clear = false) {
    this.#controller?.abort();
    this.list.hidden = true;
    this.#active = -1;
    this.input.setAttribute('aria-expanded', 'false');
    this.input.removeAttribute('aria-activedescendant');
    if (clear) this.input.value = '';
  }
}

customElements.define('global-search', GlobalSearch);
