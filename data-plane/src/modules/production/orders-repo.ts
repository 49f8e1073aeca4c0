import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import type { OrderStatus } from '@platen/schema/states/order';
import type { ProductionJobStatus } from '@platen/schema/states/production-job';

/** What production reads of orders, whose rows are not its own to change. */
export interface SharedOrder {
  readonly id: string;
  readonly status: OrderStatus;
  readonly number: string | null;
  readonly workspace_id: string | null;
  readonly due_on: string | null;
}

const share = statement<SharedOrder>(
  'production.share_order',
  `select o.id, o.status, o.number, o.workspace_id, o.due_on::text from erp_orders o where o.id = $1::uuid for share`,
);
const shareOfJob = statement<SharedOrder>(
  'production.share_order_of_job',
  `select o.id, o.status, o.number, o.workspace_id, o.due_on::text from erp_orders o
  where o.id = (select j.order_id from erp_production_jobs j where j.id = $1::uuid) for share`,
);

/** The order stays as it is to the end of the transaction: neither ready nor cancelled meanwhile. */
export async function shareOrder(tx: Tx, id: string): Promise<SharedOrder | undefined> {
  const [row] = await tx.query(share, [id]);
  return row;
}

/** The same for the order of a job: before the job's own row is locked. */
export async function shareOrderOf(tx: Tx, jobId: string): Promise<SharedOrder | undefined> {
  const [row] = await tx.query(shareOfJob, [jobId]);
  return row;
}

export interface LineToMake {
  readonly id: string;
  readonly position: number;
  readonly quantity: number;
  /** Of the line itself first, then of its decorations. */
  readonly designs: readonly string[];
}

// Of the line and of each decoration, each design once; one that the caller does not see is no design of his.
const designsOf = `select d.id, min(named.place) as place from (
      select l.design_id as id, 0 as place
      union all
      select (decoration ->> 'design_id')::uuid, place
      from jsonb_array_elements(l.decorations) with ordinality as listed (decoration, place)
    ) named join erp_designs d on d.id = named.id group by d.id`;
const selectLines = statement<LineToMake>(
  'production.lines_to_make',
  `select l.id, l.position, l.quantity::bigint,
    (select coalesce(json_agg(d.id order by d.place), '[]') from (${designsOf}) d) as designs
  from erp_order_lines l join erp_products p on p.id = l.product_id
  where l.order_id = $1::uuid and p.kind <> 'service'
    and not exists (select from erp_production_jobs j where j.order_line_id = l.id)
  order by l.position`,
  { parse: { position: 'int', quantity: 'int', designs: 'json' } },
);

/** Lines of an order that have no job yet and need one. */
export const listLinesToMake = (tx: Tx, orderId: string): Promise<LineToMake[]> => tx.query(selectLines, [orderId]);

/** A job that a machine is to work on. */
export interface Work {
  readonly number: string;
  readonly status: ProductionJobStatus;
  readonly workspace_id: string | null;
  readonly order_status: OrderStatus;
  /** Is the stage there that was asked for? */
  readonly has_stage: boolean;
}
const selectWork = statement<Work>(
  'production.work',
  `select j.number, j.status, j.workspace_id, (select o.status from erp_orders o where o.id = j.order_id) as order_status,
    exists (select from erp_production_stages s where s.id = $2::uuid) as has_stage
  from erp_production_jobs j where j.id = $1::uuid`,
  { parse: { has_stage: 'bool' } },
);
export const findWork = async (db: Queryable, jobId: string, stageId: string | null): Promise<Work | undefined> =>
  (await db.query(selectWork, [jobId, stageId]))[0];
