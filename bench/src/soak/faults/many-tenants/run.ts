import { runSql, startBenchPlatform } from '../../../environment/platform.js';
import { peakResidentMb, residentMb } from '../../../measure/cpu.js';
import { milliseconds } from '../../run.js';
import type { Fault } from '../fault.js';
import { createTokenDesk, layRows, listTenants } from './crowd.js';
import { readAsMany } from './reads.js';

const tenantCount = 10_000;
const readCount = 100_000;
const databases = ['erp-1', 'erp-2', 'erp-3', 'erp-4'] as const;
const limits = { backends: 60, residentMb: 512 } as const;

const sampleEveryMs = 500;

/** Ten thousand tenants in four databases, some of which ask for much and most for little, at one data plane. */
export const manyTenants: Fault = async ({ random, say, onStop }) => {
  const platform = await startBenchPlatform({ profileDir: null });
  onStop(() => platform.stop());
  const seedAtMs = performance.now();
  await platform.seedScale(platform.databaseUrl('control_platform', 'control'), {
    tenants: tenantCount,
    users: tenantCount,
    databases: databases.length,
  });
  const controlUrl = platform.superuserUrl('control');
  // The first of them alone would have a tenth of all requests.
  await runSql(
    controlUrl,
    `insert into tenant_platform_limits (tenant_id, limit_code, value)
     select id, 'requests_per_minute', 1000000000 from tenants where slug like 'scale-%'`,
  );
  const tenants = await listTenants(controlUrl);
  const urlOf = (url: string, name: string) => Object.assign(new URL(url), { pathname: `/${name}` }).toString();
  const nameOf = (key: string) => `platen_${key.replace('-', '_')}`;
  const superuserUrl = platform.superuserUrl('erp-1');
  for (const key of ['erp-3', 'erp-4'])
    await runSql(
      platform.superuserUrl('control'),
      `create database ${nameOf(key)} owner platen_owner template ${nameOf('erp-2')}`,
    );
  for (const key of databases) await layRows(urlOf(superuserUrl, nameOf(key)), key, tenants);
  say(`${tenants.length} tenants in ${((performance.now() - seedAtMs) / 1_000).toFixed(0)} s`);

  const services = await platform.another(
    (known) => ({
      ...known,
      erp: Object.fromEntries(
        databases.map((key) => {
          const of = (login: 'platen_app' | 'platen_system') =>
            urlOf(platform.databaseUrl(login, 'erp-1'), nameOf(key));
          return [key, { appUrl: of('platen_app'), systemUrl: of('platen_system') }];
        }),
      ),
    }),
    { 'data-plane': { CONTROL_INTERNAL_URL: platform.urls.controlInternal } },
  );
  await platform.start('control-plane');
  const plane = await services.start('data-plane');
  const idleMb = residentMb(plane.pid);
  const desk = await createTokenDesk(platform, tenants);

  let isOver = false;
  onStop(async () => {
    isOver = true;
  });
  const backends = watchBackends(superuserUrl, databases.map(nameOf));
  onStop(backends.stop);
  const startedAtMs = performance.now();
  const reads = await readAsMany({
    url: services.urls.data,
    tenants,
    desk,
    total: readCount,
    random,
    isOver: () => isOver,
  });
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const most = await backends.stop();
  const peakMb = peakResidentMb(plane.pid) ?? Number.NaN;
  const asked = reads.timesMs.length;
  const total = Math.max(...most.totals, 0);
  return {
    promises: [
      {
        promise: `of ${readCount} reads none has a row of another tenant, or of another database`,
        broken: reads.broken,
      },
      {
        promise: `one pool for each database: at most ${limits.backends} connections for all of them`,
        broken: [...(total > 0 && total <= limits.backends ? [] : [`${total} connections`]), ...most.strange],
      },
      {
        promise: `at most ${limits.residentMb} MB resident`,
        broken: peakMb <= limits.residentMb ? [] : [`${peakMb.toFixed(0)} MB`],
      },
    ],
    figures: [
      `${asked} reads, ${reads.counts.one + reads.counts.list} of them of one's own, by ${reads.tenants.size} of ${tenants.length} tenants in ${seconds.toFixed(0)} s, ${Math.round(asked / seconds)} a second: ${reads.broken.length} wrong; at most ${total} connections, ${peakMb.toFixed(0)} MB resident, ${idleMb?.toFixed(0)} before`,
      `asked for ${Object.entries(reads.counts)
        .map(([what, count]) => `${what} ${count} times`)
        .join(', ')}; ${milliseconds(reads.timesMs)}`,
      `most connections of each database: ${[...most.byDatabase].map(([name, count]) => `${name} ${count}`).join(', ')}`,
    ],
  };
};

/** What the data plane holds open in its databases, looked at all the while. */
function watchBackends(url: string, names: readonly string[]) {
  const byDatabase = new Map<string, number>();
  const totals: number[] = [];
  const strange: string[] = [];
  const look = async () => {
    const rows = (await runSql(
      url,
      `select datname as name, count(*)::int as count from pg_stat_activity
       where usename in ('platen_app', 'platen_system') and datname like 'platen_erp_%' group by 1`,
    )) as { name: string; count: number }[];
    totals.push(rows.reduce((sum, { count }) => sum + count, 0));
    for (const { name, count } of rows) {
      byDatabase.set(name, Math.max(byDatabase.get(name) ?? 0, count));
      if (!names.includes(name)) strange.push(`${count} connections to ${name}`);
    }
  };
  let looking: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    looking = look().catch((error: unknown) => strange.push(String(error)));
  }, sampleEveryMs);
  return {
    async stop() {
      clearInterval(timer);
      await looking;
      return { byDatabase, totals, strange };
    },
  };
}
