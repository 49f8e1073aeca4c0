import { type Delivery, DependencyAway, type EventHandler, UnprocessableEvent } from '@platen/chassis/bus/bus';
import type { Logger } from '@platen/chassis/log/logger';
import { currentTraceparent, inSpan } from '@platen/chassis/tracing/current';
import type { Tracing } from '@platen/chassis/tracing/tracing';
import { createChecker } from '@platen/chassis/validation/checker';
import { explainFailure } from '@platen/chassis/worker-process/failures';
import { jobEvents } from '@platen/schema/events/job';
import type { JobKind } from '@platen/schema/states/job';
import type { DataInternalClient } from '@platen/sdk/internal';
import { v7 as uuidv7 } from 'uuid';
import { createPlaces } from './places.js';
import type { JobProcessors, JobScope } from './processor.js';
import { type JobEnd, type JobToRun, runJob } from './run-job.js';

export interface RunnerDeps {
  readonly jobs: DataInternalClient['jobs'];
  readonly processors: JobProcessors;
  /** Jobs that run here at once. */
  readonly places: number;
  readonly leaseSeconds: number;
  readonly log: Logger;
  readonly tracing?: Tracing | null;
  readonly observer?: JobObserver;
}

export interface JobObserver {
  started(kind: JobKind): void;
  ended(kind: JobKind, how: JobEnd): void;
}

export interface JobRunner {
  /** Handles `erp.job.queued`: done when the job is claimed or not to be had, long before it has run. */
  readonly queued: EventHandler;
  running(): number;
  /** Gives up what runs, so that another goes on at once. */
  stop(): Promise<void>;
}

const queuedData = createChecker(jobEvents['erp.job.queued']);

/** Takes up queued jobs as there is room for them, and runs each with the processor of its kind. */
export function createJobRunner(deps: RunnerDeps): JobRunner {
  const { jobs, processors, leaseSeconds } = deps;
  const owner = uuidv7();
  const places = createPlaces(deps.places);
  const running = new Map<string, { readonly ending: AbortController; readonly ended: Promise<void> }>();
  const taking = new Set<string>();

  async function take({ event, signal }: Delivery): Promise<void> {
    if (!queuedData.check(event.data)) throw new UnprocessableEvent('the data is not of its type');
    if (event.organizationid === null) throw new UnprocessableEvent('the event names no organization');
    const { job_id: id, kind } = event.data;
    const processor = processors[kind];
    // Of another kind of worker. One that it has already would be claimed again by whoever owns it: this process.
    if (processor === undefined || running.has(id) || taking.has(id)) return;
    const scope = { tenant_id: event.tenantid, organization_id: event.organizationid, workspace_id: event.workspaceid };
    taking.add(id);
    try {
      await places.take();
      const claimed = await claim(id, scope, event.correlationid, signal);
      if (claimed === null) places.free();
      else
        start({
          ...claimed,
          scope,
          owner,
          correlationId: event.correlationid,
          processor,
          ending: new AbortController(),
        });
    } finally {
      taking.delete(id);
    }
  }

  /** Frees the place when it fails. */
  async function claim(id: string, scope: JobScope, correlationId: string, signal: AbortSignal) {
    const call = { correlationId, signal };
    try {
      const { job } = await jobs.claim({ ...scope, id, owner, lease_seconds: leaseSeconds }, call);
      return job === null ? null : { job: { ...job, id } };
    } catch (error) {
      // Deleted since: nobody waits for it.
      if (jobs.claim.isError(error) && error.code === 'not_found') return null;
      places.free();
      throw explainFailure(error);
    }
  }

  function start(toRun: JobToRun): void {
    const { id, kind } = toRun.job;
    deps.observer?.started(kind);
    const ended = inSpan(deps.tracing ?? null, spanOf(toRun), async () => {
      // Outside of the call: where nobody observes, its arguments are not evaluated.
      const outcome = await runJob(deps, toRun);
      deps.observer?.ended(kind, outcome);
    }).finally(() => {
      running.delete(id);
      places.free();
    });
    running.set(id, { ending: toRun.ending, ended });
    if (places.isClosed) toRun.ending.abort('drained');
  }

  return {
    queued: take,
    running: () => running.size,
    async stop() {
      places.close(new DependencyAway('this worker stops'));
      for (const { ending } of running.values()) ending.abort('drained');
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}

/** Under the handling of the event that it was taken up for, which is long over when it ends. */
const spanOf = ({ job, scope, correlationId }: JobToRun) =>
  ({
    name: `job ${job.kind}`,
    kind: 'internal',
    parent: currentTraceparent(),
    attributes: {
      'platen.job.id': job.id,
      'platen.job.kind': job.kind,
      'platen.job.attempt': job.attempt,
      'platen.tenant.id': scope.tenant_id,
      'platen.correlation.id': correlationId,
    },
  }) as const;
