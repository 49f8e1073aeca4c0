import type { DnInventoryRecord, DnProductRecord } from '@platen/schema/contracts/internal/deconetwork';
import t from 'tap';
import { v7 } from 'uuid';
import { mainStreet } from '../../../test/sales.fixture.js';
import { lineOf, minute, openImporting, orderRecord } from './apply.fixture.js';

const importing = await openImporting(t);
const { begin, connect, sql } = importing;

const product = (dnId: string, more: Partial<DnProductRecord> = {}): DnProductRecord => ({
  kind: 'product',
  dn_id: dnId,
  modified_at: minute(0),
  raw: '{}',
  code: `P-${dnId}`,
  name: `Product ${dnId}`,
  brand: 'Gildan',
  supplier: null,
  is_active: true,
  variants: ['S', 'M'].map((size, n) => ({
    dn_id: `${dnId}_${n}`,
    sku: `P-${dnId}-${size}`,
    size,
    colour: 'Red',
    price: n === 0 ? '4.5' : '5.25',
    cost: '2.1',
  })),
  ...more,
});
const inventory = (dnId: string, level: number | null, at = 0): DnInventoryRecord => ({
  kind: 'inventory',
  dn_id: dnId,
  modified_at: minute(at),
  raw: '{}',
  product: { dn_id: dnId.split('_')[0] ?? '', code: null, name: 'Product' },
  sku: null,
  vendor_sku: null,
  size: null,
  colour: null,
  level,
});

t.test('products and their variants are made, and follow the site field by field', async (t) => {
  const site = await connect('site');
  const job = await begin(site);
  t.match(await job.send(product('501')), { created: 1 });
  const [made] = await sql(`select * from erp_products where code = 'p-501'`);
  t.match(made, { name: 'Product 501', status: 'active', kind: 'blank', base_price: '4.5000', brand: 'Gildan' });
  const variants = () =>
    sql(`select sku, option_values, price_delta, cost from erp_product_variants where product_id = $1 order by sku`, [
      made?.['id'],
    ]);
  t.match(await variants(), [
    { sku: 'p-501-m', option_values: { size: 'M', colour: 'Red' }, price_delta: '0.7500', cost: '2.1000' },
    { sku: 'p-501-s', price_delta: '0.0000' },
  ]);
  const again = await begin(site);
  t.match(await again.send(product('501')), { unchanged: 1, updated: 0 });
  const { variants: given } = product('501');
  const next = product('501', {
    modified_at: minute(1),
    name: 'Another name',
    is_active: false,
    variants: given.map((variant) => ({ ...variant, cost: '2.2' })),
  });
  const changing = await begin(site);
  t.match(await changing.send(next), { updated: 1 });
  t.match((await sql(`select name, status from erp_products where code = 'p-501'`))[0], {
    name: 'Another name',
    status: 'archived',
  });
  t.match(await variants(), [{ cost: '2.2000' }, { cost: '2.2000' }]);
  t.match(await (await begin(site)).send(next), { unchanged: 1 });

  const strict = await begin(await connect(), { createMissing: [] });
  t.match(await strict.send(product('502')), { review: 1 });
  t.match((await strict.rows())[0], { error: { code: 'unmapped', map_ids: { length: 3 } } });
});

t.test('levels: what only the site changed is counted here; what both changed, the rule says', async (t) => {
  const site = await connect('site');
  await (await begin(site)).send(product('601'));
  const level = async () =>
    (
      await sql<{ on_hand: string }>(
        `select l.on_hand from erp_stock_levels l join erp_product_variants v on v.id = l.variant_id where v.sku = 'p-601-s'`,
      )
    )[0]?.on_hand;
  t.match(await (await begin(site)).send(inventory('601_0', 40), inventory('601_1', null)), {
    updated: 1,
    unchanged: 1,
  });
  t.equal(await level(), '40.0000');
  const [move] = await sql(`select * from erp_stock_moves where reason = 'DecoNetwork 601_0'`);
  t.match(move, { kind: 'adjustment', quantity: '40.0000' });
  t.match(await (await begin(site)).send(inventory('601_0', 40, 1)), { unchanged: 1 });
  await sql(
    `update erp_stock_levels set on_hand = 38 where variant_id = (select id from erp_product_variants where sku = 'p-601-s')`,
  );
  t.match(await (await begin(site)).send(inventory('601_0', 40, 2)), { unchanged: 1 }, 'what only we changed stays');
  await sql(`update dn_connections set conflict_rule = 'review' where id = $1`, [site.id]);
  const both = await begin(site);
  t.match(await both.send(inventory('601_0', 30, 3)), { review: 1 });
  t.match((await both.rows())[0], { before: { level: 38 }, loser: { level: 30 }, error: { code: 'conflict' } });
  t.equal(await level(), '38.0000');
});

