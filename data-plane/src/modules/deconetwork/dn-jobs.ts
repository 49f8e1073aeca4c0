import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { createChecker } from '@platen/chassis/validation/checker';
import { DnJobPayload } from '@platen/schema/contracts/internal/deconetwork';
import type { DnImportTask, DnReadKind, DnTask } from '@platen/schema/states/deconetwork';
import type { JobStatus } from '@platen/schema/states/job';
import { type JobOrigin, type RequestedJob, requestJob } from '../jobs/index.js';

/** Whose job it is: its jobs are of its own workspace, in whichever context somebody asks for them. */
export interface JobConnection {
  readonly id: string;
  readonly name: string;
  readonly workspace_id: string | null;
}

/** What a job that leaves rows is to do with records. */
export interface DnImportRequest {
  readonly task: DnImportTask;
  readonly kinds: readonly DnReadKind[];
  readonly createMissing?: readonly string[];
  readonly dryRun?: boolean;
  readonly ofJobId?: string;
  readonly modifiedFrom?: string | null;
  readonly modifiedTo?: string | null;
  readonly totalHint?: number;
}
export type DnJobRequest = DnImportRequest | { readonly task: Exclude<DnTask, DnImportTask> };

const payloads = createChecker(DnJobPayload);
/** What a job is to do at which connection; undefined: it is of another kind. */
export const dnPayloadOf = (job: { readonly kind: string; readonly payload: unknown }): DnJobPayload | undefined =>
  job.kind === 'dn_sync' && payloads.check(job.payload) ? job.payload : undefined;

/** One of a connection's runs at a time: one call in flight at its site. */
export const exclusiveKeyOf = (connectionId: string): string => `dn:${connectionId}`;

const titles: Readonly<Record<DnTask, string>> = {
  test: 'Test of the connection to',
  import: 'Import from',
  sync: 'Synchronization with',
  retry: 'Rows tried again, of',
  undo: 'Import undone, of',
  compare: 'Comparison with',
  write: 'Writes to',
};

const insertImport = statement<never>(
  'dn.insert_import_job',
  `insert into dn_import_jobs (tenant_id, organization_id, workspace_id, id, connection_id, task, of_job_id, dry_run, kinds,
     create_missing, modified_from, modified_to)
   values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6, $7::uuid, $8, $9::jsonb, $10::jsonb, $11::timestamptz,
     $12::timestamptz)`,
);

/**
 * A job of the kind `dn_sync`, in the transaction of whoever wants it; last in there.
 * @throws AppError context_required, busy when the tenant has too many open jobs
 */
export async function requestDnJob(
  tx: Tx,
  origin: JobOrigin,
  connection: JobConnection,
  wanted: DnJobRequest,
): Promise<RequestedJob> {
  const { tenant, organizationId, correlationId, traceparent, principal = null } = origin;
  const { id: connectionId, name, workspace_id: workspaceId } = connection;
  const job = await requestJob(
    tx,
    { tenant, organizationId, workspaceId, correlationId, traceparent, principal, newId: () => origin.newId() },
    {
      kind: 'dn_sync',
      title: `${titles[wanted.task]} ${name}`,
      payload: { task: wanted.task, connection_id: connectionId },
      exclusiveKey: exclusiveKeyOf(connectionId),
      ...('totalHint' in wanted && wanted.totalHint !== undefined && { totalHint: wanted.totalHint }),
    },
  );
  if ('kinds' in wanted) {
    tx.defer(insertImport, [
      tenant.id,
      organizationId,
      workspaceId,
      job.id,
      connectionId,
      wanted.task,
      wanted.ofJobId ?? null,
      wanted.dryRun ?? false,
      JSON.stringify(wanted.kinds),
      JSON.stringify(wanted.createMissing ?? []),
      wanted.modifiedFrom ?? null,
      wanted.modifiedTo ?? null,
    ]);
  }
  return job;
}

export interface OpenDnJob {
  readonly id: string;
  readonly task: DnTask;
  readonly status: JobStatus;
}
const selectOpen = statement<OpenDnJob>(
  'dn.list_open_jobs',
  `select id, payload ->> 'task' as task, status from erp_jobs
   where finished_at is null and exclusive_key = $1 order by created_at, id`,
);
/** Queued and running ones of the connection, the oldest first. */
export const listOpenDnJobs = (db: Queryable, connectionId: string): Promise<OpenDnJob[]> =>
  db.query(selectOpen, [exclusiveKeyOf(connectionId)]);
