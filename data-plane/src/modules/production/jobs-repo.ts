import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { jobPriorities, ProductionJobStatus } from '@platen/schema/states/production-job';
import type { WorkCtx } from '../module.js';

/** A row of erp_production_jobs; pieces are whole. */
export interface JobRow {
  readonly id: string;
  readonly workspace_id: string | null;
  readonly number: string;
  readonly status: ProductionJobStatus;
  readonly order_id: string;
  readonly order_line_id: string;
  readonly stage_id: string;
  readonly rank: string | null;
  readonly priority: (typeof jobPriorities)[number];
  readonly due_on: string | null;
  readonly quantity: number;
  readonly quantity_done: number;
  readonly quantity_scrapped: number;
  readonly reprint_of: string | null;
  readonly note: string | null;
  readonly quoted_minutes: number | null;
  /** The machine that it is on, with its name; null: none. */
  readonly device_id: string | null;
  readonly device_name: string | null;
  readonly cycle_seconds: number | null;
  /** RFC 3339. */
  readonly expected_end_at: string | null;
  readonly version: number;
}

/** Of a job that nobody has put on a machine yet. */
export const onNoMachine = {
  device_id: null,
  device_name: null,
  cycle_seconds: null,
  expected_end_at: null,
} as const satisfies Partial<JobRow>;

const columns = `id, workspace_id, number, status, order_id, order_line_id, stage_id, rank, priority, due_on::text,
  quantity::bigint, quantity_done::bigint, quantity_scrapped::bigint, reprint_of, note, quoted_minutes, device_id, device_name, cycle_seconds,
  to_char(expected_end_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as expected_end_at, version`;
const parse = {
  quantity: 'int',
  quantity_done: 'int',
  quantity_scrapped: 'int',
  quoted_minutes: Number,
  cycle_seconds: Number,
  version: 'int',
} as const;

const lock = statement<JobRow>(
  'production.lock_job',
  `select ${columns} from erp_production_jobs where id = $1::uuid for no key update`,
  { parse },
);

/** The job's row, locked to the end of the transaction. */
export async function lockJob(tx: Tx, id: string): Promise<JobRow | undefined> {
  const [row] = await tx.query(lock, [id]);
  return row;
}

const lockOpenOfOrder = statement<JobRow>(
  'production.lock_open_jobs_of_order',
  `select ${columns} from erp_production_jobs where order_id = $1::uuid and status = 'open' order by id for no key update`,
  { parse },
);
export const lockOpenJobs = (tx: Tx, orderId: string): Promise<JobRow[]> => tx.query(lockOpenOfOrder, [orderId]);

const update = statement<never>(
  'production.update_job',
  `update erp_production_jobs
  set status = $2, stage_id = $3::uuid, rank = $4, priority = $5, due_on = $6::date, quantity_done = $7,
    quantity_scrapped = $8, note = $9, version = $10, updated_at = $11::timestamptz, quoted_minutes = $12,
    device_id = $13::uuid, device_name = $14, cycle_seconds = $15, expected_end_at = $16::timestamptz
  where id = $1::uuid`,
);

/** A row that was locked, as it is to be. Travels with the next statement or the COMMIT. */
export function updateJob(tx: Tx, job: JobRow, at: Date): void {
  tx.defer(update, [
    job.id,
    job.status,
    job.stage_id,
    job.rank,
    job.priority,
    job.due_on,
    job.quantity_done,
    job.quantity_scrapped,
    job.note,
    job.version,
    at,
    job.quoted_minutes,
    job.device_id,
    job.device_name,
    job.cycle_seconds,
    job.expected_end_at,
  ]);
}

const insert = statement<never>(
  'production.insert_jobs',
  `insert into erp_production_jobs (tenant_id, organization_id, workspace_id, created_at, updated_at, order_id, stage_id,
    priority, due_on, reprint_of, id, number, order_line_id, rank, quantity)
  select $1::uuid, $2::uuid, $3::uuid, $4::timestamptz, $4::timestamptz, $5::uuid, $6::uuid, $7, $8::date, $9::uuid, n.*
  from unnest($10::uuid[], $11::text[], $12::uuid[], $13::text[], $14::numeric[]) as n`,
);

/** Jobs of one order, in one stage. */
export function insertJobs(tx: Tx, ctx: WorkCtx, jobs: readonly JobRow[]): void {
  const [first] = jobs;
  if (!first) return;
  tx.defer(insert, [
    ctx.tenant.id,
    ctx.organizationId,
    first.workspace_id,
    ctx.now(),
    first.order_id,
    first.stage_id,
    first.priority,
    first.due_on,
    first.reprint_of,
    jobs.map(({ id }) => id),
    jobs.map(({ number }) => number),
    jobs.map(({ order_line_id }) => order_line_id),
    jobs.map(({ rank }) => rank),
    jobs.map(({ quantity }) => quantity),
  ]);
}

export interface LinePieces {
  readonly order_line_id: string;
  readonly quantity: number;
  /** By all of its jobs: what a reprint makes counts in place of what was scrapped. */
  readonly done: number;
  readonly scrapped: number;
}

const selectPieces = statement<LinePieces>(
  'production.pieces_of_order',
  `select order_line_id, coalesce(sum(quantity) filter (where reprint_of is null), 0)::bigint as quantity,
    sum(quantity_done)::bigint as done, sum(quantity_scrapped)::bigint as scrapped
  from erp_production_jobs where order_id = $1::uuid and status <> 'cancelled' group by order_line_id`,
  { parse: { quantity: 'int', done: 'int', scrapped: 'int' } },
);

/** A line without a job is not among them. */
export const listPieces = (tx: Tx, orderId: string): Promise<LinePieces[]> => tx.query(selectPieces, [orderId]);