t.test(
  'a level is what lies here, in all places: what the site is told is what it is taken at its word for',
  async (t) => {
    const site = await connect('review');
    await sql(`update dn_connections set write_back = write_back || '{"inventory": true}' where id = $1`, [site.id]);
    await (await begin(site)).send(product('651'));
    const sku = 'p-651-s';
    const [{ id: variantId } = { id: '' }] = await sql<{ id: string }>(
      'select id from erp_product_variants where sku = $1',
      [sku],
    );
    const first = await begin(site);
    t.match(await first.send(inventory('651_0', 12)), { updated: 1 }, 'nobody here has counted any: the site has');
    const asClerk = importing.asClerk;
    const place = await asClerk('POST', 'stock/locations', {
      code: 'shelf-651',
      name: 'Shelf',
      workspace_id: mainStreet,
    });
    t.equal(place.status, 201);
    const lines = [{ variant_id: variantId, counted: '8.5' }];
    t.match(await asClerk('POST', 'stock/adjustments', { location_id: place.body.id, reason: 'Count', lines }), {
      status: 201,
    });
    const line = { ...lineOf(1, 1), product: { dn_id: '651', code: null, name: 'Tee', colour: null } };
    const sizes = line.sizes.map((size) => ({ ...size, dn_id: '651_0' }));
    await (await begin(site)).send(orderRecord('Z1', { lines: [{ ...line, sizes }] }));
    const held = async () =>
      (
        await sql<{ on_hand: string; reserved: string }>(
          'select sum(on_hand)::text as on_hand, sum(reserved)::text as reserved from erp_stock_levels where variant_id = $1',
          [variantId],
        )
      )[0];
    t.match(await held(), { on_hand: '20.5000', reserved: '10.0000' });
    const moves = async () =>
      (await sql('select count(*)::int as n from erp_stock_moves where variant_id = $1', [variantId]))[0]?.['n'];
    const before = await moves();
    const event = { ...importing.scope(), event_id: v7(), document: 'stock' as const, local_id: site.id };
    t.equal((await importing.client.deconetworkEvents.plan(event)).planned, 1);
    const [call] = await sql<{ request: { levels: object[] } }>(
      `select request from dn_calls where connection_id = $1`,
      [site.id],
    );
    t.same(call?.request.levels, [{ dn_sku_id: '651_0', level: 20 }], 'promised or not');
    await sql(`update dn_maps set written = '{"level": 20}' where connection_id = $1 and dn_id = '651_0'`, [site.id]);
    const back = await begin(site);
    t.match(await back.send(inventory('651_0', 20, 1)), { unchanged: 1, updated: 0, review: 0 });
    t.equal(await moves(), before, 'nothing is moved by what comes back');
    const sold = await begin(site);
    t.match(await sold.send(inventory('651_0', 17, 2)), { updated: 1 });
    t.match(await held(), { on_hand: '17.5000' }, 'the difference, at the first place');
    t.match((await sold.rows())[0], { before: { level: 20 }, after: { level: 17 } });
    const less = await begin(site);
    t.match(await less.send(inventory('651_0', 2, 3)), { review: 1 });
    t.match((await less.rows())[0], { error: { code: 'stock_short' } }, 'more than lies at the first place');
    const undo = await begin(site, { task: 'undo', ofJobId: sold.id });
    await importing.client.deconetworkRework.rework({ ...undo.held, limit: 50 });
    t.match(await held(), { on_hand: '20.5000', reserved: '10.0000' });
    t.match((await asClerk('GET', 'stock/check')).body, { differences: [] });
  },
);

