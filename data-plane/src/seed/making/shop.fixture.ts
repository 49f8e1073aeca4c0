import { statement } from '@platen/chassis/db/statement';
import type { ScopedDb } from '@platen/chassis/db/types';
import { firstId } from '@platen/chassis/http/paging';
import type { Test } from 'tap';
import { findSuspects } from '../../modules/inventory/check/find-suspects.js';
import { mend } from '../../modules/inventory/check/mend.js';
import { stockFaults } from '../../test/stock.fixture.js';

const wrongPurchases = statement<{ number: string; fault: string }>(
  'test.purchases',
  `with lines as (
    select l.*,
      (select coalesce(sum(r.quantity), 0) from erp_purchase_receipt_lines r where r.purchase_order_line_id = l.id) as came,
      (select coalesce(sum(b.quantity), 0) from erp_purchase_bill_lines b where b.purchase_order_line_id = l.id) as billed,
      (select coalesce(sum(m.quantity), 0) from erp_purchase_receipts r join erp_stock_moves m on m.source_id = r.id
        where r.purchase_order_id = l.purchase_order_id and m.variant_id = l.variant_id) as entered
    from erp_purchase_order_lines l
  )
  select o.number, concat_ws(', ',
    case when o.total <> sum(l.line_total) or bool_or(l.line_total <> l.ordered_quantity * l.unit_cost) then 'total' end,
    case when bool_or(l.received_quantity <> l.came or l.received_quantity <> l.entered) then 'received' end,
    case when bool_or(l.billed_quantity <> l.billed) then 'billed' end,
    case when bool_or(l.received_quantity > l.ordered_quantity) then 'too much' end,
    case when o.status <> case
      when o.status in ('partially_received', 'received') then
        case when bool_and(l.received_quantity >= l.ordered_quantity) then 'received' else 'partially_received' end
      else o.status end then 'status' end,
    case when o.status <> (select c.to_status from erp_purchase_order_status_changes c
      where c.purchase_order_id = o.id order by c.created_at desc limit 1) then 'history' end,
    case when (o.number is null) <> (o.status = 'draft') then 'number' end) as fault
  from erp_purchase_orders o join lines l on l.purchase_order_id = o.id group by o.id, o.number, o.status, o.total, o.tenant_id,
    o.organization_id`,
);
const wrongJobs = statement<{ number: string; fault: string }>(
  'test.jobs',
  `select j.number, concat_ws(', ',
    case when j.number not like concat(o.number, '-', l.position, '%') then 'number' end,
    case when j.quantity_done > 0 and o.status <> 'in_production' then 'too early' end,
    case when (j.quantity_done > 0 or s.code in ('press', 'finish', 'quality', 'pack')) and exists (
      select from erp_order_line_sizes z where z.order_line_id = l.id and z.open_quantity > 0) then 'no blanks' end,
    case when s.requires_artwork and exists (
      select from erp_production_job_designs d join erp_designs x on x.id = d.design_id
      where d.job_id = j.id and d.approved_hash is distinct from x.hash) then 'artwork' end,
    case when s.wip_limit < (select count(*) from erp_production_jobs c
      where c.stage_id = j.stage_id and c.workspace_id is not distinct from j.workspace_id) then 'limit' end,
    case when j.quantity_scrapped <> (select coalesce(sum(m.quantity), 0) from erp_stock_moves m
      where m.source_id = j.id and m.kind = 'scrap') then 'scrap' end,
    case when (j.reprint_of is not null) <> exists (select from erp_stock_moves m
      where m.source_id = j.id and m.kind = 'reprint') then 'reprint' end,
    case when j.quantity_done <> (select coalesce(sum(e.quantity), 0) from erp_production_job_events e
      where e.job_id = j.id and e.kind = 'pieces_done') then 'done' end,
    case when j.stage_id <> (select e.to_stage_id from erp_production_job_events e
      where e.job_id = j.id and e.to_stage_id is not null order by e.id desc limit 1) then 'history' end) as fault
  from erp_production_jobs j
  join erp_production_stages s on s.id = j.stage_id
  join erp_orders o on o.id = j.order_id
  join erp_order_lines l on l.id = j.order_line_id`,
);
const offers = statement<{ unoffered: string; most: string; dear: string }>(
  'test.offers',
  `select count(*) filter (where o.n is null) as unoffered, max(o.n) as most,
    count(*) filter (where o.cost >= p.base_price) as dear
  from erp_product_variants v join erp_products p on p.id = v.product_id
  left join (select variant_id, count(*) as n, max(cost) as cost from erp_supplier_variants group by variant_id) o
    on o.variant_id = v.id`,
);

const faulty = (rows: readonly { readonly fault: string }[]) => rows.filter(({ fault }) => fault !== '');

/** Stock, purchases and the board of a seeded organization agree with each other and with what the product would do. */
export async function requireConsistentShop(t: Test, db: ScopedDb): Promise<void> {
  t.same(await stockFaults({ db }), [], 'the ledger proves the levels');
  const { suspects } = await findSuspects(db.leased, { after: firstId, workspaceId: null });
  t.same(
    suspects.flatMap((suspect) => mend(suspect).differences),
    [],
    'the check of the stock finds nothing to repair',
  );
  t.same(faulty(await db.leased.query(wrongPurchases)), [], 'purchase orders are what came and was billed');
  t.same(faulty(await db.leased.query(wrongJobs)), [], 'jobs stand where they may');
  t.match(await db.leased.query(offers), [{ unoffered: '0', most: '2', dear: '0' }]);
}

export const shopCounts = statement<Record<string, string>>(
  'test.shop',
  `select (select count(*) from erp_orders where status in ('confirmed', 'in_production')) as open,
    (select count(*) from erp_orders where status in ('confirmed', 'in_production') and due_on >= $1::date) as due,
    (select count(distinct l.order_id) from erp_order_line_sizes s join erp_order_lines l on l.id = s.order_line_id
      where s.open_quantity > s.reserved_quantity) as short,
    (select count(*) from erp_production_jobs) as jobs,
    (select count(distinct stage_id) from erp_production_jobs) as stages,
    (select count(*) from erp_production_jobs where reprint_of is not null) as reprints,
    (select count(*) from erp_production_jobs where quantity_scrapped > 0) as scrapped,
    (select count(distinct approved_hash is null) from erp_production_job_designs) as approvals,
    (select string_agg(distinct status, ' ' order by status) from erp_purchase_orders) as purchases,
    (select count(*) from erp_stock_levels l join erp_stock_locations at on at.id = l.location_id
      where at.workspace_id is not null) as shelved`,
);
export const artworkOf = statement<{ storage_key: string; sha256: string; hash: string; used: string }>(
  'test.artwork',
  `select f.storage_key, f.sha256, d.hash,
    (select used from usage_counters where limit_code = 'storage_bytes') as used
  from erp_files f join erp_designs d on d.file_id = f.id and f.owner_id = d.id`,
);
