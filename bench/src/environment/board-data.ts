import pg from 'pg';
import { benchOwner } from './erp-data.js';

export const cardsOnBoard = 500;
const closedJobs = 20_000;
const designs = 40;

const owner = `'${benchOwner.tenantId}'::uuid, '${benchOwner.organizationId}'::uuid`;
const uuid = (group: string, number: string) =>
  `('0198${group}-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
/** Lines of the owner's orders, in no order that their places on disk would follow. */
const lines = `select l.*, row_number() over (order by md5(l.id::text)) as n from erp_order_lines l
  join erp_orders o on o.id = l.order_id
  where l.tenant_id = '${benchOwner.tenantId}' and o.number like 'B-%'`;

/** Open jobs in all stages, each of an order of its own with artwork and blanks, among many that are done. */
export async function fillBoard(superuserUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query('set session_replication_role = replica');
    await client.query('update erp_production_jobs set rank = null, status = $1 where tenant_id = $2', [
      'done',
      benchOwner.tenantId,
    ]);
    await client.query(`insert into erp_designs (tenant_id, organization_id, id, code, name, hash)
      select ${owner}, ${uuid('0001', 'n')}, 'bench-' || n, 'Crest ' || n, repeat('a', 64)
      from generate_series(1, ${designs}) n`);
    await client.query(`insert into erp_production_jobs (tenant_id, organization_id, workspace_id, id, number, order_id,
        order_line_id, stage_id, rank, status, due_on, quantity, quantity_done)
      select ${owner}, l.workspace_id, ${uuid('0002', 'l.n')}, 'B-' || l.n, l.order_id, l.id, s.id,
        case when l.n <= ${cardsOnBoard} then 'c' || lpad(l.n::text, 3, '0') end,
        case when l.n <= ${cardsOnBoard} then 'open' else 'done' end, date '2026-04-01' + (l.n % 30)::int, l.quantity,
        l.n % 10
      from (${lines} limit ${cardsOnBoard + closedJobs}) l
      join (select id, row_number() over (order by position) - 1 as place, count(*) over () as count
        from erp_production_stages where organization_id = '${benchOwner.organizationId}') s on s.place = l.n % s.count`);
    await client.query(`update erp_order_lines l set design_id = ${uuid('0001', `1 + ('x' || right(l.id::text, 4))::bit(16)::int % ${designs}`)}
      from erp_production_jobs j where j.order_line_id = l.id and j.tenant_id = '${benchOwner.tenantId}' and j.rank is not null`);
    await client.query(`update erp_order_line_sizes z set open_quantity = z.quantity, reserved_quantity = z.quantity - 1
      from erp_production_jobs j where j.order_line_id = z.order_line_id and j.tenant_id = '${benchOwner.tenantId}'
        and j.rank is not null`);
    await client.query(`insert into erp_production_job_designs (tenant_id, organization_id, workspace_id, id, job_id,
        design_id, approved_hash)
      select ${owner}, j.workspace_id, ${uuid('0003', `row_number() over ()`)}, j.id, l.design_id, repeat('a', 64)
      from erp_production_jobs j join erp_order_lines l on l.id = j.order_line_id
      where j.tenant_id = '${benchOwner.tenantId}' and j.rank is not null and l.design_id is not null`);
    await client.query('reset session_replication_role');
    for (const table of ['jobs', 'job_designs']) await client.query(`vacuum analyze erp_production_${table}`);
    await client.query('vacuum analyze erp_order_line_sizes, erp_order_lines');
  } finally {
    await client.end();
  }
}
