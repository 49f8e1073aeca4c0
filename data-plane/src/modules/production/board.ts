import { statement } from '@platen/chassis/db/statement';
import type { Cursors } from '@platen/chassis/http/cursor';
import { RawJson } from '@platen/chassis/http/types';
import { keepsStock } from '../inventory/index.js';
import type { TenantCtx } from '../module.js';
import { type BoardRow, boardJson, noDay } from './board-json.js';
import { lineDesignSql, machineJson } from './job-json.js';
import { insertStandardStages } from './stages-repo.js';

/**
 * Whatever has a position is in what this statement sees: positions are given to committed events, by a commit of its own.
 * What is committed and has none yet is seen too, and comes once more.
 */
const position = 'select coalesce(max(e.position), 0) from outbox_events e where e.position is not null';

/** A row as text. concat_ws leaves out what is null: columns that may be null have to be '' instead. */
const rowSql = (columns: readonly string[]): string => `concat_ws(chr(31), ${columns.join(', ')})`;
const rowsSql = (columns: readonly string[]): string => `string_agg(${rowSql(columns)}, chr(30))`;
const orEmpty = (column: string): string => `coalesce(${column}::text, '')`;

/** In the order in which board-json.ts takes them. */
const cardColumns = [
  'id',
  'number',
  'order_id',
  'order_line_id',
  'rank',
  'priority',
  // Not '': to make a text of a date first costs a tenth of all this writing.
  `coalesce(due_on, '${noDay}')`,
  'quantity',
  'quantity_done',
  'quantity_scrapped',
  orEmpty('reprint_of'),
  'version',
];

/** Of one approval, as artworkState of job-json.ts says it. */
const approvalState = `case when approved_hash is null then 'pending'
      when (design_id, approved_hash) in (select id, coalesce(hash, '-') from design) then 'approved' else 'changed' end`;

/**
 * Everything on the board, each thing once; what belongs together is put together in board-json.ts: most of the time would
 * go into JSON, twice. Under row-level security the planner takes every table for one of few rows: what belongs to the cards
 * is found by arrays of ids, where a join would go through all cards for each. It would also take any index that has the id
 * somewhere, and read in it all that an organization has: each `order by` here names the index that is to be read.
 *
 * Half of what is left is the writing of text, so what many rows have alike is written once for all of them: jobs by their
 * stage, lines by what they show, approvals by what was approved, sizes by what they lack.
 */
const select = statement<BoardRow>(
  'production.board',
  `with job as materialized (
    select j.* from erp_production_jobs j
    where j.stage_id = any (array(select id from erp_production_stages)) and j.rank is not null
    order by j.stage_id, j.rank
  ), "order" as materialized (
    select o.id, o.number, o.customer_id from erp_orders o
    where o.id = any (array(select distinct order_id from job)) order by o.id
  ), line as materialized (
    select product_id, design_id, string_agg(id::text, chr(31)) as ids from (
      select l.id, l.product_id, ${lineDesignSql('l')} as design_id
      from erp_order_lines l where l.id = any (array(select order_line_id from job)) order by l.id
    ) shown group by product_id, design_id
  ), approval as materialized (
    select design_id, approved_hash, string_agg(job_id::text, chr(31)) as job_ids from (
      select a.design_id, a.approved_hash, a.job_id from erp_production_job_designs a
      where a.job_id = any (array(select id from job)) order by a.job_id
    ) made group by design_id, approved_hash
  ), design as materialized (
    select d.id, d.code, d.name, d.file_id, d.hash from erp_designs d
    where d.id = any (array(select design_id from line union select design_id from approval)) order by d.id
  ), thumbnail as materialized (
    select f.id from erp_files f
    where f.id = any (array(select file_id from design)) and f.thumbnail_key is not null and f.deleted_at is null
    order by f.id
  )
  select (${position})::text as position,
    (select coalesce(json_agg(s), '[]') from (
      select id, code, name, position, wip_limit, wip_policy, requires_artwork, version
      from erp_production_stages order by position, id
    ) s) as stages,
    (select string_agg(concat_ws(chr(29), stage_id, ${orEmpty('workspace_id')}, cards), chr(28)) from (
      select stage_id, workspace_id, string_agg(${rowSql(cardColumns)}, chr(31)) as cards
      from job group by stage_id, workspace_id
    ) place) as jobs,
    (select ${rowsSql(['id', machineJson])} from job j where device_id is not null) as machines,
    (select ${rowsSql(['id', 'number', 'customer_id'])} from "order") as orders,
    (select ${rowsSql(['product_id', orEmpty('design_id'), 'ids'])} from line) as lines,
    (select ${rowsSql([approvalState, 'job_ids'])} from approval) as artwork,
    (select coalesce(json_agg(c), '[]') from (
      select c.id, c.name from erp_customers c
      where c.id = any (array(select distinct customer_id from "order")) order by c.id
    ) c) as customers,
    (select coalesce(json_agg(p), '[]') from (
      select p.id, p.code, p.name from erp_products p
      where p.id = any (array(select distinct product_id from line)) order by p.id
    ) p) as products,
    (select coalesce(json_agg(d), '[]') from (
      select id, code, name, case when file_id in (select id from thumbnail) then file_id end as thumbnail_file_id
      from design where id in (select design_id from line)
    ) d) as designs,
    -- "is true" keeps it a look-up in a hash: few sizes are short, and an array would be read through for each of them.
    (select ${rowsSql(['pieces', 'ids'])} from (
      select open_quantity - reserved_quantity as pieces, string_agg(order_line_id::text, chr(31)) as ids
      from erp_order_line_sizes
      where (order_line_id in (select order_line_id from job)) is true and open_quantity > reserved_quantity
      group by open_quantity, reserved_quantity
    ) short) as shorts`,
  { inIndexOrder: true, parse: { stages: 'json', customers: 'json', products: 'json', designs: 'json' } },
);

/** Stages and cards in one statement, so that they and the position are of one moment. */
export async function readBoard(ctx: TenantCtx, cursors: Cursors): Promise<RawJson> {
  const read = async () => (await ctx.db.leased.query(select))[0];
  let row = await read();
  if (row?.stages.length === 0) {
    await insertStandardStages(ctx.db.leased, ctx);
    row = await read();
  }
  if (!row) throw new Error('a select without a table is one row');
  const { hide } = cursors.positionsOf(ctx.tenant.id, ctx.tenant.erpDbKey);
  return new RawJson(boardJson(row, keepsStock(ctx), hide(BigInt(row.position))));
}
