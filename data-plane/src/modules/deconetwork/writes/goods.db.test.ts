import t from 'tap';
import { v7 } from 'uuid';
import { read } from '../../../test/sales.fixture.js';
import { stockUp } from '../../../test/stock.fixture.js';
import type { ReceiptBody } from '../../purchasing/buying.fixture.js';
import { openSites } from './sites.fixture.js';

const sites = await openSites(t);
const { client, ctxOf, connect, map, scope, takeUp, variants } = sites;
const plan = async (document: 'stock' | 'purchase_receipt', localId: string, eventId = v7(), of: object = {}) =>
  (await client.deconetworkEvents.plan({ ...scope(), ...of, event_id: eventId, document, local_id: localId })).planned;
const calls = async (query: string) => (await sites.call('GET', `calls?${query}`)).body.items;
const settle = (held: Awaited<ReturnType<typeof takeUp>>, callId: string, outcome: 'done' | 'failed') =>
  client.deconetworkCalls.settleCall({ ...held, call_id: callId, outcome });

t.test(
  'levels of mapped variants: told once, as they are when they are sent, and again when they change',
  async (t) => {
    const site = await connect({ inventory: true });
    const { m, l, hoodie } = variants;
    await map(site, 'variant', m, { dnId: '1_1' });
    await map(site, 'variant', l, { dnId: '1_2' });
    await map(site, 'variant', hoodie, { dnId: '2_1' });
    await stockUp(ctxOf(), { [m]: 12, [l]: '7.5' });
    t.equal(await plan('stock', site.id, v7(), { organization_id: v7() }), 0, 'another organization’s');
    t.equal(await plan('stock', site.id), 1);
    t.equal(await plan('stock', site.id), 0, 'what waits is not asked for twice');
    await stockUp(ctxOf(), { [m]: 3 });
    const held = await takeUp(site);
    const { call } = await client.deconetworkCalls.nextCall(held);
    const told = [
      { dn_sku_id: '1_1', level: 15 },
      { dn_sku_id: '1_2', level: 7 },
    ];
    t.same(call?.request, { levels: told }, 'what no place keeps is not told; whole pieces; as of now');
    t.equal(await plan('stock', site.id), 0, 'on its way');
    await settle(held, call?.id ?? '', 'done');
    t.equal(await plan('stock', site.id), 0, 'told');
    await stockUp(ctxOf(), { [l]: 1 });
    t.equal(await plan('stock', site.id), 1);
    const next = await client.deconetworkCalls.nextCall(held);
    t.same(next.call?.request, { levels: [{ dn_sku_id: '1_2', level: 8 }] });
    await settle(held, next.call?.id ?? '', 'failed');
    t.equal(await plan('stock', site.id), 1, 'what failed is told with the next look');
    const echoing = await connect({ inventory: true });
    await map(echoing, 'variant', l, { base: { level: 8 } });
    await map(echoing, 'variant', m, { base: { level: 15 }, written: { level: 14 } });
    await plan('stock', echoing.id);
    const [only] = await calls(`connection_id=${echoing.id}`);
    t.match(
      only.request.levels,
      [{ level: 15 }],
      'what the site said is not said back, unless it was told otherwise since',
    );
    t.equal(only.request.levels.length, 1);
    const silent = await connect({ inventory: false });
    await map(silent, 'variant', m);
    t.equal(await plan('stock', silent.id), 0);
  },
);

t.test('two hundred and fifty levels are three writes', async (t) => {
  const site = await connect({ inventory: true });
  await sites.sql(
    `with made as (
       insert into erp_product_variants select (jsonb_populate_record(v, jsonb_build_object('id', gen_random_uuid(),
         'sku', 'bulk-' || n))).* from erp_product_variants v, generate_series(1, 250) n where v.id = $1 returning *
     ), held as (
       insert into erp_stock_levels (tenant_id, organization_id, workspace_id, id, location_id, variant_id, on_hand, allow_negative)
       select p.tenant_id, p.organization_id, p.workspace_id, gen_random_uuid(), p.id, made.id, 5, p.allow_negative from made,
         (select * from erp_stock_locations where kind = 'internal' and organization_id = (select organization_id from made limit 1)
          order by position, id limit 1) p
     )
     insert into dn_maps (tenant_id, organization_id, workspace_id, id, connection_id, kind, dn_id, state, local_id, label)
     select tenant_id, organization_id, null, gen_random_uuid(), $2, 'variant', sku, 'mapped', id, 'x' from made`,
    [variants.m, site.id],
  );
  t.equal(await plan('stock', site.id), 3);
  const kept = await calls(`connection_id=${site.id}`);
  t.same(kept.map(({ request }: { request: { levels: unknown[] } }) => request.levels.length).sort(), [100, 100, 50]);
  t.equal((await sites.jobs(site)).length, 1);
});

