import { type EventOrigin, insertEvent } from '@platen/chassis/bus/outbox';
import type { Tx } from '@platen/chassis/db/types';
import { type DueEntry, replaceDueWork } from '@platen/chassis/due-work/entries';
import type { jobEvents } from '@platen/schema/events/job';
import type { JobStatus } from '@platen/schema/states/job';
import { jobDue } from './places.js';
import type { JobRow } from './repo.js';

/** A queued job that nobody took up is announced again, each time after twice as long. */
export const announceAgainSeconds = 60;

export const eventOf = {
  queued: 'erp.job.queued',
  running: 'erp.job.started',
  succeeded: 'erp.job.succeeded',
  failed: 'erp.job.failed',
  cancelled: 'erp.job.cancelled',
} as const satisfies Record<JobStatus, keyof typeof jobEvents>;

/** Of whoever tells it. */
export interface Ids {
  newId(): string;
}

const originOf = (job: JobRow, ids: Ids): EventOrigin => ({
  correlationId: job.correlation_id,
  traceparent: job.traceparent,
  tenant: { id: job.tenant_id },
  organizationId: job.organization_id,
  workspaceId: job.workspace_id,
  newId: () => ids.newId(),
});

/** An event of the job as it is now, whose row is locked; by default of the state that it is in. */
export function tell(
  tx: Pick<Tx, 'defer'>,
  ids: Ids,
  job: JobRow,
  type: keyof typeof jobEvents = eventOf[job.status],
): void {
  const { version, kind, status, attempts, progress, progress_total } = job;
  const data = { job_id: job.id, version, kind, status, attempts, progress, progress_total };
  insertEvent(tx, originOf(job, ids), { type, aggregateId: job.id, data });
}

export const dueEntryOf = (job: JobRow, kind: string): DueEntry => ({
  tenantId: job.tenant_id,
  id: job.id,
  organizationId: job.organization_id,
  workspaceId: job.workspace_id,
  kind,
  refId: job.id,
});

/** When somebody has to look at the job again. */
export function schedule(tx: Pick<Tx, 'defer'>, job: JobRow): void {
  if (job.status === 'queued') {
    const inSeconds = job.run_in > 0 ? job.run_in : announceAgainSeconds;
    replaceDueWork(tx, dueEntryOf(job, jobDue.queued), { inSeconds });
  } else if (job.status === 'running') {
    replaceDueWork(tx, dueEntryOf(job, jobDue.running), { inSeconds: job.lease_left ?? 0 });
  } else replaceDueWork(tx, dueEntryOf(job, jobDue.finished), { inSeconds: job.expires_in ?? 0 });
}

/** A job that was moved: its event, and what is due of it. */
export function tellMove(tx: Pick<Tx, 'defer'>, ids: Ids, job: JobRow): void {
  tell(tx, ids, job);
  schedule(tx, job);
}
