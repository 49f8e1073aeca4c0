import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { tenants } from '@platen/schema/seeds/identities';
import { verifyArchive } from '@platen/tenant-archive/archive/verify-archive';
import { benchOwner, fillErpDatabase } from '../../environment/erp-data.js';
import { type BenchPlatform, liftLimit, runSql, startBenchPlatform } from '../../environment/platform.js';
import type { Promised, Tried } from '../outcome.js';
import type { Fault } from './fault.js';
import { during, isOk, p99Of, tally, untilCalm } from './paced.js';
import { openShops } from './two-shops.js';

const orders = 20_000;
const readings = 1_000_000;
const mostMegabytes = 400;
const quietMs = 8_000;
const others = ['erp_orders', 'erp_order_lines', 'erp_customers', 'erp_products'] as const;

/** A large tenant is taken out, and put back in place of what is there, while another one works on the same server. */
export const tenantRestore: Fault = async ({ say, onStop }) => {
  const platform = await startBenchPlatform({ profileDir: null, autovacuum: true });
  onStop(() => platform.stop());
  await fillErpDatabase(platform.superuserUrl('erp-1'), { tenants: 2, ordersPerTenant: orders });
  await fillSeries(platform);
  // The neighbour may ask as often as it is measured.
  await liftLimit(platform.superuserUrl('control'), tenants.globex.id, 'requests_per_minute');
  await platform.start('control-plane');
  await platform.start('data-plane');
  say(`${orders} orders and ${readings} readings are there`);
  const shops = await openShops(platform, 'restore');
  await Promise.all([shops.troubled.reads.end(), shops.troubled.writes.end()]);
  await untilCalm(shops.other.all);
  const quietFromMs = performance.now();
  await delay(quietMs);
  const busyFromMs = performance.now();
  const file = (name: string) => path.join(platform.dataDir, name);
  const before = await printOf(platform);
  const backup = await runCommand(platform, 'backup', ['acme', '--out', file('first')]);
  say(`backup: ${backup.seconds.toFixed(1)} s, ${backup.megabytes} MB of memory`);
  await runSql(
    platform.superuserUrl('control'),
    `update tenants set status = 'suspended' where id = '${tenants.acme.id}'`,
  );
  await runSql(
    platform.superuserUrl('erp-1'),
    `update erp_orders set total = total + 1 where tenant_id = '${tenants.acme.id}'`,
  );
  const restore = await runCommand(platform, 'restore', [file('first'), '--replace', '--yes']);
  say(`restore: ${restore.seconds.toFixed(1)} s, ${restore.megabytes} MB of memory`);
  const busyToMs = performance.now();
  const again = await runCommand(platform, 'backup', ['acme', '--out', file('second')]);
  await shops.end();
  const [first, second] = [await verifyArchive(file('first')), await verifyArchive(file('second'))];
  const hashes = new Map(second.manifest.tables.map(({ database, name, sha256 }) => [`${database} ${name}`, sha256]));
  const differing = first.manifest.tables
    .filter(({ database, name, sha256 }) => name !== 'tenants' && hashes.get(`${database} ${name}`) !== sha256)
    .map(({ database, name }) => `${database} ${name}`);
  const told = await runSql(
    platform.superuserUrl('erp-1'),
    `select type from outbox_events where tenant_id = '${tenants.acme.id}'`,
  );
  const [quiet, busy] = [
    during(shops.other.all(), quietFromMs, busyFromMs),
    during(shops.other.all(), busyFromMs, busyToMs),
  ];
  const refused = busy.filter((one) => !isOk(one));
  const rows = first.manifest.tables.reduce((sum, table) => sum + table.rows, 0);
  const rate = (seconds: number) => `${(first.bytes / 1e6 / seconds).toFixed(1)} MB/s`;
  const promises: Tried[] = [
    { promise: 'both commands end well', broken: [backup, restore, again].flatMap(({ failed }) => failed) },
    { promise: 'every row is as it was in the backup', broken: differing },
    {
      promise: "another tenant's rows in the same database are as they were",
      broken: (await printOf(platform)) === before ? [] : ['they are not'],
    },
    { promise: 'nothing is told again', broken: told.length === 0 ? [] : [`${told.length} events wait`] },
    { promise: 'who works on the same server is refused nothing', broken: refused.length > 0 ? [tally(refused)] : [] },
    {
      promise: `no more than ${mostMegabytes} MB of memory, whatever the size`,
      broken: [backup, restore]
        .filter(({ megabytes }) => megabytes > mostMegabytes)
        .map(({ megabytes }) => `${megabytes} MB`),
    },
  ];
  return {
    promises,
    figures: [
      `${rows} rows, ${(first.bytes / 1e6).toFixed(0)} MB (${(statSync(file('first')).size / 1e6).toFixed(0)} in the file): out in ${backup.seconds.toFixed(1)} s (${rate(backup.seconds)}, ${backup.megabytes} MB of memory), back in ${restore.seconds.toFixed(1)} s (${rate(restore.seconds)}, ${restore.megabytes} MB)`,
      `another tenant meanwhile: ${busy.length} requests, p99 ${p99Of(busy).toFixed(0)} ms, quiet ${p99Of(quiet).toFixed(0)} ms`,
    ],
  } satisfies Promised;
};

