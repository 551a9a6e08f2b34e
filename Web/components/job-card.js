import * as api from '../app/api.js';
import { h, replace } from '../app/dom.js';
import * as format from '../app/format.js';
import { t, tOr } from '../app/i18n.js';
import { tag } from './marks.js';
import { notify } from './notice.js';

/** The kinds for which there is something to do once one has failed. */
const KINDS = ['import', 'training', 'voice', 'demand', 'segments', 'value', 'patterns', 'churn'];
const TONES = { failed: 'warn', succeeded: 'good', running: 'busy' };

/** A job as it runs: stage, progress, what it measured, and the way to stop it. Emits `job-end`. */
class JobCard extends HTMLElement {
  #controller = null;

  set job(job) {
    this.current = job;
    if (this.isConnected) this.#follow();
  }

  connectedCallback() {
    if (this.current) this.#follow();
  }

  disconnectedCallback() {
    this.#controller?.abort();
  }

  async #follow() {
    this.#draw();
    if (api.isOver(this.current)) return;
    this.#controller?.abort();
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    try {
      await api.followJob(
        this.current.job_id,
        (job) => {
          this.current = job;
          this.#draw();
        },
        signal,
      );
      if (!signal.aborted)
        this.dispatchEvent(new CustomEvent('job-end', { bubbles: true, detail: this.current }));
    } catch (error) {
      if (!signal.aborted) notify(t('jobs.followFailed', { reason: error.message }), 'error');
    }
  }

  #draw() {
    const job = this.current;
    const over = api.isOver(job);
    const stage = job.stage && tOr(`jobs.stage.${job.kind}.${job.step}`, job.stage);
    if (!this.progress) {
      this.progress = h('progress', { max: 1, 'aria-label': t('jobs.progress') });
      this.cancel = h(
        'button',
        { type: 'button', 'data-action': 'cancel-job', onclick: () => this.#cancel() },
        t('jobs.cancel'),
      );
      this.text = h('div', { class: 'job-text' });
      replace(this, this.text, this.progress, this.cancel);
    }
    this.progress.value = over && job.status === 'succeeded' ? 1 : (job.fraction ?? 0);
    this.progress.hidden = over;
    this.cancel.hidden = over;
    this.dataset.status = job.status;
    replace(
      this.text,
      h(
        'p',
        null,
        h('strong', null, tOr(`jobs.kind.${job.kind}`, job.kind)),
        ' ',
        tag(tOr(`jobs.status.${job.status}`, job.status), TONES[job.status]),
      ),
      over
        ? null
        : h(
            'p',
            { class: 'unit' },
            stage
              ? t('jobs.stage', { stage, step: job.step ?? 0, total: job.total_steps ?? 0 })
              : t('jobs.waiting'),
            ` · ${format.percent(job.fraction ?? 0, 0)}`,
          ),
      h(
        'p',
        { class: 'unit' },
        [format.dateTime(job.started_at ?? job.created_at), jobSeconds(job)].filter(Boolean).join(' · '),
      ),
      job.error ? h('p', { class: 'warn-text' }, job.error) : null,
      job.status === 'failed' && KINDS.includes(job.kind) ? h('p', null, t(`jobs.next.${job.kind}`)) : null,
      jobFigures(job),
    );
  }

  async #cancel() {
    // A step that has begun may have to end first; the button says that it was heard.
    this.cancel.disabled = true;
    replace(this.cancel, t('jobs.cancelling'));
    try {
      await api.post(['jobs', this.current.job_id, 'cancel']);
    } catch (error) {
      notify(error.message, 'error');
      this.cancel.disabled = false;
      replace(this.cancel, t('jobs.cancel'));
    }
  }
}

/** The plain numbers that a job measured or ended with, on one line. */
function jobFigures(job) {
  const numbers = Object.entries({ ...job.metrics, ...job.result })
    .filter(([, value]) => typeof value === 'number')
    .slice(0, 8);
  if (numbers.length === 0) return null;
  return h(
    'p',
    { class: 'unit' },
    numbers
      .map(
        ([name, value]) =>
          `${tOr(`metric.${name}`, name.replaceAll('_', ' '))} ${
            Number.isInteger(value) ? format.count(value) : format.decimal(value, 4)
          }`,
      )
      .join(' · '),
  );
}

function jobSeconds(job) {
  if (!job.started_at || !job.finished_at) return null;
  return format.duration((new Date(job.finished_at) - new Date(job.started_at)) / 1000);
}

customElements.define('job-card', JobCard);

/** A `<job-card>` following `job`. */
export function jobCard(job) {
  return h('job-card', { '.job': job });
}
