// Starts the dashboard: language, shop, frame, pages, shortcuts.
import { h, replace } from './dom.js';
import * as format from './format.js';
import { currentLanguage, preferredLanguage, useLanguage } from './i18n.js';
import { usePart } from './parts.js';
import { languageInAddress, startRouter } from './router.js';
import { listenToKeys } from './shortcuts.js';
import { openShop } from './startup.js';
import { createFrame } from '../components/app-frame.js';
import { askForKey } from '../components/dialogs.js';
import { errorPanel } from '../components/state-panel.js';

const ROUTES = [
  { pattern: ['today'], section: 'today', page: () => import('../pages/today.js') },
  {
    pattern: ['needs'],
    views: ['said', 'map'],
    section: 'needs',
    page: () => import('../pages/needs-said.js'),
  },
  { pattern: ['needs'], section: 'needs', page: () => import('../pages/needs.js') },
  { pattern: ['needs', 'said', ':id'], section: 'needs', page: () => import('../pages/need-said.js') },
  { pattern: ['needs', ':subject'], section: 'needs', page: () => import('../pages/need.js') },
  { pattern: ['customers'], section: 'customers', page: () => import('../pages/customers.js') },
  {
    pattern: ['customers', ':id'],
    section: 'customers',
    part: 'interests',
    page: () => import('../pages/customer.js'),
  },
  {
    pattern: ['segments'],
    views: ['map'],
    section: 'segments',
    part: 'segments',
    page: () => import('../pages/segments-map.js'),
  },
  {
    pattern: ['segments'],
    views: ['migration'],
    section: 'segments',
    part: 'segments',
    page: () => import('../pages/segments-migration.js'),
  },
  {
    pattern: ['segments'],
    views: ['compare'],
    section: 'segments',
    part: 'segments',
    page: () => import('../pages/segments-compare.js'),
  },
  {
    pattern: ['segments'],
    views: ['rules'],
    section: 'segments',
    part: 'segments',
    page: () => import('../pages/segments-rules.js'),
  },
  {
    pattern: ['segments'],
    section: 'segments',
    part: 'segments',
    page: () => import('../pages/segments.js'),
  },
  {
    pattern: ['segments', ':id'],
    section: 'segments',
    part: 'segments',
    page: () => import('../pages/segment.js'),
  },
  {
    pattern: ['analytics'],
    section: 'analytics',
    part: 'analytics',
    page: () => import('../pages/analytics.js'),
  },
  {
    pattern: ['analytics', 'boards'],
    section: 'analytics',
    part: 'analytics',
    page: () => import('../pages/analytics-boards.js'),
  },
  {
    pattern: ['analytics', 'boards', ':id'],
    section: 'analytics',
    part: 'analytics',
    page: () => import('../pages/analytics-board.js'),
  },
  {
    pattern: ['analytics', 'cohorts'],
    section: 'analytics',
    part: 'analytics',
    page: () => import('../pages/analytics-cohorts.js'),
  },
  {
    pattern: ['analytics', 'cohorts', ':id'],
    section: 'analytics',
    part: 'analytics',
    page: () => import('../pages/analytics-cohort.js'),
  },
  {
    pattern: ['analytics', ':kind'],
    section: 'analytics',
    part: 'analytics',
    page: () => import('../pages/analytics-view.js'),
  },
  { pattern: ['voice'], section: 'voice', page: () => import('../pages/voice.js') },
  { pattern: ['voice', 'compare'], section: 'voice', page: () => import('../pages/voice-compare.js') },
  { pattern: ['voice', 'quotes'], section: 'voice', page: () => import('../pages/voice-quotes.js') },
  { pattern: ['voice', 'words'], section: 'voice', page: () => import('../pages/voice-words.js') },
  { pattern: ['voice', 'topics'], section: 'voice', page: () => import('../pages/voice-topics.js') },
  { pattern: ['voice', 'searches'], section: 'voice', page: () => import('../pages/voice-searches.js') },
  { pattern: ['items', ':id'], section: null, page: () => import('../pages/item.js') },
  { pattern: ['events'], section: null, page: () => import('../pages/events.js') },
  { pattern: ['recommend'], section: 'recommend', page: () => import('../pages/recommend.js') },
  {
    pattern: ['recommend', 'rules'],
    section: 'recommend',
    page: () => import('../pages/recommend-rules.js'),
  },
  {
    pattern: ['recommend', 'compare'],
    section: 'recommend',
    page: () => import('../pages/recommend-compare.js'),
  },
  {
    pattern: ['demand'],
    views: ['anomalies'],
    section: 'demand',
    part: 'demand',
    page: () => import('../pages/demand-anomalies.js'),
  },
  {
    pattern: ['demand'],
    views: ['needs'],
    section: 'demand',
    part: 'demand',
    page: () => import('../pages/demand-needs.js'),
  },
  { pattern: ['demand'], section: 'demand', part: 'demand', page: () => import('../pages/demand.js') },
  {
    pattern: ['demand', ':subject'],
    section: 'demand',
    part: 'demand',
    page: () => import('../pages/demand-subject.js'),
  },
  { pattern: ['restock'], section: 'restock', part: 'demand', page: () => import('../pages/restock.js') },
  { pattern: ['launch'], section: 'launch', part: 'demand', page: () => import('../pages/launch.js') },
  {
    pattern: ['campaigns'],
    section: 'campaigns',
    part: 'campaigns',
    page: () => import('../pages/campaigns.js'),
  },
  {
    pattern: ['campaigns', ':id'],
    section: 'campaigns',
    part: 'campaigns',
    page: () => import('../pages/campaign.js'),
  },
  {
    pattern: ['trends'],
    views: ['factors'],
    section: 'trends',
    part: 'demand',
    page: () => import('../pages/trends-factors.js'),
  },
  { pattern: ['trends'], section: 'trends', part: 'demand', page: () => import('../pages/trends.js') },
  { pattern: ['value'], section: 'value', part: 'value', page: () => import('../pages/value.js') },
  {
    pattern: ['patterns'],
    views: ['relations'],
    section: 'patterns',
    part: 'patterns',
    page: () => import('../pages/patterns-relations.js'),
  },
  {
    pattern: ['patterns'],
    views: ['sequences'],
    section: 'patterns',
    part: 'patterns',
    page: () => import('../pages/patterns-sequences.js'),
  },
  {
    pattern: ['patterns'],
    views: ['bundles'],
    section: 'patterns',
    part: 'patterns',
    page: () => import('../pages/patterns-bundles.js'),
  },
  {
    pattern: ['patterns'],
    views: ['orders'],
    section: 'patterns',
    part: 'patterns',
    page: () => import('../pages/patterns-orders.js'),
  },
  { pattern: ['patterns'], section: 'patterns', part: 'patterns', page: () => import('../pages/patterns.js') },
  { pattern: ['churn'], section: 'churn', part: 'churn', page: () => import('../pages/churn.js') },
  {
    pattern: ['churn', ':id'],
    section: 'churn',
    part: 'churn',
    page: () => import('../pages/churn-customer.js'),
  },
  { pattern: ['decisions', ':id'], section: 'recommend', page: () => import('../pages/decision.js') },
  { pattern: ['data'], section: 'data', page: () => import('../pages/data.js') },
  { pattern: ['data', 'import'], section: 'data', page: () => import('../pages/import.js') },
  { pattern: ['data', 'dead-letters'], section: 'data', page: () => import('../pages/dead-letters.js') },
  { pattern: ['models'], section: 'models', page: () => import('../pages/models.js') },
  { pattern: [], section: null, page: () => import('../pages/not-found.js') },
];

