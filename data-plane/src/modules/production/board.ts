import { statement } from '@platen/chassis/db/statement';
import type { Cursors } from '@platen/chassis/http/cursor';
import { RawJson } from '@platen/chassis/http/types';
import type { OutputOf } from '@platen/schema/contract';
import type { productionBoard } from '@platen/schema/contracts/data/production';
import { keepsStock } from '../inventory/index.js';
import type { TenantCtx } from '../module.js';
import { lineDesignSql } from './job-json.js';
import { insertStandardStages } from './stages-repo.js';

type Board = OutputOf<typeof productionBoard.get>;

/**
 * Whatever has a position is in what this statement sees: positions are given to committed events, by a commit of its own.
 * What is committed and has none yet is seen too, and comes once more.
 */
const position = 'select coalesce(max(e.position), 0) from outbox_events e where e.position is not null';

/** Between the columns and between the rows of what goes over as one text: no id, number, rank or day has them. */
const columnEnd = '\u001f';
const rowEnd = '\u001e';
const rowsSql = (from: string, columns: readonly string[]): string =>
  `(select string_agg(concat(${columns.join(`, chr(31), `)}), chr(30)) from ${from})`;

const jobColumns = [
  'id',
  'number',
  'order_id',
  'order_line_id',
  'workspace_id',
  'stage_id',
  'rank',
  'priority',
  'due_on',
  'trunc(quantity)',
  'trunc(quantity_done)',
  'trunc(quantity_scrapped)',
  'reprint_of',
  'version',
  // As artworkState of job-json.ts says it: the worst that is true of any of it.
  `case when id in (select job_id from artwork where not is_present and approved_hash is not null) then 'changed'
    when id in (select job_id from artwork where approved_hash is null) then 'pending'
    when id in (select job_id from artwork) then 'approved' else 'none' end`,
];

/**
 * Everything on the board, each thing once, found by ids that come as arrays; what belongs together is put together here.
 * Under row-level security the planner takes every table for one of few rows and would join five hundred cards row by
 * row; and most of the time would go into JSON, twice.
 */
const select = statement<BoardRow>(
  'production.board',
  `with job as materialized (
    select j.* from erp_production_jobs j
    where j.stage_id = any (array(select id from erp_production_stages)) and j.rank is not null
  ), "order" as materialized (
    select o.id, o.number, o.customer_id from erp_orders o where o.id = any (array(select order_id from job))
  ), line as materialized (
    select l.id, l.product_id, ${lineDesignSql('l')} as design_id
    from erp_order_lines l where l.id = any (array(select order_line_id from job))
  ), approval as materialized (
    select a.job_id, a.design_id, a.approved_hash from erp_production_job_designs a
    where a.job_id = any (array(select id from job))
  ), design as materialized (
    select d.id, d.code, d.name, d.file_id, d.hash from erp_designs d
    where d.id = any (array(select design_id from line union select design_id from approval))
  ), artwork as materialized (
    select job_id, approved_hash, (design_id, coalesce(approved_hash, '')) in (select id, coalesce(hash, '-') from design) as is_present
    from approval
  ), thumbnail as materialized (
    select f.id from erp_files f
    where f.id = any (array(select file_id from design)) and f.thumbnail_key is not null and f.deleted_at is null
  )
  select (${position})::text as position,
    (select coalesce(json_agg(s), '[]') from (
      select id, code, name, position, wip_limit, wip_policy, requires_artwork, version
      from erp_production_stages order by position, id
    ) s) as stages,
    ${rowsSql('job', jobColumns)} as jobs,
    ${rowsSql('"order"', ['id', 'number', 'customer_id'])} as orders,
    ${rowsSql('line', ['id', 'product_id', 'design_id'])} as lines,
    (select coalesce(json_agg(c), '[]') from (
      select id, name from erp_customers where id = any (array(select customer_id from "order"))
    ) c) as customers,
    (select coalesce(json_agg(p), '[]') from (
      select id, code, name from erp_products where id = any (array(select product_id from line))
    ) p) as products,
    (select coalesce(json_agg(d), '[]') from (
      select id, code, name, case when file_id in (select id from thumbnail) then file_id end as thumbnail_file_id
      from design where id in (select design_id from line)
    ) d) as designs,
    ${rowsSql(
      // "is true" keeps it a look-up in a hash: few sizes are short, and an array would be read through for each of them.
      `(select order_line_id, ceil(sum(open_quantity - reserved_quantity)) as pieces from erp_order_line_sizes
        where (order_line_id in (select order_line_id from job)) is true and open_quantity > reserved_quantity
        group by order_line_id) short`,
      ['order_line_id', 'pieces'],
    )} as shorts`,
  { parse: { stages: 'json', customers: 'json', products: 'json', designs: 'json' } },
);