const receive = async (order: { id: string; lines: readonly { id: string }[] }, quantities: Record<number, string>) =>
  read<ReceiptBody>(
    await sites.receipts.create(ctxOf(), order.id, {
      lines: Object.entries(quantities).map(([line, quantity]) => ({
        purchase_order_line_id: order.lines[Number(line)]?.id ?? '',
        quantity,
      })),
    }),
  ).receipt.id;
const lineOf = (
  dn_id: string,
  variant_dn_id: string | null,
  ordered: number,
  received = 0,
  sku: string | null = null,
) => ({
  dn_id,
  variant_dn_id,
  sku,
  ordered,
  received,
});

t.test('a delivery in the site’s lines: what it lacks of what came here, once', async (t) => {
  const { m, l } = variants;
  const order = await sites.approved({ [m]: '10', [l]: '20' });
  const site = await connect({ receipts: true });
  await map(site, 'variant', m, { dnId: '1_1' });
  await map(site, 'variant', l, { dnId: '1_2' });
  const base = { lines: [lineOf('a', '1_1', 6), lineOf('b', '1_1', 4), lineOf('c', '1_2', 20)] };
  const { id: mapId } = await map(site, 'purchase_order', order.id, { dnId: 'PO-7', base });
  const eventId = v7();
  const receipt = await receive(order, { 0: '8', 1: '5' });
  t.equal(await plan('purchase_receipt', receipt, eventId, { organization_id: v7() }), 0);
  t.equal(await plan('purchase_receipt', receipt, eventId), 1);
  t.equal(await plan('purchase_receipt', receipt, eventId), 0, 'a replay');
  const held = await takeUp(site);
  const { call } = await client.deconetworkCalls.nextCall(held);
  t.match(call, { kind: 'receipt', request: { po_number: 'PO-7' } });
  t.same(call?.request, {
    po_number: 'PO-7',
    lines: [
      { line_id: 'a', quantity: 6 },
      { line_id: 'b', quantity: 2 },
      { line_id: 'c', quantity: 5 },
    ],
  });
  await settle(held, call?.id ?? '', 'done');
  t.same(await sites.written(mapId), { lines: { a: 6, b: 2, c: 5 } });

  await sites.sql(`update dn_maps set base = $2 where id = $1`, [
    mapId,
    { lines: [lineOf('a', '1_1', 6, 6), lineOf('b', '1_1', 4, 4), lineOf('c', '1_2', 20, 5)] },
  ]);
  t.equal(await plan('purchase_receipt', await receive(order, { 0: '2' })), 0, 'the site has these two already');
  await plan('purchase_receipt', await receive(order, { 1: '3.5' }));
  t.match((await client.deconetworkCalls.nextCall(held)).call?.request, { lines: [{ line_id: 'c', quantity: 3 }] });
});

t.test('what stands on none of its lines waits for somebody, and is sent once it is mapped', async (t) => {
  const { m, hoodie } = variants;
  const order = await sites.approved({ [m]: '10', [hoodie]: '10' });
  const site = await connect({ receipts: true });
  await map(site, 'purchase_order', order.id, { dnId: 'PO-8', base: { lines: [lineOf('a', '9_9', 10)] } });
  const receipt = await receive(order, { 0: '4', 1: '1' });
  t.equal(await plan('purchase_receipt', receipt), 1);
  t.same(await sites.jobs(site), [], 'nothing to be sent');
  const [failed] = await calls(`connection_id=${site.id}`);
  t.match(failed, { state: 'failed', error: { code: 'unmapped' }, request: { lines: [] } });
  t.match(await sites.call('POST', `calls/${failed.id}/retry`), { status: 422, body: { code: 'unknown_reference' } });
  await map(site, 'variant', m, { dnId: '9_9' });
  t.match(await sites.call('POST', `calls/${failed.id}/retry`), {
    status: 200,
    body: { state: 'pending', request: { lines: [{ line_id: 'a', quantity: 4 }] } },
  });
  t.match(await sites.jobs(site), [{ task: 'write', status: 'queued' }]);
});

t.test('a line without a mapped variant is found by its SKU', async (t) => {
  const { m } = variants;
  const [row] = await sites.sql<{ sku: string }>('select sku from erp_product_variants where id = $1', [m]);
  const order = await sites.approved({ [m]: '10' });
  const site = await connect({ receipts: true });
  const base = { lines: [lineOf('x', null, 5, 0, 'other'), lineOf('a', null, 10, 0, row?.sku ?? '')] };
  await map(site, 'purchase_order', order.id, { base });
  await plan('purchase_receipt', await receive(order, { 0: '4' }));
  t.match(await calls(`connection_id=${site.id}`), [{ request: { lines: [{ line_id: 'a', quantity: 4 }] } }]);
});
