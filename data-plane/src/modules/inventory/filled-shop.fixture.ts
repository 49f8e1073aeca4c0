import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import type { Stockroom } from './stockroom.fixture.js';

const tables = ['moves', 'levels', 'reservations', 'locations'].map((name) => `erp_stock_${name}`);
const filled = [
  ...tables,
  'erp_orders',
  'erp_order_lines',
  'erp_order_line_sizes',
  'erp_products',
  'erp_product_variants',
];

/** What no other order of the shop has: those that lack variants without stock, those that are served, made, and done. */
const sizes = `
  select made.*, md5('size ' || n || ' ' || k)::uuid as id, md5('line ' || n)::uuid as line_id, md5('order ' || n)::uuid as order_id,
    case when n % 4 = 0 then 'completed' when n % 4 = 3 then 'in_production' else 'confirmed' end as status,
    ids[1 + (n * $3::int + k) % cardinality(ids)] as variant_id, (n * $3::int + k) % cardinality(ids) < cardinality(ids) / 10 as is_out
  from (select n, k, (select array_agg(id order by sku) from erp_product_variants where organization_id =
    (select organization_id from erp_orders where id = $1::uuid)) as ids
    from generate_series(1, $2::int) n cross join generate_series(1, $3::int) k) made`;

const ofShop = `from erp_product_variants where organization_id = (select organization_id from erp_stock_locations where id = $1)`;
const stocked = `select id, row_number() over (order by sku) - 1 as place, count(*) over () as total
  from (select id, sku ${ofShop} order by sku offset (select count(*) / 10 ${ofShop})) v`;

const copy = (table: string, of: string, more: string): string =>
  `select c.* from ${table} t cross join made cross join jsonb_populate_record(t, jsonb_build_object(${more})) c where t.${of}`;

/**
 * A shop that was filled a moment ago, copies of one order: the planner was told nothing of its rows, and nobody will tell
 * it by himself. Everything agrees with everything.
 */
export async function fillShop(
  room: Stockroom,
  shelfId: string,
  {
    orders,
    sizesOfOrder,
    entries,
  }: { readonly orders: number; readonly sizesOfOrder: number; readonly entries: number },
): Promise<void> {
  const [first] = room.variants;
  if (!first) throw new Error('no seeds');
  const { id } = await room.order({ [first.id]: 1 });
  const shape = [id, orders, sizesOfOrder];
  await asSuperuser(room.sales.db.superuserUrl, async (client) => {
    const run = (text: string, values: unknown[] = []) => client.query({ text, values });
    await run(`set session_replication_role = 'replica'`);
    for (const table of filled) await run(`alter table ${table} set (autovacuum_enabled = false)`);
    await run(
      `with made as materialized (select distinct order_id, n, status from (${sizes}) s) insert into erp_orders
      ${copy('erp_orders', 'id = $1', `'id', made.order_id, 'number', 'F-' || n, 'status', made.status, 'due_on', date '2026-04-01' + n % 90`)}`,
      shape,
    );
    await run(
      `with made as materialized (select distinct order_id, line_id from (${sizes}) s) insert into erp_order_lines
      ${copy('erp_order_lines', 'order_id = $1', `'id', made.line_id, 'order_id', made.order_id`)}`,
      shape,
    );
    const open = `case when made.status = 'completed' or (made.status = 'in_production' and not is_out) then 0 else 1 end`;
    const reserved = `case when made.status = 'confirmed' and not is_out then 1 else 0 end`;
    await run(
      `with made as materialized (${sizes}) insert into erp_order_line_sizes ${copy(
        'erp_order_line_sizes',
        'order_line_id = (select id from erp_order_lines where order_id = $1)',
        `'id', made.id, 'order_line_id', made.line_id, 'variant_id', made.variant_id, 'quantity', 1, 'open_quantity', ${open},
        'reserved_quantity', ${reserved}`,
      )}`,
      shape,
    );
    await run(
      `with made as materialized (${sizes}) insert into erp_stock_reservations (tenant_id, organization_id, workspace_id, id,
        order_line_size_id, location_id, variant_id, quantity)
      select t.tenant_id, t.organization_id, t.workspace_id, gen_random_uuid(), made.id, t.id, made.variant_id, 1
      from made cross join erp_stock_locations t where t.id = $4 and made.status = 'confirmed' and not is_out`,
      [...shape, shelfId],
    );
    // What is there came from a supplier, in so many entries; what was made went to production.
    const entry = `insert into erp_stock_moves (tenant_id, organization_id, workspace_id, id, variant_id, from_location_id,
      to_location_id, quantity, kind, source_type, source_id, order_id, order_line_size_id, made_by)
      select t.tenant_id, t.organization_id, t.workspace_id, gen_random_uuid(),`;
    const outside = (kind: string): string =>
      `(select id from erp_stock_locations o where o.kind = '${kind}' and o.organization_id = t.organization_id)`;
    await run(
      `${entry} v.id, ${outside('supplier')}, t.id, 10, 'receipt', 'purchase_receipt', t.id, null, null, t.id
      from erp_stock_locations t cross join generate_series(1, $2::int) n
      join (${stocked}) v on v.place = n % v.total where t.id = $1::uuid`,
      [shelfId, entries],
    );
    await run(
      `with made as materialized (${sizes}) ${entry} made.variant_id, t.id, ${outside('production')}, 1, 'consumption', 'order',
        made.order_id, made.order_id, made.id, t.id
      from made cross join erp_stock_locations t where t.id = $4 and made.status = 'in_production' and not is_out`,
      [...shape, shelfId],
    );
    await run(
      `insert into erp_stock_levels (tenant_id, organization_id, workspace_id, id, location_id, variant_id, on_hand, reserved,
        allow_negative)
      select t.tenant_id, t.organization_id, t.workspace_id, gen_random_uuid(), t.id, m.variant_id, m.quantity,
        coalesce(r.quantity, 0), false
      from erp_stock_locations t
      cross join (select variant_id, sum(case when to_location_id = $1 then quantity else -quantity end) as quantity
        from erp_stock_moves where $1 in (from_location_id, to_location_id) group by variant_id) m
      left join (select variant_id, sum(quantity) as quantity from erp_stock_reservations group by variant_id) r using (variant_id)
      where t.id = $1::uuid`,
      [shelfId],
    );
    await client.query(`set session_replication_role = 'origin'`);
  });
}

/** What autovacuum would do in its own time. */
export const analyzeShop = (room: Stockroom): Promise<unknown> =>
  asSuperuser(room.sales.db.superuserUrl, (client) => client.query(`analyze ${filled.join(', ')}`));
