import pg from 'pg';
import { benchOwner } from './erp-data.js';

export const cardsOnBoard = 500;
export const finishedJobs = 20_000;
const linesPerOrder = 3;
const designs = 40;

const owner = `'${benchOwner.tenantId}'::uuid, '${benchOwner.organizationId}'::uuid`;
const workspace = `'${benchOwner.workspaceId}'::uuid`;
const uuid = (group: string, number: string) =>
  `('0198${group}-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
const ofOwner = (table: string) => `${table}.tenant_id = '${benchOwner.tenantId}'`;
/** Lines of the owner's orders, in no order that their places on disk would follow. */
const openLines = `select l.*, row_number() over (order by md5(l.id::text)) as n from erp_order_lines l
  join erp_orders o on o.id = l.order_id where ${ofOwner('l')} and o.number like 'B-%'`;
/** Numbered behind those. */
const finishedLines = `select l.*, ${cardsOnBoard} + row_number() over (order by l.id) as n from erp_order_lines l
  join erp_orders o on o.id = l.order_id where ${ofOwner('l')} and o.number like 'F-%'`;

/** Older orders of the same owner, one line for each job that is done; copies of the orders and lines that are there. */
const finishedOrders = [
  `insert into erp_orders (tenant_id, organization_id, workspace_id, id, number, status, payment_status, customer_id,
      currency, subtotal, discount, tax, total, deposit_due, due_on, created_at, updated_at)
    select ${owner}, ${workspace}, ${uuid('0004', 'k')}, 'F-' || lpad(k::text, 6, '0'), 'completed', 'paid', o.customer_id,
      o.currency, o.subtotal, o.discount, o.tax, o.total, o.deposit_due, o.due_on - 365,
      o.created_at - interval '1 year', o.updated_at - interval '1 year'
    from (select *, row_number() over (order by id) - 1 as n, count(*) over () as count from erp_orders o
      where ${ofOwner('o')} and number like 'B-%') o
    join generate_series(1, ${Math.ceil(finishedJobs / linesPerOrder)}) k on k % o.count = o.n`,
  `insert into erp_order_lines (tenant_id, organization_id, workspace_id, id, order_id, position, product_id, quantity,
      unit_price, line_total)
    select ${owner}, ${workspace}, ${uuid('0005', 'k')}, ${uuid('0004', `(k - 1) / ${linesPerOrder} + 1`)},
      (k - 1) % ${linesPerOrder} + 1, p.id, 12, 3.42, 41
    from (select id, row_number() over (order by id) - 1 as n, count(*) over () as count from erp_products p
      where ${ofOwner('p')} and code like 'bench-%') p
    join generate_series(1, ${finishedJobs}) k on k % p.count = p.n`,
  `insert into erp_order_line_sizes (tenant_id, organization_id, workspace_id, id, order_line_id, variant_id, quantity,
      unit_price)
    select ${owner}, ${workspace}, ${uuid('0006', 'row_number() over (order by l.id, v.id)')}, l.id, v.id, 6, 3.42
    from (${finishedLines}) l join erp_product_variants v on v.product_id = l.product_id and ${ofOwner('v')}`,
];

const jobsOf = (lines: string, state: 'open' | 'done') =>
  `insert into erp_production_jobs (tenant_id, organization_id, workspace_id, id, number, order_id, order_line_id, stage_id,
      rank, status, due_on, quantity, quantity_done)
    select ${owner}, l.workspace_id, ${uuid('0002', 'l.n')}, 'B-' || l.n, l.order_id, l.id, s.id,
      ${state === 'open' ? `'c' || lpad(l.n::text, 3, '0')` : 'null'}, '${state}', date '2026-04-01' + (l.n % 30)::int,
      l.quantity, ${state === 'open' ? 'l.n % 10' : 'l.quantity'}
    from (${lines} limit ${state === 'open' ? cardsOnBoard : finishedJobs}) l
    join (select id, row_number() over (order by position) - 1 as place, count(*) over () as count
      from erp_production_stages where organization_id = '${benchOwner.organizationId}') s on s.place = l.n % s.count`;

/** Open jobs in all stages, two or three of an order, with artwork and blanks, among many that are done. */
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
    for (const text of finishedOrders) await client.query(text);
    await client.query(jobsOf(finishedLines, 'done'));
    await client.query(jobsOf(openLines, 'open'));
    await client.query(`update erp_order_lines l set design_id = ${uuid('0001', `1 + ('x' || right(l.id::text, 4))::bit(16)::int % ${designs}`)}
      from erp_production_jobs j where j.order_line_id = l.id and ${ofOwner('j')}`);
    await client.query(`update erp_order_line_sizes z set open_quantity = z.quantity, reserved_quantity = z.quantity - 1
      from erp_production_jobs j where j.order_line_id = z.order_line_id and ${ofOwner('j')} and j.rank is not null`);
    await client.query(`insert into erp_production_job_designs (tenant_id, organization_id, workspace_id, id, job_id,
        design_id, approved_hash)
      select ${owner}, j.workspace_id, ${uuid('0003', `row_number() over ()`)}, j.id, l.design_id, repeat('a', 64)
      from erp_production_jobs j join erp_order_lines l on l.id = j.order_line_id
      where ${ofOwner('j')} and l.design_id is not null`);
    await client.query('reset session_replication_role');
    for (const table of ['jobs', 'job_designs']) await client.query(`vacuum analyze erp_production_${table}`);
    await client.query('vacuum analyze erp_orders, erp_order_lines, erp_order_line_sizes');
  } finally {
    await client.end();
  }
}
