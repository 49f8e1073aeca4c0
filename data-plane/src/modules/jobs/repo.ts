import { statement } from '@platen/chassis/db/statement';
import type { ColumnParser, Queryable, Tx } from '@platen/chassis/db/types';
import { jobs } from '@platen/schema/contracts/data/jobs';
import type { JobKind, JobStatus } from '@platen/schema/states/job';
import type { JsonRow } from '../../stored-json.js';
import { parseJsonRow } from '../../stored-json.js';
import { newestFirst } from '../documents/index.js';
import { jobJson } from './json.js';

export const listJobs = newestFirst({
  contract: jobs.list,
  table: 'erp_jobs',
  item: jobJson,
  filters: { kind: 'text', status: 'text', requested_by: 'uuid' },
});

const find = statement<JsonRow>(
  'job.find',
  `select ${jobJson} as json, t.version from erp_jobs t where t.id = $1::uuid`,
  { parse: parseJsonRow },
);
export const findJob = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

/** A job as those who move it need it. */
export interface JobRow {
  readonly tenant_id: string;
  readonly organization_id: string;
  readonly workspace_id: string | null;
  readonly id: string;
  readonly kind: JobKind;
  readonly status: JobStatus;
  readonly title: string;
  readonly requested_by: string | null;
  readonly payload: unknown;
  readonly progress: number;
  readonly progress_total: number | null;
  readonly cursor: string | null;
  readonly attempts: number;
  readonly failures: number;
  readonly lease_owner: string | null;
  readonly is_cancelling: boolean;
  readonly run_after: string;
  /** Seconds until `run_after`, `lease_until` and `expires_at`, by the database's clock; null where there is none. */
  readonly run_in: number;
  readonly lease_left: number | null;
  readonly expires_in: number | null;
  readonly correlation_id: string;
  readonly traceparent: string | null;
  readonly version: number;
  readonly json: string;
}
const number: ColumnParser = (text) => Number(text);
export const parseJobRow = {
  payload: 'json',
  progress: 'int',
  progress_total: 'int',
  attempts: 'int',
  failures: 'int',
  is_cancelling: 'bool',
  run_in: number,
  lease_left: number,
  expires_in: number,
  version: 'int',
} as const satisfies Readonly<Record<string, ColumnParser>>;

const secondsUntil = (column: string) => `extract(epoch from t.${column} - clock_timestamp())::float8`;
/** Columns of a JobRow, over the alias `t`. */
export const jobRow = `t.tenant_id, t.organization_id, t.workspace_id, t.id, t.kind, t.status, t.title, t.requested_by,
  t.payload, t.progress, t.progress_total, t.cursor, t.attempts, t.failures, t.lease_owner,
  t.cancel_requested_at is not null as is_cancelling,
  to_char(t.run_after, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as run_after, ${secondsUntil('run_after')} as run_in,
  ${secondsUntil('lease_until')} as lease_left, ${secondsUntil('expires_at')} as expires_in,
  t.correlation_id, t.traceparent, t.version, ${jobJson} as json`;

const lock = statement<JobRow>('job.lock', `select ${jobRow} from erp_jobs t where t.id = $1::uuid for update`, {
  parse: parseJobRow,
});
export const lockJob = async (tx: Tx, id: string): Promise<JobRow | undefined> => (await tx.query(lock, [id]))[0];

export interface NewJob {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly workspaceId: string | null;
  readonly id: string;
  readonly kind: JobKind;
  readonly title: string;
  readonly requestedBy: string | null;
  readonly requestedByEvent: string | null;
  readonly payload: object;
  readonly contentHash: string | null;
  readonly exclusiveKey: string | null;
  readonly progressTotal: number | null;
  /** Of what is there already: the job is done when it is asked for. */
  readonly result: object | null;
  readonly correlationId: string;
  readonly traceparent: string | null;
}

/** How long a finished job, and what it made, is kept. */
export const kept = `interval '30 days'`;
/** An import can be undone as long as its rows are there. */
export const keptByKind = `(case when t.kind = 'dn_sync' then interval '90 days' else ${kept} end)`;

const insert = statement<JobRow>(
  'job.insert',
  `insert into erp_jobs as t
     (tenant_id, organization_id, workspace_id, id, kind, title, requested_by, requested_by_event, payload, content_hash,
      progress_total, run_after, correlation_id, traceparent, result, exclusive_key, status, started_at, finished_at, expires_at)
   select $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, $6, $7::uuid, $8::uuid, $9::jsonb, $10, $11::int,
     date_trunc('milliseconds', clock_timestamp()), $12, $13, $14::jsonb, $15, case when $14::jsonb is null then 'queued' else 'succeeded' end,
     done.at, done.at, done.at + ${kept}
   from (select case when $14::jsonb is not null then clock_timestamp() end as at) done
   on conflict (tenant_id, organization_id, requested_by_event, kind) where requested_by_event is not null do nothing
   returning ${jobRow}`,
  { parse: parseJobRow },
);
/** undefined: the event has asked for it before. */
export const insertJob = async (tx: Tx, job: NewJob): Promise<JobRow | undefined> =>
  (
    await tx.query(insert, [
      job.tenantId,
      job.organizationId,
      job.workspaceId,
      job.id,
      job.kind,
      job.title,
      job.requestedBy,
      job.requestedByEvent,
      JSON.stringify(job.payload),
      job.contentHash,
      job.progressTotal,
      job.correlationId,
      job.traceparent,
      job.result === null ? null : JSON.stringify(job.result),
      job.exclusiveKey,
    ])
  )[0];

const findByEvent = statement<JsonRow & { id: string }>(
  'job.find_by_event',
  `select t.id, ${jobJson} as json, t.version from erp_jobs t where t.requested_by_event = $1::uuid and t.kind = $2`,
  { parse: parseJsonRow },
);
export const findJobByEvent = async (db: Queryable, eventId: string, kind: JobKind) =>
  (await db.query(findByEvent, [eventId, kind]))[0];
