import type { TestDatabase } from '@platen/chassis/testkit/database';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import type { Client } from 'pg';

/** What services write by themselves: heartbeats; positions of events and leases of consumers; who is at what is due. */
const restless = [
  'platform_instances',
  'outbox_positions',
  'due_work',
  // What follows from readings by itself, some time after them.
  'tel_dirty_buckets',
  'tel_latest',
  'tel_readings_1m',
  'tel_readings_1h',
  'tel_readings_1d',
  'tel_alert_states',
  'tel_numbers',
];
/** Queued jobs are announced again now and then; what an attack did to a job is in its row. */
const announced = `topic = 'erp.job'`;
/** Of these, rows are; when a device was last heard of, how far a machine counted, how many readings came today are not. */
const countedOnly = ['outbox_events', 'tel_devices', 'tel_job_runs', 'tel_alerts', 'usage_counters'];

/** Of a database and a tenant; nobody makes tables meanwhile. */
const statements = new Map<string, { readonly name: string; readonly text: string }>();

/**
 * One text for the rows of a database, or of one tenant in it: equal before and after means that nothing was inserted,
 * changed or removed. A row's `xmin` is the transaction that wrote it last.
 */
export function fingerprintOf(database: TestDatabase, tenantId?: string): Promise<string> {
  return asSuperuser(database.superuserUrl, async (client) => {
    const key = `${database.name} ${tenantId}`;
    const statement = statements.get(key) ?? (await statementOf(client, tenantId));
    statements.set(key, statement);
    const { rows } = await client.query<{ name: string; rows: string; written: string }>(statement);
    return rows
      .map(({ name, rows: count, written }) => `${name} ${count} ${written}`)
      .sort()
      .join('\n');
  });
}

async function statementOf(client: Client, tenantId: string | undefined) {
  const { rows: tables } = await client.query<{ name: string; owned: boolean }>(
    `select c.relname as name, exists (select from pg_attribute a
       where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped) as owned
     from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
     order by 1`,
  );
  const parts = tables
    .filter(({ name, owned }) => !restless.includes(name) && (tenantId === undefined || owned))
    .map(({ name }) => {
      const written = countedOnly.includes(name) ? '0' : 'coalesce(sum(xmin::text::bigint), 0)';
      const ofTenant = tenantId === undefined ? 'true' : `tenant_id = '${tenantId}'`;
      const where = `where ${ofTenant} and ${name === 'outbox_events' ? `not ${announced}` : 'true'}`;
      return `select '${name}' as name, count(*) as rows, ${written} as written from public.${name} ${where}`;
    });
  // Named: planned once for each connection, since planning fifty tables takes longer than counting them.
  return { name: `fingerprint ${tenantId ?? 'of all'}`, text: parts.join(' union all ') };
}

/** The tables in which two fingerprints differ. */
export function differenceOf(before: string, after: string): string[] {
  const known = new Set(before.split('\n'));
  return after.split('\n').filter((line) => !known.has(line));
}
