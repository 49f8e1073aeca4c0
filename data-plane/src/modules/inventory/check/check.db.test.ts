import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { stock } from '@platen/schema/contracts/data/stock';
import t from 'tap';
import { Value } from 'typebox/value';
import { mainStreet } from '../../../test/sales.fixture.js';
import { stockFaults } from '../../../test/stock.fixture.js';
import { openStockroom, reason, standOf } from '../stockroom.fixture.js';

const room = await openStockroom(t);
const { service, ctxOf } = room;
const { superuserUrl } = room.sales.db;
const whole = () => ctxOf({ workspaceId: null });
const shelf = await room.newLocation(mainStreet);

/** Behind the back of everything. Without triggers, so that foreign keys let a row go. */
const damage = (sql: string, values: unknown[] = []) =>
  asSuperuser(superuserUrl, async (client) => {
    await client.query(`set session_replication_role = 'replica'`);
    await client.query(sql, values);
    await client.query(`set session_replication_role = 'origin'`);
  });
let used = 0;
/** A variant of its own: twenty pieces, twelve of them promised. */
async function stocked() {
  used += 1;
  const variant = room.variants[used]?.id ?? '';
  await room.adjust(shelf.id, [{ variant_id: variant, counted: '20' }]);
  const order = await room.order({ [variant]: 12 }, '2026-05-01');
  t.same((await room.check()).differences, []);
  return { variant, order };
}
const repair = () => service.check.repair(ctxOf(), { reason });
/** What is found, what is done, and that nothing is left to find. */
async function mended(variant: string): Promise<readonly string[]> {
  const found = await room.check();
  t.ok(Value.Check(stock.check.response, found));
  const done = await repair();
  t.ok(Value.Check(stock.repair.response, done));
  t.same(done.repaired, found.differences, 'what was proposed is what was done');
  t.same((await room.check()).differences, []);
  t.same((await room.check(whole())).differences, []);
  t.same(await stockFaults(whole()), []);
  t.ok(found.differences.every(({ variant_id }) => variant_id === variant));
  return found.differences.map(
    ({ kind, expected, found: is, repair: { action, quantity } }) =>
      `${kind} ${Number(is)} for ${Number(expected)}: ${action} ${Number(quantity)}`,
  );
}
const stand = async (variant: string) => standOf(await room.levels(), shelf.id, variant);

t.test('a level that is not the sum of its entries', async (t) => {
  const { variant } = await stocked();
  await damage('update erp_stock_levels set on_hand = 25 where variant_id = $1', [variant]);
  t.same(await mended(variant), ['on_hand 25 for 20: set -5']);
  t.same(await stand(variant), [20, 12]);

  await damage('update erp_stock_levels set on_hand = 12 where variant_id = $1', [variant]);
  t.same(await mended(variant), ['on_hand 12 for 20: set 8']);
  t.same(await stand(variant), [20, 12]);
});

t.test('a level that is gone', async (t) => {
  const { variant } = await stocked();
  await damage('delete from erp_stock_levels where variant_id = $1', [variant]);
  t.same(await mended(variant), ['reserved 0 for 12: set 12', 'on_hand 0 for 20: set 20']);
  t.same(await stand(variant), [20, 12]);
});

t.test('entries that are gone, or another one', async (t) => {
  const { variant } = await stocked();
  await damage('update erp_stock_moves set quantity = 10 where variant_id = $1', [variant]);
  t.same(await mended(variant), ['on_hand 20 for 10: set -10', 'over_reserved 12 for 10: release -2']);
  t.same(await stand(variant), [10, 10]);

  const { variant: other } = await stocked();
  await room.adjust(shelf.id, [{ variant_id: other, delta: '-3' }]);
  await damage('delete from erp_stock_moves where variant_id = $1 and to_location_id = $2', [other, shelf.id]);
  t.same(await mended(other), ['on_hand 17 for -3: entry 20'], 'what cannot be is no reason to lose what is there');
  t.same(await stand(other), [17, 12]);
});

t.test('promises that do not add up', async (t) => {
  const { variant } = await stocked();
  await damage('update erp_stock_levels set reserved = 3 where variant_id = $1', [variant]);
  t.same(await mended(variant), ['reserved 3 for 12: set 9']);
  await damage('update erp_order_line_sizes set reserved_quantity = 1 where variant_id = $1', [variant]);
  t.same(await mended(variant), ['order_reserved 1 for 12: set 11']);
  await damage('delete from erp_stock_reservations where variant_id = $1', [variant]);
  t.same(await mended(variant), [
    'reserved 12 for 0: set -12',
    'order_reserved 12 for 0: set -12',
    'unreserved 0 for 12: reserve 12',
  ]);
  await damage('update erp_stock_reservations set quantity = 15 where variant_id = $1', [variant]);
  t.same(await mended(variant), [
    'reserved 12 for 15: set 3',
    'order_reserved 12 for 15: set 3',
    'over_reserved 15 for 12: release -3',
  ]);
  t.same(await stand(variant), [20, 12]);
});

