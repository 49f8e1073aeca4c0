import { randomBytes } from 'node:crypto';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { until } from '@platen/chassis/testkit/until';
import { differencesOf, startDecoNetworkSite } from '@platen/deconetwork-site';
import { createClient } from '@platen/sdk';
import {
  connectSite,
  followOrder,
  importOrders,
  readImported,
  untilEnded,
} from '@platen/sdk/examples/import-deconetwork';
import { createNodeTransport } from '@platen/sdk/node';
import t from 'tap';
import { startPlatform } from './platform.js';
import { signIn } from './sign-in.js';
import { acme } from './world.js';

// A shop's site with all its habits, both planes and the worker as processes, a worker that is killed in the middle.
const orderCount = 128;
const credentials = {
  username: `canary-${randomBytes(6).toString('hex')}@example.com`,
  password: `canary-${randomBytes(9).toString('hex')}`,
};
const site = await startDecoNetworkSite({ orders: orderCount, products: 10, customers: 25, seed: 8, credentials });
t.teardown(() => site.close());
const outbound = { OUTBOUND_ALLOWED_HOSTS: new URL(site.url).host, LOG_LEVEL: 'trace' };
const platform = await startPlatform(t, {
  env: {
    'data-plane': outbound,
    'erp-worker': { ...outbound, DN_PAUSE: '0ms', DN_TIMEOUT: '3s' },
  },
});
const { access } = await signIn(platform, acme.users[0].email);
const transport = createNodeTransport();
t.teardown(() => transport.close());
const client = createClient({
  transport,
  controlUrl: `http://acme.localhost:${platform.ports.control}`,
  dataUrl: `http://acme.localhost:${platform.ports.data}`,
  token: () => access,
});
const { dn } = client.erp;
const sql = <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> =>
  asSuperuser(platform.databases['erp-1'].superuserUrl, async (db) => (await db.query<Row>(text, values)).rows);

/** In what what is here is not the site's. */
async function differences(): Promise<string[]> {
  const found: string[] = [];
  const seen = new Set<string>();
  for await (const { dnId, ...ours } of readImported(client, connection.id)) {
    if (seen.has(dnId)) found.push(`${dnId} is here twice`);
    seen.add(dnId);
    found.push(...differencesOf(site.order(dnId), ours));
  }
  return [...found, ...site.orders().flatMap(({ id }) => (seen.has(id) ? [] : [`${id} is not here`]))];
}
/** All that imports write, as it stands. */
const fingerprint = () =>
  sql(
    `select (select md5(string_agg(t::text, '' order by id)) from erp_orders t) as orders,
       (select md5(string_agg(t::text, '' order by id)) from erp_order_lines t) as lines,
       (select md5(string_agg(t::text, '' order by id)) from erp_order_payments t) as payments,
       (select md5(string_agg(t::text, '' order by id)) from erp_customers t) as customers,
       (select md5(string_agg(t::text, '' order by id)) from erp_product_variants t) as variants,
       (select md5(string_agg(t::text, '' order by id)) from dn_maps t) as maps`,
  );
const countOrders = async () => (await sql<{ n: number }>('select count(*)::int as n from erp_orders'))[0]?.n ?? 0;

const connection = await connectSite(client, { url: site.url, ...credentials });
let importId = '';

t.test('connected: what the site calls its fields is found out', async (t) => {
  t.match(connection, { status: 'active', field_map: { order_date_modified: 6 }, last_test: { code: 'ok' } });
});

t.test('a dry run says what would be, and nothing is', async (t) => {
  const before = await fingerprint();
  const dry = await importOrders(client, connection, { dryRun: true });
  t.match(dry, { status: 'succeeded', dry_run: true, counts: { failed: 0, review: 0 } });
  const rows = await dn.importJobs.rows({ id: dry.id, kind: 'order', limit: 5 });
  t.ok(rows.items.every(({ outcome, changes }) => outcome === 'created' && changes.length > 10));
  t.same(await fingerprint(), before);
});

