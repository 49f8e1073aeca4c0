import type { Shop } from './world.js';

/** What has to hold after every call, asked of the tables in SQL that shares nothing with the product's. */
export async function faultsOf({ sql, tenantId, organizationId }: Pick<Shop, 'sql' | 'tenantId' | 'organizationId'>) {
  const rows = await sql<{ fault: string }[]>`
    with
      locations as (select * from erp_stock_locations where tenant_id = ${tenantId} and organization_id = ${organizationId}),
      levels as (select * from erp_stock_levels where tenant_id = ${tenantId} and organization_id = ${organizationId}),
      moves as (select m.*, f.kind as from_kind, t.kind as to_kind, f.workspace_id as from_workspace,
          t.workspace_id as to_workspace
        from erp_stock_moves m join locations f on f.id = m.from_location_id join locations t on t.id = m.to_location_id
        where m.tenant_id = ${tenantId} and m.organization_id = ${organizationId}),
      promises as (select * from erp_stock_reservations where tenant_id = ${tenantId} and organization_id = ${organizationId}),
      orders as (select * from erp_orders where tenant_id = ${tenantId} and organization_id = ${organizationId}),
      lines as (select * from erp_order_lines where tenant_id = ${tenantId} and organization_id = ${organizationId}),
      sizes as (select s.*, l.order_id, o.status, o.workspace_id as of_workspace, p.kind
        from erp_order_line_sizes s join lines l on l.id = s.order_line_id join orders o on o.id = l.order_id
        join erp_products p on p.id = l.product_id and p.tenant_id = l.tenant_id
        where s.tenant_id = ${tenantId}),
      payments as (select order_id, sum(case kind when 'payment' then amount else -amount end) as paid,
          bool_or(kind = 'refund') as refunded
        from erp_order_payments where tenant_id = ${tenantId} and organization_id = ${organizationId} group by 1),
      purchases as (select * from erp_purchase_orders where tenant_id = ${tenantId} and organization_id = ${organizationId}),
      purchase_lines as (select * from erp_purchase_order_lines where tenant_id = ${tenantId}),
      jobs as (select * from erp_production_jobs where tenant_id = ${tenantId} and organization_id = ${organizationId}),
      numbers as (
        select 'order' as kind, number from orders where number is not null
        union all select 'purchase', number from purchases where number is not null)
    select concat('level ', id, ' is not the sum of its entries') as fault from levels l
      where on_hand <> (select coalesce(sum(case when m.to_location_id = l.location_id then m.quantity else -m.quantity end), 0)
        from moves m where m.variant_id = l.variant_id and l.location_id in (m.from_location_id, m.to_location_id))
    union all select concat('level ', id, ' is not the sum of its promises') from levels l
      where reserved <> (select coalesce(sum(quantity), 0) from promises p
        where p.variant_id = l.variant_id and p.location_id = l.location_id)
    union all select concat('level ', l.id, ' is negative') from levels l join locations p on p.id = l.location_id
      where (l.on_hand < 0 and not p.allow_negative) or l.reserved < 0 or l.reserved > greatest(l.on_hand, 0)
    union all select concat('level ', l.id, ' of an outside place or of another workspace than its location')
      from levels l join locations p on p.id = l.location_id
      where p.kind <> 'internal' or p.workspace_id is distinct from l.workspace_id
    union all select concat('entry ', m.id, ' is seen by others than its location') from moves m
      where (from_kind = 'internal' and from_workspace is distinct from workspace_id)
        or (to_kind = 'internal' and to_workspace is distinct from workspace_id)
    union all select concat('transit keeps ', variant_id) from moves where 'transit' in (from_kind, to_kind)
      group by variant_id having sum(case to_kind when 'transit' then quantity else -quantity end) <> 0
    union all select concat('production owes ', variant_id, ' of order ', order_id, ' beyond what was spoilt') from moves
      where 'production' in (from_kind, to_kind) group by variant_id, order_id
      having sum(case when to_kind = 'production' then quantity when kind = 'scrap' then 0 else -quantity end) < 0
    union all select concat('production keeps or owes ', variant_id, ' of finished order ', order_id) from moves m
      where 'production' in (from_kind, to_kind)
        and exists (select from orders o where o.id = m.order_id and o.status in ('shipped', 'completed', 'cancelled'))
      group by variant_id, order_id having sum(case to_kind when 'production' then quantity else -quantity end) <> 0
    union all select concat('size ', id, ' is not the sum of its promises') from sizes s
      where reserved_quantity <> (select coalesce(sum(quantity), 0) from promises p where p.order_line_size_id = s.id)
    union all select concat('size ', id, ' is open in a ', status, ' order') from sizes
      where open_quantity > 0 and (status not in ('confirmed', 'in_production') or kind = 'service')
    union all select concat('size ', s.id, ' needs something else than what was ordered less what was taken') from sizes s
      where status in ('confirmed', 'in_production') and kind <> 'service' and open_quantity <> quantity
        - (select coalesce(sum(m.quantity), 0) from moves m where m.order_line_size_id = s.id and m.kind = 'consumption')
    union all select concat('promise ', p.id, ' from another workspace') from promises p
      join sizes s on s.id = p.order_line_size_id join locations l on l.id = p.location_id
      where (l.workspace_id is not null and l.workspace_id is distinct from s.of_workspace) or p.variant_id <> s.variant_id
    union all select concat('order ', o.id, ' has the payment status ', payment_status) from orders o
      left join payments p on p.order_id = o.id
      where (o.status <> 'draft' or p.order_id is not null) and o.status <> 'cancelled' and payment_status <> case
        when coalesce(paid, 0) = 0 and coalesce(refunded, false) then 'refunded'
        when coalesce(paid, 0) = total then 'paid' when coalesce(paid, 0) = 0 then 'unpaid' else 'partial' end
    union all select concat('order ', o.id, ' is paid ', paid, ' of ', total) from orders o
      join payments p on p.order_id = o.id where paid < 0 or paid > total
    union all select concat('order ', o.id, ' does not add up') from orders o
      where total <> subtotal + tax or subtotal <> (select sum(line_total) from lines where order_id = o.id)
    union all select concat(kind, ' numbers have a gap') from (
        select kind, count(*) as given, count(distinct number) as distinct_ones,
          max(right(number, 5)::int) as last from numbers group by kind) n
      where given <> last or given <> distinct_ones
    union all select concat('order ', id, ' is ', status, ', its history says otherwise') from orders o
      where status <> (select to_status from erp_order_status_changes h
        where h.tenant_id = o.tenant_id and h.order_id = o.id order by h.created_at desc, h.id desc limit 1)
    union all select concat('history of ', h.id, ' has a break') from (
        select id, from_status, lag(to_status) over (partition by order_id order by created_at, id) as before
        from erp_order_status_changes where tenant_id = ${tenantId}) h
      where from_status is distinct from before
    union all select concat('history of purchase ', h.id, ' has a break') from (
        select id, from_status, lag(to_status) over (partition by purchase_order_id order by created_at, id) as before
        from erp_purchase_order_status_changes where tenant_id = ${tenantId}) h
      where from_status is distinct from before
    union all select concat('purchase line ', l.id, ' is not the sum of its deliveries') from purchase_lines l
      where received_quantity <> (select coalesce(sum(quantity), 0) from erp_purchase_receipt_lines r
          where r.tenant_id = l.tenant_id and r.purchase_order_line_id = l.id)
        or billed_quantity <> (select coalesce(sum(quantity), 0) from erp_purchase_bill_lines b
          where b.tenant_id = l.tenant_id and b.purchase_order_line_id = l.id)
    union all select concat('purchase line ', id, ' received too much') from purchase_lines
      where received_quantity > ordered_quantity * 1.1
    union all select concat('deliveries of ', variant_id, ' are not what entered stock') from (
        select l.variant_id, sum(r.quantity) as delivered from erp_purchase_receipt_lines r
        join purchase_lines l on l.id = r.purchase_order_line_id where r.tenant_id = ${tenantId} group by 1) d
      where delivered <> (select coalesce(sum(quantity), 0) from moves m
        where m.variant_id = d.variant_id and m.kind = 'receipt')
    union all select concat('purchase ', p.id, ' is ', status) from purchases p
      where (status = 'received') and exists (select from purchase_lines l
          where l.purchase_order_id = p.id and l.received_quantity < l.ordered_quantity)
        or (status in ('draft', 'submitted', 'approved', 'rejected', 'cancelled') and exists (select from purchase_lines l
          where l.purchase_order_id = p.id and l.received_quantity > 0))
    union all select concat('job ', number, ' has more pieces than it makes') from jobs
      where quantity_done + quantity_scrapped > quantity
    union all select concat('job ', j.number, ' is open, its order is ', o.status) from jobs j
      join orders o on o.id = j.order_id
      where j.status = 'open' and o.status not in ('confirmed', 'in_production')
    union all select concat('job ', j.number, ' is reprinted beyond what was scrapped') from jobs j
      where quantity_scrapped < (select coalesce(sum(quantity), 0) from jobs r where r.reprint_of = j.id)
    union all select concat('line ', order_line_id, ' has two jobs') from jobs where reprint_of is null
      group by order_line_id having count(*) > 1
    union all select concat('stage ', stage_id, ' has two cards at ', rank) from jobs where rank is not null
      group by stage_id, rank having count(*) > 1
    union all select concat('job ', number, ' is ', status, ' with rank ', rank) from jobs
      where (status = 'open') <> (rank is not null)
    union all select concat('a stranger has the ', kind, ' ', id) from (
        select 'order' as kind, id, tenant_id, organization_id from erp_orders
        union all select 'purchase', id, tenant_id, organization_id from erp_purchase_orders
        union all select 'job', id, tenant_id, organization_id from erp_production_jobs
        union all select 'entry', id, tenant_id, organization_id from erp_stock_moves) s
      where tenant_id = ${tenantId} and organization_id <> ${organizationId}`;
  return rows.map(({ fault }) => fault);
}
