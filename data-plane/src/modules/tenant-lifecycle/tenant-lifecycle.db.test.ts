import { openDatabase } from '@platen/chassis/db/database';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { type TestDatabase, testDatabase } from '@platen/chassis/testkit/database';
import { patient } from '@platen/chassis/testkit/patient';
import { purgeOrderOf } from '@platen/schema/purge-order';
import { tenants } from '@platen/schema/seeds/identities';
import pg from 'pg';
import t, { type Test } from 'tap';
import { seedPlans } from '../../seed/plans.js';
import { seedOrganization } from '../../seed/seed-organization.js';
import { openTestPlane, type TestPlane } from '../../testkit/test-plane.js';
import { deleteTenantRows } from './purge-repo.js';

const plans = seedPlans.map(({ plan }) => ({
  ...plan,
  customers: 5,
  quotes: plan.quotes.map(({ workspaceId }) => ({ workspaceId, quotes: 8 })),
}));
const { acme, globex } = tenants;

/** Two tenants in one database, which sell; `making`: with something in nearly every table. */
async function seeded(t: Test, making: boolean): Promise<TestDatabase> {
  const database = await testDatabase(t, 'erp');
  const app = openDatabase({ name: 'seed', url: database.appUrl, poolSize: 3, ...patient });
  for (const { making: shop, ...plan } of plans) {
    const { tenantId, organizationId } = plan;
    const isMaking = making && shop !== undefined && plan.quotes.length === 1;
    const scoped = app.scoped({ tenantId, organizationId, workspaceId: null });
    await seedOrganization(scoped, isMaking ? { ...plan, making: shop } : plan, new Date());
  }
  await app.close();
  return database;
}

async function open(t: Test, making = false) {
  const database = await seeded(t, making);
  const plane = openTestPlane(t, { 'erp-1': database });
  return { database, plane, call: callerOf(plane) };
}

/** Empty databases, one of each kind. */
async function openWithTelemetry(t: Test) {
  const [erp, telemetry] = [await testDatabase(t, 'erp'), await testDatabase(t, 'telemetry')];
  const plane = openTestPlane(t, { 'erp-1': erp, 'telemetry-1': { ...telemetry, kind: 'telemetry' } });
  return { telemetry, plane, call: callerOf(plane) };
}

const callerOf =
  (plane: TestPlane) =>
  async (action: string, body: object, token = plane.issuer.serviceToken(['tenant.lifecycle'])) => {
    const response = await plane.app.internal.inject({
      method: 'POST',
      url: `/internal/tenants/${acme.id}/${action}`,
      headers: { authorization: `Bearer ${token}`, 'x-correlation-id': 'test-lifecycle' },
      payload: body,
    });
    return { status: response.statusCode, body: response.body === '' ? undefined : response.json() };
  };

/** Rows by table, of one tenant. As the superuser, past every policy. */
async function countRows(database: TestDatabase, tenantId: string): Promise<Record<string, number>> {
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  try {
    const counts: Record<string, number> = {};
    for (const { name } of purgeOrderOf('erp')) {
      const { rows } = await client.query(`select count(*)::int as n from ${name} where tenant_id = $1`, [tenantId]);
      counts[name] = rows[0].n;
    }
    return counts;
  } finally {
    await client.end();
  }
}

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0);

t.test('a database is found as it is', async (t) => {
  const { call, plane } = await open(t);
  t.same((await call('check', { erp_db_key: 'erp-1' })).body, { databases: [{ key: 'erp-1', state: 'ok' }] });
  t.same((await call('check', { erp_db_key: 'erp-9', telemetry_db_key: 'telemetry-1' })).body, {
    databases: [
      { key: 'erp-9', state: 'unknown' },
      { key: 'telemetry-1', state: 'unknown' },
    ],
  });
  t.equal((await call('prepare', { erp_db_key: 'erp-1' })).status, 204);
  t.equal((await call('prepare', { erp_db_key: 'erp-1' })).status, 204, 'twice is fine');
  t.match(await call('prepare', { erp_db_key: 'erp-9' }), { status: 503, body: { code: 'database_unavailable' } });
  t.match(await call('purge', { erp_db_key: 'erp-9' }), { status: 503 });
  const stranger = plane.issuer.serviceToken(['feed', 'outbox', 'erp.mail']);
  for (const action of ['check', 'prepare', 'purge']) {
    t.match(await call(action, { erp_db_key: 'erp-1' }, stranger), {
      status: 403,
      body: { code: 'insufficient_scope' },
    });
  }
});

