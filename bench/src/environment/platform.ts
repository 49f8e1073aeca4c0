import { mkdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '@platen/chassis/embedded-postgres/start';
import type { ServiceProcess } from '@platen/chassis/service-process/start';
import type { Engine } from '@platen/chassis/testkit/database';
import { runCommand } from '@platen/demo/commands';
import {
  createDatabases,
  type DatabaseKey,
  type DataDatabaseKey,
  dataDatabaseKeys,
  dataDatabases,
  type Login,
  urlsOf,
} from '@platen/demo/databases';
import {
  type PlatformOptions,
  type ServiceName,
  serviceEnvironment,
  serviceNames,
  startPlatformService,
} from '@platen/demo/platform';
import { loadSecrets, type Secrets } from '@platen/demo/secrets';
import type { LimitCode } from '@platen/schema/modules';
import { tenants } from '@platen/schema/seeds/identities';
import pg from 'pg';
import { type OwnServer, startOwnServer } from './own-server.js';

const erpKeys = dataDatabaseKeys('erp');
const telemetryKeys = dataDatabaseKeys('telemetry');

/** A Postgres server with the product's databases, migrated and seeded, and the product's services on demand. */
export interface BenchPlatform {
  readonly dataDir: string;
  readonly postgresPid: number;
  /** Where one was asked for: that of the databases of telemetry. */
  readonly telemetryServer: OwnServer | null;
  /** Where one was asked for: that of the database `erp-1`. */
  readonly erpServer: OwnServer | null;
  readonly urls: { readonly control: string; readonly controlInternal: string; readonly data: string };
  /** URL of a database as one of the product's logins. */
  readonly databaseUrl: (login: Login, key: DatabaseKey) => string;
  readonly superuserUrl: (key: DatabaseKey) => string;
  start(name: ServiceName): Promise<ServiceProcess>;
  /** The variables that a service is started with. */
  environment(name: ServiceName): Record<string, string>;
  /** The same services once more, beside the others, on databases of another name or way to them, with more variables. */
  another(
    change: (databases: PlatformOptions['databases']) => PlatformOptions['databases'],
    env?: PlatformOptions['env'],
  ): Promise<Services>;
  /** A further control database, migrated and seeded. */
  addControlDatabase(name: string): Promise<(login: Login | 'superuser') => string>;
  /** `npm run seed:scale` on it. */
  seedScale(
    url: string,
    size: { readonly tenants: number; readonly users: number; readonly databases?: number },
  ): Promise<void>;
  /** Of the service account `data-plane`. */
  readonly dataPlaneSecret: string;
  stop(): Promise<void>;
}

/** Running services and where they listen. */
export interface Services {
  readonly urls: { readonly control: string; readonly controlInternal: string; readonly data: string };
  start(name: ServiceName): Promise<ServiceProcess>;
  environment(name: ServiceName): Record<string, string>;
}

const profilePreload = new URL('../measure/profile.preload.js', import.meta.url).href;

export interface BenchPlatformOptions {
  /** Where CPU profiles of the planes go; null: none are made. */
  readonly profileDir: string | null;
  /** More variables of every service. */
  readonly env?: Readonly<Record<string, string>>;
  /** Tables are analyzed while they grow, as in an installation; without it, figures don't hang on when that happens. */
  readonly autovacuum?: boolean;
  /** Databases of telemetry are on a server of their own, which keeps what it has acknowledged. */
  readonly telemetryServer?: Engine;
  /** The database `erp-1` is on such a server, `erp-2` is not. */
  readonly erpServer?: boolean;
  /** Where the files of that server are, if they have a disk of their own. */
  readonly erpServerDir?: string;
}

export async function startBenchPlatform({
  profileDir,
  env = {},
  autovacuum = false,
  telemetryServer: engine,
  erpServer: hasErpServer = false,
  erpServerDir,
}: BenchPlatformOptions): Promise<BenchPlatform> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'platen-bench-'));
  // The server may run as another user than we do.
  await chmod(dataDir, 0o755);
  const clusterDir = path.join(dataDir, 'postgres');
  const server = await startEmbeddedPostgres({
    dataDir: clusterDir,
    durable: false,
    settings: { shared_buffers: '256MB', autovacuum: autovacuum ? 'on' : 'off' },
  });
  const running: ServiceProcess[] = [];
  let others = 0;
  let telemetryServer: OwnServer | null = null;
  let erpServer: OwnServer | null = null;
  const stop = async () => {
    for (const service of running.splice(0)) await service.stop();
    await Promise.all([server.stop(), telemetryServer?.stop(), erpServer?.stop()]);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const secrets = loadSecrets(dataDir);
    if (engine !== undefined) telemetryServer = await startOwnServer(path.join(dataDir, 'telemetry'), engine);
    if (hasErpServer) erpServer = await startOwnServer(erpServerDir ?? path.join(dataDir, 'erp-1'), 'postgres');
    const telemetryUrl = telemetryServer?.url ?? server.url;
    const erpUrl = erpServer?.url ?? server.url;
    const serverUrl = (key: DatabaseKey) => {
      if (key === 'erp-1') return erpUrl;
      return telemetryKeys.some((other) => other === key) ? telemetryUrl : server.url;
    };
    for (const url of new Set([server.url, telemetryUrl, erpUrl])) await createDatabases(url, secrets);
    const databaseUrl = (login: Login, key: DatabaseKey) => urlsOf(serverUrl(key), secrets)(login, key);
    const superuserUrl = (key: DatabaseKey) =>
      withDatabase(serverUrl(key), new URL(databaseUrl('platen_owner', key)).pathname);
    if (engine === 'timescaledb')
      for (const key of telemetryKeys) await runSql(superuserUrl(key), 'create extension timescaledb');
    await prepareControl((login) => databaseUrl(login, 'control'), secrets);
    await prepareData(databaseUrl);
    await liftRateLimit(superuserUrl('control'));
    const urlsFor = (keys: readonly DataDatabaseKey[]) =>
      Object.fromEntries(
        keys.map((key) => [
          key,
          { appUrl: databaseUrl('platen_app', key), systemUrl: databaseUrl('platen_system', key) },
        ]),
      );
    const databases: PlatformOptions['databases'] = {
      controlTenantUrl: databaseUrl('control_tenant', 'control'),
      controlPlatformUrl: databaseUrl('control_platform', 'control'),
      erp: urlsFor(erpKeys),
      telemetry: urlsFor(telemetryKeys),
    };
    const servicesOf = async (
      own: PlatformOptions['databases'],
      folder: string,
      more: PlatformOptions['env'] = {},
    ): Promise<Services> => {
      const usual = await optionsFor(own, secrets, path.join(dataDir, folder), { profileDir, env });
      const envOf = (name: ServiceName) => ({ ...usual.env?.[name], ...more[name] });
      const options = { ...usual, env: Object.fromEntries(serviceNames.map((name) => [name, envOf(name)])) };
      const { control, controlInternal, data } = options.ports;
      const local = (port: number) => `http://127.0.0.1:${port}`;
      return {
        urls: { control: local(control), controlInternal: local(controlInternal), data: local(data) },
        start: async (name) => {
          const service = await startPlatformService(name, options);
          running.unshift(service);
          return service;
        },
        environment: (name) => serviceEnvironment(name, options),
      };
    };
    return {
      ...(await servicesOf(databases, 'main')),
      dataDir: path.join(dataDir, 'main'),
      postgresPid: Number(readFileSync(path.join(clusterDir, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]),
      telemetryServer,
      erpServer,
      databaseUrl,
      superuserUrl,
      another: (change, more) => {
        others += 1;
        return servicesOf(change(databases), `another-${others}`, more);
      },
      addControlDatabase: async (name) => {
        const url = (login: Login | 'superuser') =>
          login === 'superuser'
            ? withDatabase(server.url, `/${name}`)
            : withDatabase(databaseUrl(login, 'control'), `/${name}`);
        await runSql(server.url, `create database ${name} owner platen_owner template template0`);
        await prepareControl(url, secrets);
        await liftRateLimit(url('superuser'));
        return url;
      },
      seedScale: async (url, { tenants: tenantCount, users, databases: databaseCount = 2 }) => {
        const env = { NODE_ENV: 'development', BASE_DOMAIN: 'localhost', CONTROL_PLATFORM_DB_URL: url };
        const size = [
          ...['--tenants', String(tenantCount), '--users', String(users)],
          ...['--databases', String(databaseCount)],
        ];
        await runCommand(
          'control-plane/dist/seed-scale.js',
          { ...env, KEY_ENCRYPTION_KEY: secrets.keyEncryptionKey },
          size,
        );
      },
      dataPlaneSecret: secrets.dataPlaneSecret,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function optionsFor(
  databases: PlatformOptions['databases'],
  secrets: Secrets,
  dataDir: string,
  { profileDir, env }: Required<Pick<BenchPlatformOptions, 'profileDir' | 'env'>>,
): Promise<PlatformOptions> {
  mkdirSync(dataDir, { recursive: true });
  const [control, controlInternal, data, dataInternal, workerHealth, telemetryHealth] = await freePorts(6);
  const profiling =
    profileDir === null ? {} : { BENCH_PROFILE_DIR: profileDir, NODE_OPTIONS: `--import ${profilePreload}` };
  // Without it each plane keeps cache and limits to itself, as an installation of one instance does.
  const redis = process.env['REDIS_URL'] === undefined ? {} : { REDIS_URL: process.env['REDIS_URL'] };
  return {
    // Six were asked for.
    ports: { control, controlInternal, data, dataInternal, workerHealth, telemetryHealth } as PlatformOptions['ports'],
    secrets,
    dataDir,
    databases,
    env: {
      'control-plane': { AUTH_REQUESTS_PER_MINUTE: '10000000', ...redis, ...profiling, ...env },
      'data-plane': { TOKEN_ISSUER: 'platen', ...redis, ...profiling, ...env },
      'erp-worker': env,
    },
  };
}

function withDatabase(serverUrl: string, pathname: string): string {
  const url = new URL(serverUrl);
  url.pathname = pathname;
  return url.toString();
}

async function prepareControl(url: (login: Login) => string, secrets: Secrets): Promise<void> {
  await runCommand('control-plane/dist/migrate.js', { MIGRATE_CONTROL_DB_URL: url('platen_owner') });
  await runCommand('control-plane/dist/seed.js', {
    NODE_ENV: 'development',
    BASE_DOMAIN: 'localhost',
    CONTROL_PLATFORM_DB_URL: url('control_platform'),
    KEY_ENCRYPTION_KEY: secrets.keyEncryptionKey,
    SEED_DATA_PLANE_SECRET: secrets.dataPlaneSecret,
    SEED_ERP_WORKER_SECRET: secrets.erpWorkerSecret,
    SEED_TELEMETRY_WORKER_SECRET: secrets.telemetryWorkerSecret,
  });
}

async function prepareData(url: (login: Login, key: DatabaseKey) => string): Promise<void> {
  const catalogueOf = (keys: readonly DataDatabaseKey[], entryOf: (key: DataDatabaseKey) => object) =>
    JSON.stringify(Object.fromEntries(keys.map((key) => [key, { ...entryOf(key), kind: dataDatabases[key] }])));
  const owned = catalogueOf([...erpKeys, ...telemetryKeys], (key) => ({ url: url('platen_owner', key) }));
  await runCommand('data-plane/dist/migrate.js', { MIGRATE_DB_CATALOG: owned });
  // Rows of telemetry measure with readings of their own.
  await runCommand('data-plane/dist/seed.js', {
    NODE_ENV: 'development',
    DATA_DB_CATALOG: catalogueOf(erpKeys, (key) => ({
      url: url('platen_app', key),
      system_url: url('platen_system', key),
      pool_size: 4,
    })),
  });
}

/** As the superuser, on a connection of its own. */
export async function runSql(url: string, text: string, values: readonly unknown[] = []): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text, [...values]);
    return rows;
  } finally {
    await client.end();
  }
}

/** The measured tenant may send as fast as it likes; its requests are counted all the same. */
const liftRateLimit = (superuserUrl: string) => liftLimit(superuserUrl, tenants.acme.id, 'requests_per_minute');

export const liftLimit = (superuserUrl: string, tenantId: string, limit: LimitCode) =>
  runSql(
    superuserUrl,
    `insert into tenant_platform_limits (tenant_id, limit_code, value) values ($1, $2, 1000000000)
      on conflict (tenant_id, limit_code) do update set value = excluded.value`,
    [tenantId, limit],
  );

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            // A TCP server's address is an object.
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
