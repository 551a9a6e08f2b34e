// The language of the screen: `lang` in the address wins, then what was chosen before, then the browser's.

const SUPPORTED = ['en', 'zh'];
const STORAGE_KEY = 'lode.language';

let language = 'en';
let messages = {};
let parts = new Set();
let plurals = new Intl.PluralRules('en');

/** The language now shown: `en` or `zh`. */
export function currentLanguage() {
  return language;
}

/** The BCP 47 tag for `Intl` and the `lang` attribute. */
export function locale() {
  return language === 'zh' ? 'zh-CN' : 'en-US';
}

/** Decides the language from the address, the stored choice and the browser, in this order. */
export function preferredLanguage(addressLanguage) {
  const candidates = [addressLanguage, stored(), ...navigator.languages];
  for (const candidate of candidates) {
    const short = (candidate ?? '').slice(0, 2).toLowerCase();
    if (SUPPORTED.includes(short)) return short;
  }
  return 'en';
}

/** Loads the messages of `wanted` and marks the document with it. */
export async function useLanguage(wanted) {
  const response = await fetch(`/messages/${wanted}.json`);
  messages = await response.json();
  parts = new Set();
  language = wanted;
  plurals = new Intl.PluralRules(locale());
  document.documentElement.lang = locale();
}

/** Adds the messages that only some pages need, once for each language. */
export async function useMessages(part) {
  const wanted = language;
  if (parts.has(part)) return;
  const response = await fetch(`/messages/${part}/${wanted}.json`);
  const more = await response.json();
  // The language may have changed meanwhile; the page that is drawn then asks again.
  if (wanted !== language) return;
  Object.assign(messages, more);
  parts.add(part);
}

/** Remembers the user's choice for the next visit. */
export function rememberLanguage(wanted) {
  localStorage.setItem(STORAGE_KEY, wanted);
}

/** The message for `key`, with `{name}` replaced; `values.count` chooses between “one | many”. */
export function t(key, values = {}) {
  let message = messages[key];
  if (message === undefined) {
    console.error(`No message for “${key}” in ${language}`);
    return key;
  }
  // A plural message reads “one | many”; a language without plurals writes one form.
  const [one, many] = message.split(' | ');
  if (many !== undefined) message = plurals.select(values.count) === 'one' ? one : many;
  return message.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(locale()).format(value) : String(value);
  });
}

/** The message for `key`, or `fallback` where the shop's data has a name that no message knows. */
export function tOr(key, fallback) {
  return key in messages ? t(key) : fallback;
}

/** Picks this language's text from `{en, zh}`; a plain string passes through. */
export function local(text) {
  if (text === null || text === undefined) return '';
  return typeof text === 'object' ? (text[language] ?? text.en ?? '') : String(text);
}

/** The sentences of a text one by one, so that the first can lead. */
export function splitSentences(text) {
  const parts = new Intl.Segmenter(locale(), { granularity: 'sentence' }).segment(text);
  return [...parts].map((part) => part.segment.trim()).filter(Boolean);
}

function stored() {
  return localStorage.getItem(STORAGE_KEY);
}