t.test('a tenant has a telemetry database as well, and its end takes what is there', async (t) => {
  const { plane, call, telemetry } = await openWithTelemetry(t);
  const both = { erp_db_key: 'erp-1', telemetry_db_key: 'telemetry-1' };
  t.same((await call('check', both)).body, {
    databases: [
      { key: 'erp-1', state: 'ok' },
      { key: 'telemetry-1', state: 'ok' },
    ],
  });
  const swapped = { erp_db_key: 'telemetry-1', telemetry_db_key: 'erp-1' };
  t.same((await call('check', swapped)).body, {
    databases: [
      { key: 'telemetry-1', state: 'unknown' },
      { key: 'erp-1', state: 'unknown' },
    ],
  });
  for (const action of ['prepare', 'purge']) {
    t.match(await call(action, swapped), { status: 503, body: { code: 'database_unavailable' } }, action);
  }
  const marks = () => query<{ tenant_id: string }>(telemetry, 'select tenant_id from inbox_events');
  t.equal((await call('prepare', both)).status, 204);
  t.equal((await call('prepare', both)).status, 204, 'twice is fine');
  t.same(await marks(), [{ tenant_id: acme.id }]);

  const insert = 'insert into tel_devices (tenant_id, organization_id, id, code, name, kind, device_no)';
  const values = (tenantId: string) => `('${tenantId}', '${acme.id}', '${acme.id}', 'press-1', 'Press', 'press', 1)`;
  await query(telemetry, `${insert} values ${values(acme.id)}, ${values(globex.id)}`);
  t.match(await call('purge', { ...both, telemetry_db_key: 'telemetry-9' }), { status: 503 });
  t.equal((await query(telemetry, 'select 1 from tel_devices')).length, 2, 'of one that cannot be asked nothing goes');
  t.same((await call('purge', both)).body, { deleted: 3 });
  t.same(await marks(), []);
  t.same(await query(telemetry, 'select tenant_id from tel_devices'), [{ tenant_id: globex.id }]);
  t.same((await call('purge', both)).body, { deleted: 0 }, 'again');
  plane.apply({ kind: 'removed', entity: 'tenant', id: acme.id });
});

async function query<Row extends object>(database: TestDatabase, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

t.test('a purge leaves nothing of the tenant and everything of the others', async (t) => {
  const { database, call, plane } = await open(t, true);
  const others = await countRows(database, globex.id);
  const own = await countRows(database, acme.id);
  for (const table of [
    'erp_customers',
    'erp_quotes',
    'erp_order_lines',
    'erp_number_sequences',
    'erp_pricing_rules',
    'erp_stock_moves',
    'erp_stock_reservations',
    'erp_purchase_bill_lines',
    'erp_production_job_events',
  ]) {
    t.ok((own[table] ?? 0) > 0 && (others[table] ?? 0) > 0, `${table} has rows of both`);
  }
  plane.apply({
    kind: 'tenant',
    id: acme.id,
    slug: 'acme',
    name: 'Acme',
    status: 'active',
    domains: [],
    erp_db_key: 'erp-1',
    telemetry_db_key: null,
    authz_epoch: 1,
    modules: [],
    limits: {},
  });
  t.match(await call('purge', { erp_db_key: 'erp-1' }), { status: 409, body: { code: 'in_use' } }, 'still served');
  t.same(await countRows(database, acme.id), own);
  plane.apply({ kind: 'removed', entity: 'tenant', id: acme.id });

  // Half-way: what a killed purge leaves behind.
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  await client.query('delete from erp_order_status_changes where tenant_id = $1', [acme.id]);
  await client.end();
  const left = sum(await countRows(database, acme.id));
  t.same(await call('purge', { erp_db_key: 'erp-1' }), { status: 200, body: { deleted: left } });
  t.equal(sum(await countRows(database, acme.id)), 0);
  t.same(await countRows(database, globex.id), others);
  t.same(await call('purge', { erp_db_key: 'erp-1' }), { status: 200, body: { deleted: 0 } }, 'again');
});

t.test(
  'a role that row-level security does not bind purges nothing: its deletions would be of every tenant',
  async (t) => {
    const database = await seeded(t, false);
    const before = [await countRows(database, acme.id), await countRows(database, globex.id)];
    const db = systemDatabase({ name: 'purge', url: database.superuserUrl, poolSize: 1, ...patient });
    t.teardown(() => db.close());
    const purge = async () => {
      for await (const _ of deleteTenantRows(db, acme.id));
    };
    await t.rejects(purge(), /row-level security/);
    t.same([await countRows(database, acme.id), await countRows(database, globex.id)], before);
  },
);

t.test('the system role can read nothing that it can purge, and purge nothing without a tenant', async (t) => {
  const { database } = await open(t);
  const client = new pg.Client({ connectionString: database.systemUrl });
  await client.connect();
  t.teardown(() => client.end());
  await client.query(`select set_config('app.tenant_id', $1, false)`, [acme.id]);
  for (const text of [
    'select 1 from erp_customers limit 1',
    'delete from erp_customers returning id',
    'delete from erp_customers where email is not null',
    `update erp_customers set name = 'x'`,
  ]) {
    await t.rejects(client.query(text), { code: '42501' }, text);
  }
  await client.query(`select set_config('app.tenant_id', '', false)`);
  t.equal((await client.query('delete from erp_order_status_changes')).rowCount, 0);
});
