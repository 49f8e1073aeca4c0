import type { EventOrigin } from '@platen/chassis/bus/outbox';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { JobResult } from '@platen/schema/contracts/data/job-shapes';
import type { JobKind } from '@platen/schema/states/job';
import type { JsonRow } from '../../stored-json.js';
import { countPlaces, lockPlaces, maxOpenJobs } from './places.js';
import { findJobByEvent, insertJob } from './repo.js';
import { tellMove } from './tell.js';

/** The context of a request, or of an event that asks for a job: then nobody is its principal. */
export type JobOrigin = EventOrigin & { readonly principal?: { readonly id: string } | null };

export interface JobRequest {
  readonly kind: JobKind;
  /** What a list of jobs calls it. */
  readonly title: string;
  /** For its processor, by whose shape it was checked. */
  readonly payload: object;
  /** Of what the result is made: lower-case hex of a SHA-256. */
  readonly contentHash?: string;
  /** How many items there are, where that is known. */
  readonly totalHint?: number;
  /** Of jobs with the same, one runs at a time. */
  readonly exclusiveKey?: string;
  /** The event that asks for it: the second time it finds the job of the first. */
  readonly eventId?: string;
  /** What is there already: the job is done when it is asked for. */
  readonly result?: JobResult;
}

/** The job as the response shows it. */
export type RequestedJob = JsonRow & { readonly id: string; readonly isNew: boolean };

const maxTitleLength = 200;

/**
 * A job, its event and its due work, in the transaction of whoever wants it. Last in there: it holds a lock over all jobs
 * of the tenant until the end.
 * @throws AppError context_required, busy when the tenant has too many open jobs
 */
export async function requestJob(tx: Tx, origin: JobOrigin, wanted: JobRequest): Promise<RequestedJob> {
  const { tenant, organizationId, workspaceId } = origin;
  if (organizationId === null) throw new AppError('context_required');
  await lockPlaces(tx, tenant.id);
  if (wanted.eventId !== undefined) {
    const known = await findJobByEvent(tx, wanted.eventId, wanted.kind);
    if (known) return { ...known, isNew: false };
  }
  if (wanted.result === undefined) await requirePlace(tx, tenant.id);
  const job = await insertJob(tx, {
    tenantId: tenant.id,
    organizationId,
    workspaceId,
    id: origin.newId(),
    kind: wanted.kind,
    title: wanted.title.slice(0, maxTitleLength),
    requestedBy: origin.principal?.id ?? null,
    requestedByEvent: wanted.eventId ?? null,
    payload: wanted.payload,
    contentHash: wanted.contentHash ?? null,
    exclusiveKey: wanted.exclusiveKey ?? null,
    progressTotal: wanted.totalHint ?? null,
    result: wanted.result ?? null,
    correlationId: origin.correlationId,
    traceparent: origin.traceparent,
  });
  if (!job) throw new AppError('conflict', 'The event has asked for this job in another workspace');
  tellMove(tx, origin, job);
  return { id: job.id, json: job.json, version: job.version, isNew: true };
}

/** @throws AppError busy */
export async function requirePlace(tx: Tx, tenantId: string): Promise<void> {
  const { open } = await countPlaces(tx, tenantId);
  if (open >= maxOpenJobs) throw new AppError('busy', `${open} jobs are open already`, { retryAfterSeconds: 30 });
}
