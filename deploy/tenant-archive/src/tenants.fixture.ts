import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { openDatabase } from '@platen/chassis/db/database';
import { type Engine, type TestDatabase, testDatabase } from '@platen/chassis/testkit/database';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { patient } from '@platen/chassis/testkit/patient';
import { startControlPlane } from '@platen/control-plane/test/control-plane';
import { seedPlans } from '@platen/data-plane/seed/plans';
import { seedOrganization } from '@platen/data-plane/seed/seed-organization';
import { openLocalStorage } from '@platen/data-plane/storage/local-storage';
import { purgeOrderOf } from '@platen/schema/purge-order';
import { tenants } from '@platen/schema/seeds/identities';
import postgres from 'postgres';
import type { Test } from 'tap';
import type { ArchivedKind } from './archive/manifest.js';
import { runBackup, runRestore } from './run-command.js';

export const { acme, globex } = tenants;
const [organizationId] = [acme.organizations['acme-print'].id];

/** Everything that a shop does, in two organizations beside another tenant; or one that has sold a little, alone. */
export type WorldSize = 'whole' | 'small';

/** Tenants in three databases and a folder of files, with the commands' words at hand. */
export async function openTenants(t: Test, engine: Engine, size: WorldSize) {
  const plane = await startControlPlane(t);
  const [erp, telemetry] = [await testDatabase(t, 'erp'), await testDatabase(t, 'telemetry', engine)];
  const folder = await mkdtemp(path.join(tmpdir(), 'platen-archive-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const uploads = path.join(folder, 'uploads');
  const storage = await openLocalStorage(uploads);
  t.teardown(() => storage.close());
  await fillErp(
    erp,
    size,
    async (key, bytes, mediaType) => void (await storage.put(key, Readable.from([bytes]), mediaType)),
  );
  for (const { id } of [acme, globex]) await fillTelemetry(telemetry, id, id === acme.id ? organizationId : id);
  const databases = { control: plane.database, erp, telemetry } as const;
  // As a server of some age has it: checks of foreign keys know how many rows there are.
  for (const { superuserUrl } of [erp, telemetry]) await asSuperuser(superuserUrl, (client) => client.query('analyze'));
  await plane.sql(`update tenants set erp_db_key = 'erp-1', telemetry_db_key = 'telemetry-1' where id = any($1)`, [
    [acme.id, globex.id],
  ]);
  const printed: string[] = [];
  const env: Record<string, string> = {
    MIGRATE_CONTROL_DB_URL: plane.database.ownerUrl,
    MIGRATE_DB_CATALOG: JSON.stringify({
      'erp-1': { url: erp.ownerUrl, kind: 'erp' },
      'telemetry-1': { url: telemetry.ownerUrl, kind: 'telemetry' },
    }),
    STORAGE_LOCAL_DIR: uploads,
  };
  const io = { env, print: (line: string) => void printed.push(line) };
  return {
    plane,
    databases,
    storage,
    /** The commands', who read it anew each time. */
    env,
    printed,
    file: (name: string) => path.join(folder, name),
    backup: (...words: string[]) => runBackup(words, { ...io, ask: async () => '' }),
    restore: (words: readonly string[], answer = '', ask = async () => answer) => runRestore(words, { ...io, ask }),
  };
}

async function fillErp(
  erp: TestDatabase,
  size: WorldSize,
  store: Parameters<typeof seedOrganization>[3],
): Promise<void> {
  const app = openDatabase({ name: 'seed', url: erp.appUrl, poolSize: 3, ...patient });
  for (const { plan } of seedPlans) {
    const { tenantId, organizationId, making, ...selling } = plan;
    const isWanted = size === 'small' ? plan.name === 'acme-promo' : [acme.id, globex.id].some((id) => id === tenantId);
    if (!isWanted) continue;
    // A few of each kind do, and one shop that makes what it sells.
    const few = {
      ...selling,
      ...{ tenantId, organizationId },
      customers: 5,
      quotes: plan.quotes.map(({ workspaceId }) => ({ workspaceId, quotes: 5 })),
      ...(plan.name === 'acme-print' &&
        making !== undefined && {
          making: {
            ...making,
            stocked: 0.1,
            orders: making.orders.map(({ workspaceId }) => ({ workspaceId, quotes: 8 })),
          },
        }),
    };
    await seedOrganization(app.scoped({ tenantId, organizationId, workspaceId: null }), few, new Date(), store);
  }
  await app.close();
}

async function fillTelemetry(database: TestDatabase, tenant: string, organization: string): Promise<void> {
  const sql = postgres(database.superuserUrl, { max: 1, onnotice: () => {} });
  const [device, metric] = [randomUUID(), randomUUID()];
  const owner = { tenant_id: tenant, organization_id: organization };
  await sql`select tel_ensure_partitions(array[current_date + 1, current_date, current_date - 1])`;
  await sql`insert into tel_devices ${sql({ ...owner, id: device, code: 'press-1', name: 'Press', kind: 'press', device_no: 1 })}`;
  await sql`insert into tel_metrics ${sql({ ...owner, id: metric, code: 'pieces', name: 'Pieces', kind: 'counter', metric_no: 1 })}`;
  const credential = { ...owner, device_id: device, secret_hash: 'a'.repeat(64) };
  for (const prefix of ['kept', 'revoked'])
    await sql`insert into tel_device_credentials ${sql({ ...credential, id: randomUUID(), prefix: `${prefix}-${tenant.slice(-4)}` })}`;
  await sql`insert into tel_readings (tenant_id, device_no, metric_no, ts, value)
    select ${tenant}::uuid, 1, 1, now() - n * interval '1 second', n / 3.0 from generate_series(1, 3000) n`;
  await sql`insert into tel_numbers ${sql({ tenant_id: tenant, kind: 'device', last_no: 1 })}`;
  await sql.end();
}

/** A hash of each table's rows, of one tenant. As the superuser, past every policy. */
export async function fingerprint(
  databases: Readonly<Record<ArchivedKind, TestDatabase>>,
  tenantId: string,
): Promise<Record<string, string>> {
  const prints: Record<string, string> = {};
  for (const kind of ['control', 'erp', 'telemetry'] as const)
    await asSuperuser(databases[kind].superuserUrl, async (client) => {
      await client.query(`select set_config('app.tenant_id', $1, false)`, [tenantId]);
      for (const { name } of purgeOrderOf(kind)) {
        const { rows } = await client.query(
          `select count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '') as print
           from ${name} t where tenant_id = $1`,
          [tenantId],
        );
        prints[`${kind} ${name}`] = rows[0].print;
      }
    });
  return prints;
}
