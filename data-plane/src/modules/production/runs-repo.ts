import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { WorkCtx } from '../module.js';
import type { JobRow } from './jobs-repo.js';

/** A row of erp_production_job_runs; pieces are whole. */
export interface RunRow {
  readonly id: string;
  readonly device_id: string;
  readonly device_name: string;
  readonly stage_id: string;
  /** RFC 3339, as are the other moments. */
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly pieces: number;
  readonly recorded: number;
  readonly cycle_seconds: number | null;
  readonly counted_at: string | null;
}

const at = (column: string): string => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${column}`;
const select = statement<RunRow>(
  'production.runs_of_job',
  `select id, device_id, device_name, stage_id, ${at('started_at')}, ${at('ended_at')}, pieces::bigint, recorded::bigint,
    cycle_seconds, ${at('counted_at')}
  from erp_production_job_runs where job_id = $1::uuid and (ended_at is null or id = $2::uuid) order by id`,
  { parse: { pieces: 'int', recorded: 'int', cycle_seconds: Number } },
);

/** Of a job whose row is locked: the runs that go on, and this one if there is one. */
export const listRuns = (tx: Tx, jobId: string, runId: string): Promise<RunRow[]> => tx.query(select, [jobId, runId]);

const upsert = statement<never>(
  'production.put_run',
  `insert into erp_production_job_runs (tenant_id, organization_id, workspace_id, job_id, id, device_id, device_name,
    stage_id, started_at, ended_at, pieces, recorded, cycle_seconds, counted_at, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)
  on conflict (tenant_id, organization_id, id) do update set ended_at = excluded.ended_at, pieces = excluded.pieces,
    recorded = excluded.recorded, cycle_seconds = excluded.cycle_seconds, counted_at = excluded.counted_at,
    updated_at = excluded.updated_at`,
);

export function putRun(tx: Tx, ctx: WorkCtx, job: JobRow, run: RunRow): void {
  tx.defer(upsert, [
    ctx.tenant.id,
    ctx.organizationId,
    job.workspace_id,
    job.id,
    run.id,
    run.device_id,
    run.device_name,
    run.stage_id,
    run.started_at,
    run.ended_at,
    run.pieces,
    run.recorded,
    run.cycle_seconds,
    run.counted_at,
    ctx.now(),
  ]);
}