let frame = null;
let shop = null;
let firstView = true;

async function show(page, context) {
  const wanted = languageInAddress();
  if (wanted && preferredLanguage(wanted) !== currentLanguage()) await drawFrame(preferredLanguage(wanted));
  frame.main.setAttribute('aria-busy', 'true');
  frame.markSection(context.section);
  if (!shop) useShop(await openShop(frame.main, context.signal));
  const [module] = await Promise.all([page(), context.part ? usePart(context.part) : null]);
  if (context.signal.aborted) return;
  const root = h('div', { class: 'page' });
  replace(frame.main, root);
  frame.main.setAttribute('aria-busy', 'false');
  try {
    module.default({ ...context, root, shop, setQuery: context.setQuery });
  } catch (error) {
    replace(root, errorPanel(error));
    throw error;
  }
  if (!firstView) {
    window.scrollTo(0, 0);
    root.querySelector('h1')?.focus({ preventScroll: true });
  }
  firstView = false;
}

/** The frame names the shop; without it the pages still show their own states. */
function useShop(facts) {
  if (!facts) return;
  shop = facts;
  format.useShop(shop);
  frame.showShop(shop);
}

async function drawFrame(language) {
  await useLanguage(language);
  frame = createFrame({ onLanguage: changeLanguage });
  document.body.replaceChildren(frame.root);
  if (shop) frame.showShop(shop);
}

async function changeLanguage(language) {
  await drawFrame(language);
  await redraw();
  document.querySelector('[data-action="language"]').focus();
}

const redraw = startRouter(ROUTES, show);

window.addEventListener('lode:key-needed', () => askForKey(redraw));
listenToKeys();
await drawFrame(preferredLanguage(languageInAddress()));
await redraw();
