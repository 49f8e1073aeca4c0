import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { until } from '@platen/chassis/testkit/until';
import { runCommand } from '@platen/demo/commands';
import { demoPassword, plans, platformAdmins } from '@platen/schema/seeds/identities';
import { createClient } from '@platen/sdk';
import { createNodeTransport } from '@platen/sdk/node';
import { createPlatformClient } from '@platen/sdk/platform';
import t from 'tap';
import { fingerprintOf } from './fingerprint.js';
import { mailTo } from './mail-folder.js';
import { programAt, type TestContext } from './platform.js';
import { sharedPlatform } from './shared-platform.js';
import { bearer, cookie, signIn } from './sign-in.js';
import { acme } from './world.js';

// A tenant into a file, purged by both planes, and back by the command, under processes that go on all the while.
const platform = await sharedPlatform(t, 'processes');
const { ports, databases, dataDir } = platform;
/** One each: it holds cookies. */
function newTransport() {
  const transport = createNodeTransport();
  t.teardown(() => transport.close());
  return transport;
}
const owner = createPlatformClient({
  url: `http://platform.localhost:${ports.control}`,
  transport: newTransport(),
});
await owner.auth.login({ email: platformAdmins.owner.email, password: demoPassword });

const slug = 'phoenix';
const email = `first@${slug}.test`;
const password = 'moss lantern quartz 41';
const customerEmail = 'buyer@phoenix-customers.test';
const clientOf = (token?: string) =>
  createClient({
    controlUrl: `http://${slug}.localhost:${ports.control}`,
    dataUrl: `http://${slug}.localhost:${ports.data}`,
    transport: newTransport(),
    ...(token !== undefined && { token: () => token }),
  });
const signedIn = async () => {
  const { access, refresh } = await signIn(platform, email, { password });
  return { access, refresh, client: clientOf(access) };
};

const archive = path.join(dataDir, `${slug}.tgz`);
const tenantCommand = (name: 'backup' | 'restore', ...words: string[]) =>
  runCommand(
    programAt(`deploy/tenant-archive/dist/${name}.js`),
    {
      MIGRATE_CONTROL_DB_URL: databases.control.ownerUrl,
      MIGRATE_DB_CATALOG: JSON.stringify({
        'erp-1': { url: databases['erp-1'].ownerUrl, kind: 'erp' },
        'telemetry-1': { url: databases['telemetry-1'].ownerUrl, kind: 'telemetry' },
      }),
      STORAGE_LOCAL_DIR: path.join(dataDir, 'uploads'),
    },
    words,
  );
/** What happened before this test has had its effects, of which some come a moment after the answer. */
const untilQuiet = () =>
  asSuperuser(databases['erp-1'].superuserUrl, (client) =>
    until(
      () =>
        client.query(`select from outbox_events e join outbox_positions p using (topic)
          where p.consumer like 'erp-worker%' and (e.position is null or e.position > p.position)`),
      ({ rowCount }) => rowCount === 0,
      50,
    ),
  );
/** Of the neighbour in the same databases. */
const neighbour = () =>
  Promise.all([databases['erp-1'], databases['telemetry-1']].map((database) => fingerprintOf(database, acme.id)));
const mailsTo = async (address: string) => {
  const folder = path.join(dataDir, 'mail');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.eml'));
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts.filter((text) => text.includes(address)).length;
};
const filesOf = async (tenantId: string) => {
  const names = await readdir(path.join(dataDir, 'uploads'), { recursive: true });
  return names.filter((name) => name.includes(`${tenantId}${path.sep}`));
};
const listAt = (token: string) => platform.data({ host: slug, path: '/api/erp/customers', headers: bearer(token) });

/** A neighbour's requests, one after another until it is ended: answers the refusals. */
function workOn(t: Pick<TestContext, 'teardown'>, token: string): () => Promise<unknown[]> {
  const refusals: unknown[] = [];
  let isOver = false;
  const request = { host: 'acme', path: '/api/erp/orders?limit=1', headers: bearer(token) };
  const askOn = async () => {
    while (!isOver) {
      const answer = await platform.data(request).catch((error: unknown) => error as Error);
      if (answer instanceof Error || answer.status !== 200) refusals.push(answer);
      await setTimeout(50);
    }
    return refusals;
  };
  const work = askOn();
  const end = () => {
    isOver = true;
    return work;
  };
  t.teardown(async () => void (await end()));
  return end;
}

type Signed = Awaited<ReturnType<typeof signedIn>>;

/** Each product at what the catalogue says. */
async function publishPrices({ ruleSets, taxRates }: Signed['client']['erp']) {
  const standard = { tax_class: 'standard', name: 'Standard rate', rate_percent: '19' };
  await taxRates.create({ ...standard, valid_from: '2020-01-01' });
  const { id } = await ruleSets.create({ code: 'eur', name: 'Prices', currency: 'EUR' });
  const rule = { code: 'base', kind: 'base_price', conditions: {}, effect: { type: 'catalogue' } } as const;
  await ruleSets.rules.create({ id, rule });
  await ruleSets.publish({ id });
}

