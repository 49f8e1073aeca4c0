import type { ServiceProcess } from '@platen/chassis/service-process/start';
import type { Engine } from '@platen/chassis/testkit/database';
import { tenants } from '@platen/schema/seeds/identities';
import type { OwnServer } from '../../environment/own-server.js';
import { type BenchPlatform, liftLimit, runSql, startBenchPlatform } from '../../environment/platform.js';
import { signIn } from '../../environment/sign-in.js';
import { keepLogs } from '../keep-logs.js';
import { hostOf, type Lane, type SentLane } from './lane.js';

/** Both planes as processes; the database of telemetry on a server of its own. */
export interface TelemetryStage {
  readonly platform: BenchPlatform;
  readonly server: OwnServer;
  readonly plane: ServiceProcess;
  /** What was acknowledged, of all parts. */
  readonly sent: SentLane[];
  /** SIGKILL, and another one in its place. */
  killPlane(): Promise<void>;
  signInAll(): Promise<Record<Lane['tenant'], string>>;
  /** The number of the first of so many more. */
  addDevices(tenant: Lane['tenant'], count: number): Promise<number>;
  /** As superuser, on a connection of its own. */
  query<T>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  onStop(end: () => Promise<unknown>): void;
  keepLogs(): string;
  stop(): Promise<void>;
}

export const metricCount = 4;
/** By their numbers: m0 is a counter, m3 a state. */
const kinds = ['counter', 'gauge', 'gauge', 'state'] as const;

export const tenantIds = { acme: tenants.acme.id, globex: tenants.globex.id } as const;
const organizations = {
  acme: tenants.acme.organizations['acme-print'].id,
  globex: tenants.globex.organizations['globex-main'].id,
} as const;
// Literal keys of the object above.
const slugs = Object.keys(tenantIds) as (keyof typeof tenantIds)[];

export async function buildTelemetryStage(engine: Engine): Promise<TelemetryStage> {
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const profileDir = process.env['SOAK_PROFILE_DIR'] ?? null;
    const platform = await startBenchPlatform({ profileDir, autovacuum: true, telemetryServer: engine });
    ends.push(() => platform.stop());
    const server = platform.telemetryServer;
    if (server === null) throw new Error('the platform has no server for telemetry of its own');
    const query = async <T>(sql: string, values: readonly unknown[] = []) =>
      // What a statement answers its caller knows.
      (await runSql(platform.superuserUrl('telemetry-1'), sql, values)) as T[];
    for (const slug of slugs) {
      for (const limit of ['requests_per_minute', 'points_per_day'] as const)
        await liftLimit(platform.superuserUrl('control'), tenantIds[slug], limit);
      await query(
        `insert into tel_metrics (tenant_id, organization_id, id, code, name, kind, metric_no, expected_interval_ms)
         select $1, $2, gen_random_uuid(), 'm' || n - 1, 'Metric', kind, n, 1000
         from unnest($3::text[]) with ordinality k(kind, n)`,
        [tenantIds[slug], organizations[slug], kinds],
      );
    }
    await platform.start('control-plane');
    let plane = await platform.start('data-plane');
    const deviceCounts = { acme: 0, globex: 0 };
    return {
      platform,
      server,
      get plane() {
        return plane;
      },
      sent: [],
      async killPlane() {
        await plane.kill();
        plane = await platform.start('data-plane');
      },
      async signInAll() {
        const tokenOf = async (slug: Lane['tenant']) =>
          (await signIn(platform.urls.control, hostOf(slug), `admin@${slug}.test`)).accessToken;
        return { acme: await tokenOf('acme'), globex: await tokenOf('globex') };
      },
      async addDevices(tenant, count) {
        const first = deviceCounts[tenant] + 1;
        deviceCounts[tenant] += count;
        await query(
          `insert into tel_devices (tenant_id, organization_id, id, code, name, kind, device_no)
           select $1, $2, gen_random_uuid(), 'device-' || n, 'Device', 'press', n from generate_series($3::int, $4::int) n`,
          [tenantIds[tenant], organizations[tenant], first, first + count - 1],
        );
        return first;
      },
      query,
      onStop: (end) => void ends.push(end),
      keepLogs: () => keepLogs(platform, 'telemetry'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
