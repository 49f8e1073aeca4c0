import { randomUUID } from 'node:crypto';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { telemetryEngines, testDatabase } from '@platen/chassis/testkit/database';
import { patient } from '@platen/chassis/testkit/patient';
import { purgeOrderOf } from '@platen/schema/purge-order';
import postgres, { type Sql } from 'postgres';
import t from 'tap';
import { deleteTenantRows } from './purge-repo.js';

/** As the superuser, past every policy: a row in each table that readings need, and one of plumbing. */
async function insertRows(sql: Sql, tenant: string, now: Date): Promise<void> {
  const [organization, device, metric, rule] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const owner = { tenant_id: tenant, organization_id: organization };
  const series = { tenant_id: tenant, device_no: 1, metric_no: 1 };
  await sql`insert into tel_devices ${sql({ ...owner, id: device, code: 'press-1', name: 'Press', kind: 'press', device_no: 1 })}`;
  await sql`insert into tel_metrics ${sql({ ...owner, id: metric, code: 'pieces', name: 'Pieces', kind: 'counter', metric_no: 1 })}`;
  await sql`insert into tel_alert_rules ${sql({ ...owner, id: rule, code: 'still', name: 'Still', metric_id: metric, device_id: device, condition: 'no_data', duration_seconds: 60 })}`;
  await sql`insert into tel_alerts ${sql({ ...owner, id: randomUUID(), rule_id: rule, device_id: device, severity: 'warning', raised_at: now })}`;
  await sql`insert into tel_readings ${sql({ ...series, ts: now, value: 1 })}`;
  await sql`insert into tel_latest ${sql({ ...series, ts: now, value: 1, arrived_at: now })}`;
  await sql`insert into tel_dirty_buckets ${sql({ ...series, id: randomUUID(), first_ts: now, last_ts: now, arrived_at: now })}`;
  await sql`insert into tel_numbers ${sql({ tenant_id: tenant, kind: 'device', last_no: 1 })}`;
}

for (const { engine, skip } of telemetryEngines) {
  t.test(`telemetry of a tenant goes, and nobody else's, on ${engine}`, { skip }, async (t) => {
    const database = await testDatabase(t, 'telemetry', engine);
    const sql = postgres(database.superuserUrl, { max: 1, onnotice: () => {} });
    t.teardown(() => sql.end());
    const now = new Date();
    await sql`select tel_ensure_partitions(array[${now} at time zone 'UTC']::date[])`;
    const [leaving, staying] = [randomUUID(), randomUUID()];
    await insertRows(sql, leaving, now);
    await insertRows(sql, staying, now);

    const system = systemDatabase({ name: 'purge', url: database.systemUrl, poolSize: 1, ...patient });
    t.teardown(() => system.close());
    const purge = async () => {
      let deleted = 0;
      for await (const { count } of deleteTenantRows(system, leaving, 'telemetry')) deleted += count;
      return deleted;
    };
    t.equal(await purge(), 8);
    t.equal(await purge(), 0, 'once');
    const left = await Promise.all(
      ['tel_readings', 'tel_latest', 'tel_devices', 'tel_alerts', 'tel_dirty_buckets', 'tel_numbers'].map(
        (table) => sql<{ tenant_id: string }[]>`select tenant_id from ${sql(table)}`,
      ),
    );
    t.same(left.flat(), Array(6).fill({ tenant_id: staying }));
    t.ok(
      purgeOrderOf('telemetry').some(({ name }) => name === 'tel_own_readings'),
      'readings through their view',
    );
  });
}
