import { randomUUID } from 'node:crypto';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { telemetryEngines, testDatabase } from '@platen/chassis/testkit/database';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { patient } from '@platen/chassis/testkit/patient';
import {
  deleteTenantRows as deleteControlRows,
  deleteTenant,
} from '@platen/control-plane/modules/platform-tenants/purge-repo';
import { deleteTenantRows } from '@platen/data-plane/modules/tenant-lifecycle/purge-repo';
import type { TransactionSql } from 'postgres';
import t, { type Test } from 'tap';
import { verifyArchive } from './archive/verify-archive.js';
import { archivedTables } from './rows/archived-tables.js';
import { enter, openAsOwner } from './rows/enter.js';
import { loadTable } from './rows/load-rows.js';
import { acme, fingerprint, globex, openTenants } from './tenants.fixture.js';

type Tenants = Awaited<ReturnType<typeof openTenants>>;

t.setTimeout(240_000);

/** As both planes end a tenant. */
async function purge(t: Test, { plane, databases, storage }: Tenants): Promise<void> {
  for (const kind of ['erp', 'telemetry'] as const) {
    const system = systemDatabase({ name: 'purge', url: databases[kind].systemUrl, poolSize: 1, ...patient });
    t.teardown(() => system.close());
    for await (const _ of deleteTenantRows(system, acme.id, kind));
  }
  await storage.deletePrefix(`${acme.id}/`);
  await deleteControlRows(plane.platformDb, acme.id);
  await plane.platformDb.transaction(async (tx) => deleteTenant(tx, acme.id));
}

const tablesOf = async (file: string) => {
  const { manifest } = await verifyArchive(file);
  return Object.fromEntries(manifest.tables.map((table) => [`${table.database} ${table.name}`, table]));
};

// Each of the two engines of telemetry once, where both are there.
const [plain, hypertables] = telemetryEngines;
const second = hypertables?.skip === false ? hypertables : plain;

t.test('backup, end and restore: rows and files as they were, others untouched', async (t) => {
  const own = await openTenants(t, 'postgres', 'whole');
  const { backup, restore, file, databases, plane, printed } = own;
  await asSuperuser(databases.erp.superuserUrl, async (client) => {
    // At work, and about to tell: what must not go on by itself.
    await client.query(`insert into outbox_events (tenant_id, id, topic, key, type, payload, correlation_id)
        values ('${acme.id}', gen_random_uuid(), 'erp.quote', 'k', 'erp.quote.sent', '{}', 'test-outbox')`);
    await client.query(`insert into erp_jobs (tenant_id, organization_id, id, kind, title, payload, run_after, correlation_id)
        values ('${acme.id}', '${acme.organizations['acme-print'].id}', gen_random_uuid(), 'export', 'x', '{}', now(), 'test-jobs')`);
    // As no trigger has written it: what triggers write is no part of a row that comes back.
    await client.query('set session_replication_role = replica');
    await client.query(`update erp_product_variants set search = null where tenant_id = '${acme.id}'`);
  });
  const keyId = randomUUID();
  await plane.sql(
    `insert into res_api_keys (tenant_id, id, name, prefix, key_hash, role_id, scope, created_by)
         select tenant_id, $2::uuid, 'a key', 'pk_test', repeat('a', 64), role_id, 'tenant', user_id from res_user_roles
         where tenant_id = $1 limit 1`,
    [acme.id, keyId],
  );
  const [grant] = await plane.sql<{ id: string; user_id: string }>(
    'select r.id, r.user_id from res_user_roles r join res_users u on u.id = r.user_id and u.password_hash is not null where r.tenant_id = $1 limit 1',
    [acme.id],
  );
  if (grant === undefined) throw new Error('nobody has a role');
  t.equal(await backup('acme', '--out', file('first')), 0, printed.join('\n'));
  t.equal(await backup('--verify', file('first')), 0);
  const first = await tablesOf(file('first'));
  for (const table of ['control res_users', 'erp erp_quotes', 'erp erp_order_lines', 'telemetry tel_own_readings'])
    t.ok((first[table]?.rows ?? 0) > 0, table);
  const others = await fingerprint(databases, globex.id);
  const before = await fingerprint(databases, acme.id);

  await purge(t, own);
  for (const [action, target] of [
    ['api_key.revoke', `api_key:${keyId}`],
    ['user_role.delete', `user_role:${grant.id}`],
    ['user.password_change', `user:${grant.user_id}`],
  ] as const)
    await plane.sql(
      `select append_audit_event($1, gen_random_uuid(), 'system', null, $2, $3, null, null, null, 'test-revoke')`,
      [acme.id, action, target],
    );
  t.equal(await restore([file('first')]), 0, printed.join('\n'));
  const after = await fingerprint(databases, acme.id);
  const changed = Object.keys(before).filter((table) => before[table] !== after[table]);
  t.comment(`not as before: ${changed.join(', ')}`);
  const unfound = await asSuperuser(databases.erp.superuserUrl, (client) =>
    client.query('select from erp_product_variants where search is null'),
  );
  t.equal(unfound.rowCount, 0, 'what is searched for is found');
  t.same(await fingerprint(databases, globex.id), others, 'nobody else has lost or got a row');
  t.equal(after['erp outbox_events'], '0 ', 'nothing is told again');
  t.equal(after['control outbox_events'], '0 ');
  t.equal(after['control res_sessions'], '0 ');

  await plane.sql(`update tenants set status = 'active' where id = $1`, [acme.id]);
  t.equal(await backup('acme', '--out', file('second')), 0, printed.join('\n'));
  const again = await tablesOf(file('second'));
  const differing = Object.keys(first).filter((table) => first[table]?.sha256 !== again[table]?.sha256);
  t.same(
    differing,
    ['control tenants', 'control res_users', 'control res_api_keys', 'control res_user_roles'],
    'the same rows',
  );
  t.same(
    await plane.sql('select from res_user_roles where id = $1', [grant.id]),
    [],
    'rights that were taken since stay away',
  );
  t.same(
    await plane.sql('select password_hash from res_users where id = $1', [grant.user_id]),
    [{ password_hash: null }],
    'a password that was changed since opens nothing',
  );
  const [key] = await plane.sql<{ revoked_at: Date | null }>(
    'select revoked_at from res_api_keys where tenant_id = $1',
    [acme.id],
  );
  t.ok(key?.revoked_at, 'a key that was revoked after the backup stays so');
  const [tenant] = await plane.sql<{ authz_epoch: string }>('select authz_epoch from tenants where id = $1', [acme.id]);
  t.ok(Number(tenant?.authz_epoch) > 1_700_000_000, 'tokens from before are stale');
  const [change] = await plane.sql<{ kind: string }>(
    'select kind from control_changes where tenant_id = $1 order by seq desc limit 1',
    [acme.id],
  );
  t.equal(change?.kind, 'organization', 'data planes are told');
});