/** What a shop does in its first days. */
async function work({ erp, telemetry }: Signed['client']) {
  await publishPrices(erp);
  const product = await erp.products.create({
    ...{ code: 'tee', name: 'Tee', status: 'active', kind: 'blank' },
    base_price: { amount: '9.50', currency: 'EUR' },
  });
  const variant = await erp.variants.create({ id: product.id, sku: 'tee-m', option_values: { size: 'm' } });
  const buyer = await erp.customers.create({ code: 'first', name: 'First', currency: 'EUR', email: customerEmail });
  const lines = [{ product_id: product.id, sizes: [{ variant_id: variant.id, quantity: 24 }] }];
  const sell = async () => {
    const { id } = await erp.quotes.create({ customer_id: buyer.id, lines });
    return erp.quotes.send({ id });
  };
  const quote = await sell();
  await erp.quotes.accept({ id: quote.id });
  const order = await erp.quotes.convert({ id: quote.id });
  const file = await erp.files.upload({
    ...{ owner_kind: 'customer', owner_id: buyer.id, file_name: 'art.pdf' },
    file: new Blob(['%PDF-1.7\nphoenix'], { type: 'application/pdf' }),
  });
  await telemetry.devices.create({ code: 'press', name: 'Press', kind: 'press' });
  await telemetry.metrics.create({ code: 'heat', name: 'Heat', kind: 'gauge' });
  const ts = new Date(Date.now() - 60_000).toISOString();
  await telemetry.readings.write({ readings: [{ device: 'press', metric: 'heat', value: 181.5, ts }] });
  return { quote, order, file, lines, buyer, ts };
}

async function readSeries({ telemetry }: Signed['client'], from: string) {
  const { series } = await telemetry.series.read({ devices: 'press', metrics: 'heat', from, step: 'raw' });
  return series;
}

t.test('backed up, deleted and purged, restored: the same users, orders, files and readings', async (t) => {
  const { id } = await owner.tenants.create({
    ...{ slug, name: 'Phoenix', plan_id: plans.pro.id, erp_db_key: 'erp-1' },
    admin: { email, name: 'Fay First' },
  });
  await until(
    () => owner.tenants.get({ id }),
    ({ status }) => status === 'active',
  );
  const [, token = ''] = /\/invitation#token=([\w-]{43})/.exec(await mailTo(platform, email)) ?? [];
  await clientOf().auth.invitations.accept({ token, name: 'Fay First', password });
  const before = await signedIn();
  const made = await work(before.client);
  await mailTo(platform, customerEmail);
  const order = await before.client.erp.orders.get({ id: made.order.id });
  const series = await readSeries(before.client, made.ts);
  t.match(JSON.stringify(series), /181\.5/);
  t.not((await filesOf(id)).length, 0);
  await tenantCommand('backup', slug, '--out', archive);

  await untilQuiet();
  const others = await neighbour();
  const { access: neighbourToken } = await signIn(platform, acme.users[0].email);
  const endNeighbourWork = workOn(t, neighbourToken);

  await owner.tenants.delete({ id });
  const ended = await until(
    () => owner.tenants.get({ id }).catch((error: unknown) => error),
    (answer) => answer instanceof Error,
    50,
  );
  t.match(ended, { status: 404 }, 'purged');
  t.equal((await listAt(before.access)).status, 404);
  t.same(await filesOf(id), []);
  // Which refuses where a row of the tenant's is left.
  await tenantCommand('restore', archive);
  const suspended = await until(
    () => listAt(before.access),
    ({ status }) => status !== 404,
  );
  t.match(suspended.json, { code: 'tenant_suspended' }, 'a data plane that ran all the while has heard of it');
  await owner.tenants.reactivate({ id });
  const stale = await until(
    () => listAt(before.access),
    ({ status }) => status !== 403,
  );
  t.match([stale.status, stale.json], [401, { code: 'token_stale' }], 'a token of before opens nothing');
  const refresh = () =>
    platform.control({
      ...{ method: 'POST', host: slug, path: '/api/auth/refresh' },
      headers: {
        cookie: `${cookie(before.access).cookie}; platen_rt=${before.refresh}`,
        origin: `http://${slug}.localhost:${ports.control}`,
      },
    });
  // The control plane hears of it in its own time too.
  const refreshed = await until(refresh, ({ status }) => status !== 403);
  t.equal(refreshed.status, 401, 'nor does it come back by its refresh token');

  const after = await signedIn();
  const { erp } = after.client;
  t.same(await erp.orders.get({ id: made.order.id }), order);
  t.match(await erp.quotes.get({ id: made.quote.id }), { status: 'converted', number: made.quote.number });
  t.equal(await (await erp.files.content({ id: made.file.id })).text(), '%PDF-1.7\nphoenix');
  t.same(await readSeries(after.client, made.ts), series);

  // What comes later in the outbox is mailed after all that was in it.
  const late = 'late@phoenix-customers.test';
  await erp.customers.update({ id: made.buyer.id, email: late });
  const again = await erp.quotes.create({ customer_id: made.buyer.id, lines: made.lines });
  await erp.quotes.send({ id: again.id });
  await mailTo(platform, late);
  t.equal(await mailsTo(customerEmail), 1, 'nothing is mailed again');

  t.same(await endNeighbourWork(), [], 'the neighbour is refused nothing');
  t.same(await neighbour(), others, 'and has lost or got no row');
});
