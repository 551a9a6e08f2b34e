// Forecasting: the button that starts it, and what stands in place of a page that rests on forecasts before the first time.
import { orNotRun, runControl } from './model-run.js';

const RUN = { kind: 'demand', parts: ['demand', 'forecasting'], action: 'forecast' };

/** A button that starts the forecasts, and the job in its place; `onDone` runs when it has ended well. */
export const forecastControl = (context, onDone, options) => runControl(context, RUN, onDone, options);

/** Shows the way to the first forecast in place of a page, when there is none yet. */
export const orNoForecast = (loading, context, page, draw) =>
  orNotRun(loading, context, { ...page, run: RUN }, draw);