type Stage = Omit<Board['stages'][number], 'cards' | 'count'>;
interface Named {
  readonly id: string;
  readonly name: string;
}
interface BoardRow {
  readonly position: string;
  readonly stages: readonly Stage[];
  /** Rows of text; null: none. */
  readonly jobs: string | null;
  readonly orders: string | null;
  readonly lines: string | null;
  readonly shorts: string | null;
  readonly customers: readonly Named[];
  readonly products: readonly (Named & { readonly code: string })[];
  readonly designs: readonly (Named & { readonly code: string; readonly thumbnail_file_id: string | null })[];
}

const rowsOf = (text: string | null): string[][] =>
  text === null ? [] : text.split(rowEnd).map((each) => each.split(columnEnd));
/** By the first column. */
const indexed = (text: string | null): Map<string, string[]> =>
  new Map(rowsOf(text).map((columns) => [columns[0] ?? '', columns]));
/** JSON of a text that may be absent: of an id or a day, which need no escaping. */
const plain = (text = ''): string => (text === '' ? 'null' : `"${text}"`);

/** JSON of the cards by their stage, each stage from top to bottom. Members stand in the order of the contract. */
function cardsByStage(board: BoardRow, isTracked: boolean): Map<string, string[]> {
  const orders = indexed(board.orders);
  const lines = indexed(board.lines);
  const shorts = indexed(board.shorts);
  const customers = new Map(board.customers.map(({ id, name }) => [id, JSON.stringify(name)]));
  const products = new Map(
    board.products.map(({ id, code, name }) => [
      id,
      `"product_code":${JSON.stringify(code)},"product_name":${JSON.stringify(name)}`,
    ]),
  );
  const designs = new Map(board.designs.map((design) => [design.id, designJson(design)]));
  const stages = new Map<string, string[]>(board.stages.map(({ id }) => [id, []]));
  // Ranks are compared byte by byte, and are of letters and digits.
  const jobs = rowsOf(board.jobs).sort((a, b) => ((a[6] ?? '') < (b[6] ?? '') ? -1 : 1));
  for (const job of jobs) {
    const [id, number = '', orderId = '', lineId = '', workspaceId, stageId = '', rank = '', priority, dueOn] = job;
    const [quantity, done, scrapped, reprintOf, version, artwork] = job.slice(9);
    const [, orderNumber = '', customerId = ''] = orders.get(orderId) ?? [];
    const [, productId = '', designId = ''] = lines.get(lineId) ?? [];
    // The blanks of a reprint were taken when it was made.
    const short = isTracked && reprintOf === '' ? (shorts.get(lineId)?.[1] ?? '0') : '0';
    const blanks = isTracked ? (short === '0' ? 'there' : 'short') : 'not_tracked';
    stages
      .get(stageId)
      ?.push(
        `{"id":"${id}","number":${JSON.stringify(number)},"status":"open","order_id":"${orderId}"` +
          `,"order_line_id":"${lineId}","workspace_id":${plain(workspaceId)},"stage_id":"${stageId}","rank":"${rank}"` +
          `,"priority":"${priority}","due_on":${plain(dueOn)},"quantity":${quantity},"quantity_done":${done}` +
          `,"quantity_scrapped":${scrapped},"reprint_of":${plain(reprintOf)},"version":${version}` +
          `,"order_number":${JSON.stringify(orderNumber)},"customer_name":${customers.get(customerId)}` +
          `,${products.get(productId)},"design":${designs.get(designId) ?? 'null'},"artwork":"${artwork}"` +
          `,"blanks":{"state":"${blanks}","short":${short}}}`,
      );
  }
  return stages;
}

const designJson = ({ id, code, name, thumbnail_file_id }: BoardRow['designs'][number]): string =>
  JSON.stringify({ id, code, name, thumbnail_file_id });

/** Stages and cards in one statement, so that they and the position are of one moment. */
export async function readBoard(ctx: TenantCtx, cursors: Cursors): Promise<RawJson> {
  const read = async () => (await ctx.db.leased.query(select))[0];
  let row = await read();
  if (row?.stages.length === 0) {
    await insertStandardStages(ctx.db.leased, ctx);
    row = await read();
  }
  if (!row) throw new Error('a select without a table is one row');
  const cards = cardsByStage(row, keepsStock(ctx));
  const stages = row.stages.map((stage) => {
    const own = cards.get(stage.id) ?? [];
    return `${JSON.stringify({ ...stage, count: own.length }).slice(0, -1)},"cards":[${own.join(',')}]}`;
  });
  const { hide } = cursors.positionsOf(ctx.tenant.id, ctx.tenant.erpDbKey);
  return new RawJson(`{"stages":[${stages.join(',')}],"position":"${hide(BigInt(row.position))}"}`);
}
