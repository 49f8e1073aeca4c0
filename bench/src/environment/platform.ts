import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres } from '@platen/chassis/embedded-postgres/start';
import type { ServiceProcess } from '@platen/chassis/service-process/start';
import { runCommand } from '@platen/demo/commands';
import { createDatabases, type DatabaseKey, type Login, urlsOf } from '@platen/demo/databases';
import { type PlatformOptions, type ServiceName, startPlatformService } from '@platen/demo/platform';
import { loadSecrets, type Secrets } from '@platen/demo/secrets';
import { tenants } from '@platen/schema/seeds/identities';
import pg from 'pg';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const erpKeys = ['erp-1', 'erp-2'] as const;

/** A Postgres server with the product's databases, migrated and seeded, and the product's services on demand. */
export interface BenchPlatform {
  readonly dataDir: string;
  readonly postgresPid: number;
  readonly urls: { readonly control: string; readonly controlInternal: string; readonly data: string };
  /** URL of a database as one of the product's logins. */
  readonly databaseUrl: (login: Login, key: DatabaseKey) => string;
  readonly superuserUrl: (key: DatabaseKey) => string;
  start(name: ServiceName): Promise<ServiceProcess>;
  stop(): Promise<void>;
}

const profilePreload = new URL('../measure/profile.preload.js', import.meta.url).href;

export interface BenchPlatformOptions {
  /** Where CPU profiles of the data plane go; null: none are made. */
  readonly profileDir: string | null;
}

export async function startBenchPlatform({ profileDir }: BenchPlatformOptions): Promise<BenchPlatform> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'platen-bench-'));
  // The server may run as another user than we do.
  await chmod(dataDir, 0o755);
  const clusterDir = path.join(dataDir, 'postgres');
  const server = await startEmbeddedPostgres({
    dataDir: clusterDir,
    durable: false,
    settings: { shared_buffers: '256MB', log_autovacuum_min_duration: '-1', autovacuum: 'off' },
  });
  const secrets = loadSecrets(dataDir);
  await createDatabases(server.url, secrets);
  const databaseUrl = urlsOf(server.url, secrets);
  const superuserUrl = (key: DatabaseKey) => withDatabase(server.url, databaseUrl('platen_owner', key));
  await prepareDatabases(databaseUrl, secrets);
  await liftRateLimit(superuserUrl('control'));
  const [control, controlInternal, data, dataInternal, workerHealth] = await freePorts(5);
  const options: PlatformOptions = {
    ports: { control, controlInternal, data, dataInternal, workerHealth } as PlatformOptions['ports'],
    secrets,
    dataDir,
    databases: {
      controlTenantUrl: databaseUrl('control_tenant', 'control'),
      controlPlatformUrl: databaseUrl('control_platform', 'control'),
      erp: Object.fromEntries(
        erpKeys.map((key) => [
          key,
          { appUrl: databaseUrl('platen_app', key), systemUrl: databaseUrl('platen_system', key) },
        ]),
      ),
    },
    env: {
      'control-plane': { AUTH_REQUESTS_PER_MINUTE: '10000000' },
      'data-plane': {
        TOKEN_ISSUER: 'platen',
        ...(profileDir === null ? {} : { BENCH_PROFILE_DIR: profileDir, NODE_OPTIONS: `--import ${profilePreload}` }),
      },
    },
  };
  const running: ServiceProcess[] = [];
  return {
    dataDir,
    postgresPid: Number(readFileSync(path.join(clusterDir, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]),
    urls: {
      control: `http://127.0.0.1:${control}`,
      controlInternal: `http://127.0.0.1:${controlInternal}`,
      data: `http://127.0.0.1:${data}`,
    },
    databaseUrl,
    superuserUrl,
    start: async (name) => {
      const service = await startPlatformService(name, options);
      running.unshift(service);
      return service;
    },
    stop: async () => {
      for (const service of running.splice(0)) await service.stop();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function withDatabase(serverUrl: string, databaseUrl: string): string {
  const url = new URL(serverUrl);
  url.pathname = new URL(databaseUrl).pathname;
  return url.toString();
}

async function prepareDatabases(url: (login: Login, key: DatabaseKey) => string, secrets: Secrets): Promise<void> {
  const owned = JSON.stringify(
    Object.fromEntries(erpKeys.map((key) => [key, { url: url('platen_owner', key), kind: 'erp' }])),
  );
  await runCommand('control-plane/dist/migrate.js', { MIGRATE_CONTROL_DB_URL: url('platen_owner', 'control') });
  await runCommand('data-plane/dist/migrate.js', { MIGRATE_DB_CATALOG: owned });
  await runCommand('control-plane/dist/seed.js', {
    NODE_ENV: 'development',
    BASE_DOMAIN: 'localhost',
    CONTROL_PLATFORM_DB_URL: url('control_platform', 'control'),
    KEY_ENCRYPTION_KEY: secrets.keyEncryptionKey,
    SEED_DATA_PLANE_SECRET: secrets.dataPlaneSecret,
    SEED_ERP_WORKER_SECRET: secrets.erpWorkerSecret,
  });
  if (!existsSync(path.join(root, 'data-plane/dist/seed.js'))) return;
  const catalogue = Object.fromEntries(
    erpKeys.map((key) => [
      key,
      { url: url('platen_app', key), system_url: url('platen_system', key), pool_size: 4, kind: 'erp' },
    ]),
  );
  await runCommand('data-plane/dist/seed.js', {
    NODE_ENV: 'development',
    MIGRATE_DB_CATALOG: owned,
    DATA_DB_CATALOG: JSON.stringify(catalogue),
  });
}

/** The measured tenant may send as fast as it likes; its requests are counted all the same. */
async function liftRateLimit(superuserUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(
      `insert into tenant_platform_limits (tenant_id, limit_code, value)
        values ($1, 'requests_per_minute', 1000000000)
        on conflict (tenant_id, limit_code) do update set value = excluded.value`,
      [tenants.acme.id],
    );
  } finally {
    await client.end();
  }
}

async function freePorts(count: number): Promise<number[]> {
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