t.test('purchase orders are not made; a mapped one that has other receipts is looked at', async (t) => {
  const site = await connect();
  const job = await begin(site);
  const record = {
    kind: 'purchase_order' as const,
    dn_id: 'PO7',
    modified_at: minute(0),
    raw: '{}',
    status: '4',
    status_text: 'Partially Received',
    vendor: 'SanMar',
    reference: null,
    total: '10',
    lines: [],
  };
  t.match(await job.send(record), { review: 1 });
  t.match((await job.rows())[0], { error: { code: 'unmapped', message: /purchase_order PO7/ } });
});

t.test('a comparison says what differs, what is not here, and what is not there; and changes nothing', async (t) => {
  const site = await connect();
  const lines = [lineOf(71)];
  const records = ['K1', 'K2', 'K3'].map((number) => orderRecord(number, { lines }));
  await (await begin(site)).send(...records);
  await sql(`update erp_orders set due_on = '2026-09-09' where number = 'K2'`);
  await sql(`update dn_maps set updated_at = now() - interval '1 hour' where connection_id = $1`, [site.id]);
  const job = await begin(site, { task: 'compare' });
  t.match(await job.send(...records.slice(0, 2), orderRecord('K4', { lines })), {
    differs: 1,
    missing: 1,
    unchanged: 1,
  });
  t.match(await job.finish('order', minute(9)), { differs: 1, missing: 2 });
  const rows = await job.rows();
  t.same(rows.map(({ dn_id: dnId, outcome }) => `${dnId} ${outcome}`).sort(), [
    'K2 differs',
    'K3 missing_there',
    'K4 missing_here',
  ]);
  const differing = rows.find(({ outcome }) => outcome === 'differs');
  t.same([differing?.before, differing?.after], [{ due_on: '2026-09-09' }, { due_on: '2026-03-20' }]);
  const [connection] = await sql<{ cursor: object }>('select cursor from dn_connections where id = $1', [site.id]);
  t.same(connection?.cursor, {});
});

t.test('the cursor moves with a kind that was read whole, and never back', async (t) => {
  const site = await connect();
  const cursor = async () =>
    (await sql<{ cursor: { order?: string } }>('select cursor from dn_connections where id = $1', [site.id]))[0]?.cursor
      .order;
  await (await begin(site, { dryRun: true })).finish('order', minute(5));
  t.equal(await cursor(), undefined);
  await (await begin(site, { task: 'sync' })).finish('order', minute(5));
  t.equal(await cursor(), minute(5));
  await (await begin(site, { task: 'sync' })).finish('order', minute(4));
  t.equal(await cursor(), minute(5));
  await (await begin(site, { from: minute(7) })).finish('order', minute(9));
  t.equal(await cursor(), minute(5), 'what lies between was not read');
});

t.test('measured: new orders, and orders that are as they were', async (t) => {
  const site = await connect();
  const lines = [1, 2, 3, 4, 5].map((place) => lineOf(80 + place, 3));
  await (await begin(site)).send(orderRecord('M0', { lines }));
  const pages = [0, 1].map((page) =>
    Array.from({ length: 50 }, (_, n) =>
      orderRecord(`M${page}-${n}`, { lines, customer: orderRecord('M0').customer, status: n % 5 === 0 ? '1' : '3' }),
    ),
  );
  const timed = async () => {
    const job = await begin(site);
    const [from, cpu] = [performance.now(), process.cpuUsage()];
    for (const page of pages) await job.send(...page);
    const { user, system } = process.cpuUsage(cpu);
    return { ms: performance.now() - from, cpuMs: (user + system) / 1000, counts: (await job.rows()).length };
  };
  const first = await timed();
  const second = await timed();
  t.same([first.counts, second.counts], [100, 0]);
  t.comment(
    `measured: ${Math.round(100_000 / first.ms)} new orders/s of 5 lines × 3 sizes (${(first.cpuMs / 100).toFixed(1)} ms of this process each), ${Math.round(100_000 / second.ms)} unchanged/s`,
  );
});
