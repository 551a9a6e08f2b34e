// Launch: how will a new product sell, when should it start, and who should hear of it first?
import * as api from '../app/api.js';
import { h, replace } from '../app/dom.js';
import { t } from '../app/i18n.js';
import { createStore } from '../app/store.js';
import { region } from '../components/async-region.js';
import { launchForm } from '../components/launch-form.js';
import { launchList } from '../components/launch-list.js';
import { launchPlan } from '../components/launch-plan.js';
import { orNoForecast } from '../components/demand-run.js';
import { pageHead, section, sentences, showPage } from '../components/page-frame.js';

const WEEKS = 12;

/** Draws the page. */
export default function launch(context) {
  const { query } = context;
  const store = createStore(context.signal);
  const title = t('nav.launch');
  const place = h('div', { class: 'stack', id: 'launch-plan' });
  const isAsked = () => Boolean(query.title && query.category);
  const plan = () => {
    if (!isAsked()) return replace(place);
    // A region that has shown an earlier plan keeps it, dimmed, until the new one is there.
    if (!place.hasChildNodes()) replace(place, region(store, 'plan', (data) => launchPlan(data, query), 12));
    const loading = store.load('plan', (signal) => api.post(['launches', 'plan'], {}, request(query), signal));
    orNoForecast(loading, context, { title }, () => launch(context));
    return loading;
  };
  const recent = launchList(context, store);
  showPage(
    context.root,
    title,
    pageHead({ title, csv: { parts: ['launches'], name: 'launches' } }),
    sentences([t('launch.lead')]),
    section(
      t('launch.form'),
      launchForm(context, (patch) => {
        context.setQuery(patch);
        Promise.resolve(plan()).then(() => place.scrollIntoView({ block: 'start' }));
      }),
    ),
    place,
    recent.node,
  );
  plan();
  recent.load();
}

/** What the server is asked: only what was filled in. */
function request(query) {
  const body = { title: query.title, category: query.category, weeks: Number(query.weeks) || WEEKS };
  if (query.brand) body.brand = query.brand;
  if (query.price) body.price = Number(query.price);
  return body;
}