t.test('imported whole, though pages drift, calls fail and the worker is killed', async (t) => {
  site.setHabits({
    drift: { everyPages: 2, changed: 3, added: 2 },
    duplicates: { everyPages: 3 },
    cut: { every: 7 },
    // The next page does not come before the worker is killed.
    hang: { every: 2 },
    html: { every: 13, status: 503, page: 'maintenance' },
    warnings: { every: 5 },
  });
  const started = await dn.importJobs.create({ connection_id: connection.id });
  importId = started.id;
  for await (const { type, data } of client.erp.jobs.events({ id: started.id })) {
    if (type === 'erp.job.progressed' && data.progress > 0) break;
  }
  await platform.kill('erp-worker');
  site.setHabits({ hang: { every: 11 } });
  // Its lease is over at once, rather than in half a minute.
  await sql(
    `with job as (update erp_jobs set lease_until = now() - interval '1 s' where id = $1 and status = 'running')
     update due_work set due_at = now() - interval '1 s' where ref_id = $1`,
    [started.id],
  );
  await platform.start('erp-worker');
  await untilEnded(client, started.id);
  const done = await dn.importJobs.get({ id: started.id });
  t.match(done, { status: 'succeeded', counts: { failed: 0, review: 0 } }, JSON.stringify(done.error));
  t.match(await client.erp.jobs.get({ id: started.id }), { attempts: 2 });
  // What changed while the last page was read comes with the next synchronization.
  site.setHabits({ drift: null, duplicates: null, cut: null, hang: null, html: null, warnings: null });
  const sync = await dn.sync.start({ connection_id: connection.id });
  await untilEnded(client, sync.id);
  t.same(await differences(), []);
  t.equal(site.log.maxInFlight, 1, 'one call in flight');
  t.same(
    site.log.calls.filter(({ credentialsInUrl }) => credentialsInUrl),
    [],
  );
});

t.test('a second run writes nothing', async (t) => {
  const before = await fingerprint();
  const again = await importOrders(client, connection);
  t.match(again, { status: 'succeeded', counts: { created: 0, updated: 0, failed: 0, review: 0 } });
  t.equal(again.counts.unchanged, site.orders().length);
  t.same(await fingerprint(), before);
});

t.test('one order’s way, from the site’s record to ours and back', async (t) => {
  const written = await dn.connections.get({ id: connection.id });
  await dn.connections.update({ id: written.id, write_back: { status: true } });
  const confirmed = site.orders().find(({ status }) => status === 1);
  if (!confirmed) throw new Error('no order is to be made');
  const id = await followOrder(client, connection.id, confirmed.id, () => undefined);
  await client.erp.orders.start({ id, allow_short: true });
  await client.erp.orders.ready({ id, allow_short: true });
  const calls = await until(
    () => dn.calls.list({ connection_id: connection.id }),
    ({ items }) => items[0]?.state === 'done',
  );
  t.match(calls.items, [{ kind: 'status', state: 'done', local_id: id, attempts: 1 }]);
  t.match(site.state.statusWrites, [{ orderId: confirmed.id, newStatus: 2, contactCustomer: false }]);
  t.same(site.state.mails, []);
  const told: string[] = [];
  t.equal(await followOrder(client, connection.id, confirmed.id, (text) => told.push(text)), id);
  t.match(told.join('\n'), /the site was told.*: done[\s\S]*created[\s\S]*is order INV\d+/);
  // The site's own news of it changes nothing here.
  const sync = await dn.sync.start({ connection_id: connection.id });
  await untilEnded(client, sync.id);
  t.match(await client.erp.orders.get({ id }), { status: 'ready' });
  t.equal((await dn.calls.list({ connection_id: connection.id })).items.length, 1, 'and is no news for the site');
});

