import { insertEvent, type NewEvent } from '@platen/chassis/bus/outbox';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { JobState, productionJobEvents } from '@platen/schema/events/production-job';
import type { JobEventKind } from '@platen/schema/states/production-job';
import { actorOf } from '../documents/index.js';
import type { ActorCtx } from '../module.js';
import { type JobRow, updateJob } from './jobs-repo.js';

/** Pieces of one size. */
export interface SizePieces {
  readonly variant_id: string;
  readonly quantity: number;
}

export interface HistoryEntry {
  readonly kind: JobEventKind;
  readonly fromStageId?: string;
  readonly toStageId?: string;
  readonly quantity?: number;
  readonly sizes?: readonly SizePieces[];
  readonly reason?: string;
}

const insertEntry = statement<never>(
  'production.insert_history',
  `insert into erp_production_job_events (tenant_id, organization_id, workspace_id, id, job_id, kind, from_stage_id,
    to_stage_id, quantity, sizes, reason, made_by, created_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12, $13)`,
);

export function insertHistory(tx: Tx, ctx: ActorCtx, job: JobRow, entry: HistoryEntry): void {
  tx.defer(insertEntry, [
    ctx.tenant.id,
    ctx.organizationId,
    job.workspace_id,
    ctx.newId(),
    job.id,
    entry.kind,
    entry.fromStageId ?? null,
    entry.toStageId ?? null,
    entry.quantity ?? null,
    entry.sizes ? JSON.stringify(entry.sizes) : null,
    entry.reason ?? null,
    actorOf(ctx),
    ctx.now(),
  ]);
}

export const stateOf = (job: JobRow): JobState => ({
  job_id: job.id,
  version: job.version,
  number: job.number,
  status: job.status,
  order_id: job.order_id,
  order_line_id: job.order_line_id,
  stage_id: job.stage_id,
  rank: job.rank,
  priority: job.priority,
  due_on: job.due_on,
  quantity: job.quantity,
  quantity_done: job.quantity_done,
  quantity_scrapped: job.quantity_scrapped,
  reprint_of: job.reprint_of,
  machine: machineOf(job),
});

const machineOf = ({ device_id, device_name, cycle_seconds, expected_end_at }: JobRow): JobState['machine'] =>
  device_id === null ? null : { device_id, name: device_name ?? '', cycle_seconds, expected_end_at };

/** The event is seen where the job is: whoever acts for the whole organization tells the job's workspace only. */
export function tell<T extends keyof typeof productionJobEvents>(
  tx: Tx,
  ctx: ActorCtx,
  workspaceId: string | null,
  event: NewEvent<T>,
): void {
  const { tenant, organizationId, correlationId, traceparent } = ctx;
  const origin = { tenant, organizationId, workspaceId, correlationId, traceparent, newId: () => ctx.newId() };
  insertEvent(tx, origin, event);
}

/** The locked job with these changes, as its next version; with its place in the history if it has one. The caller tells of it. */
export function writeChange(
  tx: Tx,
  ctx: ActorCtx,
  job: JobRow,
  changes: Partial<Omit<JobRow, 'id' | 'version'>>,
  entry: HistoryEntry | null,
): JobRow {
  const changed = { ...job, ...changes, version: job.version + 1 };
  updateJob(tx, changed, ctx.now());
  if (entry) insertHistory(tx, ctx, changed, entry);
  return changed;
}