t.test('needs that are not those of the orders', async (t) => {
  const { variant, order } = await stocked();
  await damage('update erp_order_line_sizes set open_quantity = 0, reserved_quantity = 0 where variant_id = $1', [
    variant,
  ]);
  t.same(await mended(variant), ['order_reserved 0 for 12: set 12', 'open 0 for 12: set 12']);
  await damage(`update erp_orders set status = 'completed' where id = $1`, [order.id]);
  t.same(await mended(variant), ['open 12 for 0: set -12', 'over_reserved 12 for 0: release -12']);
  t.same(await stand(variant), [20, 0]);

  await damage(`update erp_orders set status = 'confirmed' where id = $1`, [order.id]);
  t.same(await mended(variant), ['open 0 for 12: set 12', 'unreserved 0 for 12: reserve 12']);
  await room.sales.orders.start(ctxOf(), order.id);
  await damage('update erp_order_line_sizes set open_quantity = 5 where variant_id = $1', [variant]);
  t.same(await mended(variant), ['open 5 for 0: set -5'], 'production took it all');
  t.same(await stand(variant), [8, 0]);
});

t.test('a promise to a size of another variant', async (t) => {
  const [{ variant }, { variant: other }] = [await stocked(), await stocked()];
  await damage('delete from erp_stock_reservations where variant_id = $1', [other]);
  await damage(
    `update erp_stock_reservations set order_line_size_id =
      (select id from erp_order_line_sizes where variant_id = $2 and open_quantity > 0) where variant_id = $1`,
    [variant, other],
  );
  const { differences } = await room.check();
  t.match(
    differences.find(({ kind }) => kind === 'over_reserved'),
    { variant_id: variant, expected: '0.0000' },
  );
  t.same((await repair()).repaired, differences);
  t.same((await room.check(whole())).differences, []);
  t.same(await stockFaults(whole()), []);
  t.same(
    [await stand(variant), await stand(other)],
    [
      [20, 12],
      [20, 12],
    ],
  );
});

t.test('a level that allows what its location does not', async (t) => {
  const { variant } = await stocked();
  await damage('update erp_stock_levels set allow_negative = true where variant_id = $1', [variant]);
  t.same(await mended(variant), ['settings 1 for 0: set -1']);
});

t.test('stock that is free while an order waits', async (t) => {
  const variant = room.variants[60]?.id ?? '';
  const late = await room.order({ [variant]: 10 }, '2026-06-01');
  const early = await room.order({ [variant]: 10 }, '2026-04-01');
  await damage(
    `with level as (
      insert into erp_stock_levels (tenant_id, organization_id, workspace_id, id, location_id, variant_id, on_hand, allow_negative)
      select tenant_id, organization_id, workspace_id, gen_random_uuid(), id, $2, 14, false from erp_stock_locations where id = $1
      returning *
    )
    insert into erp_stock_moves (tenant_id, organization_id, workspace_id, id, variant_id, from_location_id, to_location_id,
      quantity, kind, source_type, source_id, made_by)
    select l.tenant_id, l.organization_id, l.workspace_id, gen_random_uuid(), $2, o.id, $1, 14, 'receipt', 'purchase_receipt',
      gen_random_uuid(), gen_random_uuid()
    from level l join erp_stock_locations o on o.organization_id = l.organization_id and o.kind = 'supplier'`,
    [shelf.id, variant],
  );
  const { differences } = await room.check();
  t.match(differences, [
    { kind: 'unreserved', order_id: early.id, repair: { action: 'reserve', quantity: '10.0000' } },
    { kind: 'unreserved', order_id: late.id, repair: { action: 'reserve', quantity: '4.0000' } },
  ]);
  t.equal((await mended(variant)).length, 2);
});

t.test('more entries than one answer takes: answers of some twenty thousand', async (t) => {
  const before = await room.check();
  await damage(
    `insert into erp_stock_moves (tenant_id, organization_id, workspace_id, id, variant_id, from_location_id, to_location_id,
      quantity, kind, source_type, source_id, made_by)
    select s.tenant_id, s.organization_id, s.workspace_id, gen_random_uuid(), v.id,
      case when n % 2 = 0 then o.id else s.id end, case when n % 2 = 0 then s.id else o.id end,
      1, 'adjustment', 'adjustment', gen_random_uuid(), gen_random_uuid()
    from erp_stock_locations s
    join erp_stock_locations o on o.organization_id = s.organization_id and o.kind = 'loss'
    cross join (select id from erp_product_variants where organization_id =
      (select organization_id from erp_stock_locations where id = $1) order by id limit 45) v
    cross join generate_series(1, 1000) n
    where s.id = $1`,
    [shelf.id],
  );
  let cursor: string | undefined;
  const found = [];
  const checked = { moves: 0, pages: 0 };
  const timings: number[] = [];
  do {
    const startedAt = performance.now();
    const page = await service.check.check(ctxOf(), cursor);
    timings.push(Math.round(performance.now() - startedAt));
    found.push(...page.differences);
    checked.moves += page.checked.moves;
    checked.pages += 1;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  t.same(found, []);
  t.equal(checked.moves, 45_000 + before.checked.moves);
  t.equal(checked.pages, 3);
  t.comment(`measured: ${checked.moves} entries in ${checked.pages} answers, ${timings.join(', ')} ms`);
});