t.test('a delivery and what is on the shelf then are the site’s too', async (t) => {
  await dn.connections.update({ id: connection.id, write_back: { status: false, receipts: true } });
  const open = site
    .purchaseOrders()
    .find(({ status, lines }) => status === 3 && lines.every((line) => line.received === 0));
  const [line] = open?.lines ?? [];
  if (!open || !line) throw new Error('no purchase order is open');
  const read = async (kinds: ('product' | 'purchase_order')[]) => {
    const { id } = await dn.importJobs.create({ connection_id: connection.id, kinds });
    await untilEnded(client, id);
    return dn.importJobs.get({ id });
  };
  t.match(await read(['product']), { status: 'succeeded', counts: { failed: 0 } });
  t.match(await read(['purchase_order']), { counts: { created: 0, failed: 0, review: site.purchaseOrders().length } });
  const mapOf = async (kind: 'variant' | 'purchase_order', dnId: string) => {
    const found = await dn.maps.list({ connection_id: connection.id, kind, dn_id_prefix: dnId, limit: 200 });
    const map = found.items.find(({ dn_id }) => dn_id === dnId);
    if (!map) throw new Error(`no map of ${dnId}`);
    return map;
  };
  const variantId = (await mapOf('variant', line.sku.dnSkuId)).local_id;
  if (variantId === null) throw new Error('the variant is not here');
  const { purchaseOrders, purchaseReceipts, suppliers } = client.erp;
  const supplier = await suppliers.create({ code: 'acceptance-mill', name: 'Mill', currency: 'EUR' });
  const cost = { amount: '2.5000', currency: 'EUR' };
  const draft = await purchaseOrders.create({
    supplier_id: supplier.id,
    lines: [{ variant_id: variantId, quantity: String(line.ordered), unit_cost: cost }],
  });
  await dn.maps.update({ id: (await mapOf('purchase_order', open.number)).id, local_id: draft.id });
  t.match(await read(['purchase_order']), { counts: { failed: 0 } });
  await purchaseOrders.submit({ id: draft.id });
  const approved = await purchaseOrders.approve({ id: draft.id });
  await purchaseReceipts.create({
    id: draft.id,
    lines: [{ purchase_order_line_id: approved.lines[0]?.id ?? '', quantity: '1' }],
  });
  const done = (kind: 'receipt' | 'inventory') =>
    until(
      () => dn.calls.list({ connection_id: connection.id, kind }),
      ({ items }) => items.length > 0 && items.every(({ state }) => state === 'done'),
    );
  t.match((await done('receipt')).items, [{ attempts: 1 }]);
  t.match(site.state.receipts, [{ poNumber: open.number, lineId: line.id, qty: 1 }]);

  await dn.connections.update({ id: connection.id, write_back: { receipts: false, inventory: true } });
  const sync = await dn.sync.start({ connection_id: connection.id });
  await untilEnded(client, sync.id);
  await done('inventory');
  const levels = await client.erp.stock.levels({ variant_id: variantId });
  const onHand = levels.items.reduce((all, level) => all + Number(level.on_hand), 0);
  t.ok(onHand >= 1);
  t.match(site.state.inventories.get(line.sku.dnSkuId), { level: onHand });
  await dn.connections.update({ id: connection.id, write_back: { inventory: false } });
});

t.test('undone: what was made is gone, what changed since stays', async (t) => {
  const others = (await countOrders()) - site.orders().length;
  const undo = await dn.importJobs.undo({ id: importId });
  await untilEnded(client, undo.id);
  const done = await dn.importJobs.get({ id: undo.id });
  t.match(done, { task: 'undo', status: 'succeeded', of_job_id: importId, counts: { failed: 0 } });
  const rows = await dn.importJobs.rows({ id: undo.id, kind: 'order', outcome: 'refused' });
  const left = (await countOrders()) - others;
  t.ok(rows.items.length > 0, 'the order that was made ready');
  t.comment(`measured: ${done.counts.undone} undone, ${done.counts.refused} refused, ${left} orders left`);
  t.equal((await sql('select 1 from dn_maps where kind = $1 and state = $2', ['order', 'mapped'])).length, left);
});

t.test('secrets of the site are in no log and in no row', async (t) => {
  const secrets = [credentials.password, credentials.username, site.loginToken];
  for (const name of ['control-plane', 'data-plane', 'erp-worker'] as const) {
    const lines = platform.logLines(name);
    t.ok(lines.length > 0);
    for (const secret of secrets) {
      t.same(
        lines.filter((line) => line.includes(secret)),
        [],
        name,
      );
    }
  }
  const tables = await sql<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public'`,
  );
  const anySecret = [secrets.map((secret) => `%${secret}%`)];
  for (const { name } of tables) {
    const [row] = await sql<{ n: number }>(
      `select count(*)::int as n from "${name}" t where t::text like any($1)`,
      anySecret,
    );
    t.equal(row?.n, 0, name);
  }
});
