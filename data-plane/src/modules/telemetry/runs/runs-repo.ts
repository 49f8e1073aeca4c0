import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { JobRun, jobRuns } from '@platen/schema/contracts/data/telemetry-job-runs';
import { type JsonRow, parseJsonRow } from '../../../stored-json.js';
import { newestFirst } from '../../documents/index.js';
import type { WorkCtx } from '../../module.js';

const item = jsonSelect(JobRun, {
  id: 't.id',
  workspace_id: 't.workspace_id',
  device: namesOf('tel_devices', 't.device_id'),
  metric: namesOf('tel_metrics', 't.metric_id'),
  job_id: 't.job_id',
  job_number: 't.job_number',
  pieces_per_count: 't.pieces_per_count',
  started_at: 't.started_at',
  ended_at: 't.ended_at',
  // As they are told: nine tenths and one are a piece.
  pieces: 'floor(t.counted::numeric + 0.000001)',
  counted_until: 't.counted_until',
  next_stage_id: 't.next_stage_id',
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});
function namesOf(table: string, id: string) {
  const of = (column: string) => `(select n.${column} from ${table} n where n.id = ${id})`;
  return { id, code: of('code'), name: of('name') };
}

export const listRuns = newestFirst({
  contract: jobRuns.list,
  table: 'tel_job_runs',
  item,
  filters: {
    device_id: 'uuid',
    job_id: 'uuid',
    open: (parameter) => `(t.ended_at is null) = ${parameter}::bool`,
  },
});

const find = statement<JsonRow>(
  'telemetry_runs.find',
  `select ${item} as json, t.version from tel_job_runs t where t.id = $1::uuid`,
  { parse: parseJsonRow },
);
export const findRun = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

/** A run as counting and telling need it; moments in milliseconds. */
export interface RunRow {
  readonly id: string;
  readonly workspace_id: string | null;
  readonly device_id: string;
  readonly device_no: number;
  readonly device_name: string;
  readonly metric_no: number;
  readonly job_id: string;
  readonly pieces_per_count: number;
  readonly started_ms: number;
  readonly ended_ms: number | null;
  readonly counted: number;
  readonly counted_until_ms: number | null;
  readonly told_pieces: number;
  readonly told_ms: number | null;
  readonly next_stage_id: string | null;
  readonly version: number;
}
const ms = (column: string, name: string) => `(extract(epoch from r.${column}) * 1000)::bigint as ${name}`;
const select = `select r.id, r.workspace_id, r.device_id, d.device_no, d.name as device_name, m.metric_no, r.job_id,
    r.pieces_per_count, ${ms('started_at', 'started_ms')}, ${ms('ended_at', 'ended_ms')}, r.counted,
    ${ms('counted_until', 'counted_until_ms')}, trunc(r.told_pieces)::bigint as told_pieces, ${ms('told_at', 'told_ms')},
    r.next_stage_id, r.version
  from tel_job_runs r join tel_devices d on d.id = r.device_id join tel_metrics m on m.id = r.metric_id`;
const parse = {
  device_no: 'int',
  metric_no: 'int',
  pieces_per_count: Number,
  started_ms: 'int',
  ended_ms: 'int',
  counted: Number,
  counted_until_ms: 'int',
  told_pieces: 'int',
  told_ms: 'int',
  version: 'int',
} as const;
const lock = statement<RunRow>('telemetry_runs.lock', `${select} where r.id = $1::uuid for update of r`, { parse });
const lockOpen = statement<RunRow>(
  'telemetry_runs.lock_open',
  `${select} where r.device_id = $1::uuid and r.ended_at is null for update of r`,
  { parse },
);

export const lockRun = async (tx: Tx, id: string): Promise<RunRow | undefined> => (await tx.query(lock, [id]))[0];
/** What is on a machine. */
export const lockOpenRun = async (tx: Tx, deviceId: string): Promise<RunRow | undefined> =>
  (await tx.query(lockOpen, [deviceId]))[0];

const insert = statement<JsonRow>(
  'telemetry_runs.insert',
  `insert into tel_job_runs as t (tenant_id, organization_id, workspace_id, id, device_id, metric_id, job_id, job_number,
    pieces_per_count, started_at, next_stage_id, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12) returning ${item} as json, t.version`,
  { parse: parseJsonRow },
);
export interface NewRun {
  readonly id: string;
  readonly workspaceId: string | null;
  readonly deviceId: string;
  readonly metricId: string;
  readonly jobId: string;
  readonly jobNumber: string;
  readonly piecesPerCount: number;
  readonly startedAt: Date;
  readonly nextStageId: string | null;
}
export async function insertRun(tx: Tx, ctx: WorkCtx, run: NewRun): Promise<JsonRow | undefined> {
  const values = [run.id, run.deviceId, run.metricId, run.jobId, run.jobNumber, run.piecesPerCount, run.startedAt];
  const owner = [ctx.tenant.id, ctx.organizationId, run.workspaceId];
  return (await tx.query(insert, [...owner, ...values, run.nextStageId, ctx.now()]))[0];
}

const end = statement<JsonRow>(
  'telemetry_runs.end',
  `update tel_job_runs t set ended_at = $2::timestamptz, version = t.version + 1, updated_at = $3::timestamptz
  where t.id = $1::uuid returning ${item} as json, t.version`,
  { parse: parseJsonRow },
);
export const endRun = async (tx: Tx, id: string, at: Date, now: Date): Promise<JsonRow | undefined> =>
  (await tx.query(end, [id, at, now]))[0];

const updateCount = statement<never>(
  'telemetry_runs.count',
  `update tel_job_runs set counted = $2, counted_until = $3::timestamptz, told_pieces = $4, told_at = $5::timestamptz
  where id = $1::uuid`,
);
/** Counting is nobody's change: the version stays. */
export function updateRunCount(
  tx: Tx,
  id: string,
  count: {
    readonly counted: number;
    readonly untilMs: number | null;
    readonly toldPieces: number;
    readonly toldMs: number | null;
  },
): void {
  const at = (moment: number | null) => (moment === null ? null : new Date(moment));
  tx.defer(updateCount, [id, count.counted, at(count.untilMs), count.toldPieces, at(count.toldMs)]);
}

const known = statement<{ device: boolean; counter: boolean | null }>(
  'telemetry_runs.known',
  `select exists (
      select from tel_devices where id = $1::uuid and status = 'active'
        and (workspace_id is null or workspace_id = $3::uuid)
    ) as device,
    (select kind = 'counter' from tel_metrics where id = $2::uuid) as counter`,
  { parse: { device: 'bool', counter: 'bool' } },
);
/** A device for a job of this workspace. `counter` null: there is no such metric. */
export async function findParts(
  db: Queryable,
  { deviceId, metricId, workspaceId }: Pick<NewRun, 'deviceId' | 'metricId' | 'workspaceId'>,
) {
  const [row] = await db.query(known, [deviceId, metricId, workspaceId]);
  return row ?? { device: false, counter: null };
}

const selectLastEnd = statement<{ ended_ms: number | null }>(
  'telemetry_runs.last_end',
  `select (extract(epoch from max(ended_at)) * 1000)::bigint as ended_ms from tel_job_runs where device_id = $1::uuid`,
  { parse: { ended_ms: 'int' } },
);
/** When what was on a machine last came off it; null: nothing did. */
export const findLastEnd = async (db: Queryable, deviceId: string): Promise<number | null> =>
  (await db.query(selectLastEnd, [deviceId]))[0]?.ended_ms ?? null;
