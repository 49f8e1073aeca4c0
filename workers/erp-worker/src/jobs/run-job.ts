import { setTimeout as delay } from 'node:timers/promises';
import { withScope } from '@platen/chassis/log/logger';
import type { JobResult } from '@platen/schema/contracts/data/job-shapes';
import { explainJobFailure, isJobLost } from './failures.js';
import type { ClaimedJob, JobProcessor, JobRun, JobScope } from './processor.js';
import { startReporter } from './reporter.js';
import type { RunnerDeps } from './runner.js';

/** Why a job is to end before it is done. */
export type EndReason = 'cancelled' | 'lost' | 'drained';

/** How long a processor that was told to end is waited for: what it still does afterwards is refused by its attempt. */
const graceMs = 5_000;
const retryMs = 500;

export type JobEnd = 'done' | 'failed' | EndReason;

export interface JobToRun {
  readonly job: ClaimedJob;
  readonly scope: JobScope;
  readonly owner: string;
  readonly correlationId: string;
  readonly processor: JobProcessor;
  /** Its reason is an `EndReason`. */
  readonly ending: AbortController;
}

type Outcome =
  | { readonly kind: 'done'; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly error: unknown };

/** One attempt, from the claim to its end in the plane. Never rejects. */
export async function runJob({ jobs, log: parent }: RunnerDeps, toRun: JobToRun): Promise<JobEnd> {
  const { job, scope, owner, correlationId, processor, ending } = toRun;
  const { signal } = ending;
  const holder = { owner, attempt: job.attempt };
  const named = { ...scope, ...holder, id: job.id };
  const log = withScope(parent, {
    correlationId,
    tenantId: scope.tenant_id,
    context: { organization_id: scope.organization_id, workspace_id: scope.workspace_id, user_id: job.requested_by },
  });
  const facts = { job_id: job.id, job_kind: job.kind, attempt: job.attempt };
  const end = (reason: EndReason) => ending.abort(reason);
  const call = { correlationId, deadlineMs: (job.lease_seconds * 1_000) / 3 };
  const reporter = startReporter({
    leaseSeconds: job.lease_seconds,
    send: (progress) => jobs.progress({ ...named, ...progress, lease_seconds: job.lease_seconds }, call),
    onCancel: () => end('cancelled'),
    onLost: () => end('lost'),
  });
  const run: JobRun = {
    signal,
    scope,
    holder,
    correlationId,
    log,
    progress(done, total, cursor) {
      reporter.say({
        progress: done,
        ...(total !== undefined && { progress_total: total }),
        ...(cursor !== undefined && { cursor }),
      });
    },
  };
  const outcome = await settle(processor, job, run);
  await reporter.stop();
  const reason = signal.aborted ? (signal.reason as EndReason) : null; // only `end` and the runner abort it
  try {
    await untilAnswered(job.lease_seconds, async () => {
      // A next attempt goes on from there, and whoever reads it sees that all of it was done.
      if (outcome.kind === 'done' || reason === null) await reporter.tellRest();
      if (outcome.kind === 'done') return jobs.complete({ ...named, result: outcome.result }, call);
      if (reason === 'lost') return;
      if (reason !== null) return jobs.release({ ...named, ...reporter.latest }, call);
      return jobs.fail({ ...named, ...explainJobFailure(outcome.error) }, call);
    });
    if (outcome.kind === 'done') log.info(facts, 'job done');
    else if (reason !== null) log.info({ ...facts, reason }, 'job given up');
    else log.warn({ ...facts, error: outcome.error }, 'job failed');
  } catch (error) {
    log.warn({ ...facts, error }, 'how the job ended could not be told: its lease says it');
  }
  return outcome.kind === 'done' ? 'done' : (reason ?? 'failed');
}

async function settle(processor: JobProcessor, job: ClaimedJob, run: JobRun): Promise<Outcome> {
  const running = (async (): Promise<Outcome> => {
    try {
      return { kind: 'done', result: await processor.run(job, run) };
    } catch (error) {
      return { kind: 'failed', error };
    }
  })();
  const over = new AbortController();
  const abandoned = (async (): Promise<Outcome> => {
    await new Promise((resolve) => run.signal.addEventListener('abort', resolve, { once: true, signal: over.signal }));
    await delay(graceMs, undefined, { signal: over.signal }).catch(() => undefined);
    return { kind: 'failed', error: run.signal.reason };
  })();
  const outcome = await Promise.race([running, abandoned]);
  over.abort();
  return outcome;
}

/** As long as the lease lasts; a plane that is away longer gives the job to another. */
async function untilAnswered(leaseSeconds: number, call: () => Promise<unknown>): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    try {
      await call();
      return;
    } catch (error) {
      const isOver = performance.now() - startedMs > leaseSeconds * 1_000;
      const { retry } = explainJobFailure(error);
      if (isJobLost(error) || isOver || !retry) throw error;
      await delay(retryMs);
    }
  }
}