t.test(
  'a tenant that is there: refused while it is served, or unless it is said; what was revoked stays so',
  async (t) => {
    const { backup, restore, file, databases, plane, printed } = await openTenants(
      t,
      second?.engine ?? 'postgres',
      'small',
    );
    t.equal(await backup('acme', '--out', file('a')), 0, printed.join('\n'));
    const before = await fingerprint(databases, acme.id);
    t.equal(await restore([file('a'), '--replace', '--yes']), 1);
    t.match(printed.at(-1), /acme is active: suspend it first/);
    await plane.sql(`update tenants set status = 'suspended' where id = $1`, [acme.id]);
    t.equal(await restore([file('a')]), 1);
    t.match(printed.at(-1), /rows of acme are there; --replace/);
    t.equal(await restore([file('a'), '--replace'], 'globex'), 1);
    t.match(printed.at(-1), /Nothing was changed/);
    t.same(await fingerprint(databases, acme.id).then((now) => now['erp erp_quotes']), before['erp erp_quotes']);

    await asSuperuser(databases.telemetry.superuserUrl, async (client) => {
      await client.query(`update tel_device_credentials set revoked_at = now() where prefix like 'revoked-%'`);
      await client.query('delete from tel_readings where tenant_id = $1', [acme.id]);
    });
    await asSuperuser(databases.erp.superuserUrl, (client) =>
      client.query(`update erp_customers set name = 'wrong' where tenant_id = $1`, [acme.id]),
    );
    t.equal(await restore([file('a'), '--replace'], 'acme'), 0, printed.join('\n'));
    const after = await fingerprint(databases, acme.id);
    for (const table of [
      'erp erp_customers',
      'erp erp_quotes',
      'telemetry tel_own_readings',
      'erp erp_number_sequences',
    ])
      t.equal(after[table], before[table], table);
    const revoked = await asSuperuser(databases.telemetry.superuserUrl, async (client) => {
      const { rows } = await client.query(
        'select prefix from tel_device_credentials where tenant_id = $1 and revoked_at is not null',
        [acme.id],
      );
      return rows.map(({ prefix }) => prefix.split('-')[0]);
    });
    t.same(revoked, ['revoked']);

    await asSuperuser(databases.erp.superuserUrl, (client) =>
      client.query(
        'delete from migrations.applied where created_at = (select max(created_at) from migrations.applied)',
      ),
    );
    t.equal(await restore([file('a'), '--replace', '--yes']), 1);
    t.match(printed.at(-1), /erp-1 is behind/);
  },
);

t.test('a row of another tenant, past the reader: refused by the statement, and by the policy', async (t) => {
  const erp = await testDatabase(t, 'erp');
  const sql = await openAsOwner(erp.ownerUrl, 'erp');
  t.teardown(() => sql.end());
  const table = archivedTables('erp').find(({ name }) => name === 'erp_number_sequences');
  if (table === undefined) throw new Error('no such table');
  const row = { tenant_id: globex.id, organization_id: globex.id, kind: 'quote', year: 2026, last_number: 9 };
  const part = Buffer.from(`${JSON.stringify({ ...row, created_at: new Date(), updated_at: new Date() })}\n`);
  const load = (as: string) =>
    sql.begin(async (begun) => {
      const tx = begun as TransactionSql;
      await enter(tx, 'erp', 'app', { tenantId: acme.id, organizationId: null });
      await loadTable(tx, table, as).load('a part', part);
    });
  await t.rejects(load(acme.id), /a row of another tenant/);
  await t.rejects(load(globex.id), { code: '42501' });
  const seen = await asSuperuser(erp.superuserUrl, (client) => client.query('select from erp_number_sequences'));
  t.equal(seen.rowCount, 0);
});