async function fillSeries(platform: BenchPlatform): Promise<void> {
  const url = platform.superuserUrl('telemetry-1');
  const { tenantId } = benchOwner;
  await runSql(url, 'select tel_ensure_partitions(array(select current_date - n from generate_series(0, 3) n))');
  await runSql(
    url,
    `insert into tel_readings (tenant_id, device_no, metric_no, ts, value)
     select '${tenantId}'::uuid, 1000 + d, 1, now() - make_interval(secs => s), (s * d) % 97 / 8.0::float8
     from generate_series(1, 10) d, generate_series(1, ${readings / 10}) s`,
  );
}

/** Of whoever else is in the database. */
async function printOf(platform: BenchPlatform): Promise<string> {
  const prints: string[] = [];
  for (const table of others) {
    const rows = await runSql(
      platform.superuserUrl('erp-1'),
      `select count(*) || ' ' || md5(string_agg(md5(t::text), '' order by t.id)) as print from ${table} t
       where tenant_id <> '${tenants.acme.id}'`,
    );
    prints.push(`${table} ${(rows as { print: string }[])[0]?.print}`);
  }
  return prints.join('\n');
}

const root = fileURLToPath(new URL('../../../../', import.meta.url));

async function runCommand(platform: BenchPlatform, command: 'backup' | 'restore', words: readonly string[]) {
  const owned = (key: 'erp-1' | 'erp-2' | 'telemetry-1', kind: 'erp' | 'telemetry') => [
    key,
    { url: platform.databaseUrl('platen_owner', key), kind },
  ];
  const catalogue = [owned('erp-1', 'erp'), owned('erp-2', 'erp'), owned('telemetry-1', 'telemetry')];
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [path.join(root, `deploy/tenant-archive/dist/${command}.js`), ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      MIGRATE_CONTROL_DB_URL: platform.databaseUrl('platen_owner', 'control'),
      MIGRATE_DB_CATALOG: JSON.stringify(Object.fromEntries(catalogue)),
      STORAGE_LOCAL_DIR:
        platform.environment('data-plane')['STORAGE_LOCAL_DIR'] ?? path.join(platform.dataDir, 'uploads'),
    },
  });
  let [output, megabytes] = ['', 0];
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  const timer = setInterval(() => {
    megabytes = Math.max(megabytes, peakOf(child.pid));
  }, 200);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  }).finally(() => clearInterval(timer));
  const seconds = (performance.now() - startedAtMs) / 1_000;
  return { seconds, megabytes, failed: code === 0 ? [] : [`${command}: exit code ${code}: ${output.slice(-500)}`] };
}

/** Resident at most so far, where the system tells. */
function peakOf(pid: number | undefined): number {
  try {
    const [, kilobytes = '0'] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kilobytes) / 1024);
  } catch {
    return 0;
  }
}
