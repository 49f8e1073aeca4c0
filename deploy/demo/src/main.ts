import { mkdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { EmbeddedPostgresError } from '@platen/chassis/embedded-postgres/errors';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@platen/chassis/embedded-postgres/start';
import { ServiceStartError } from '@platen/chassis/service-process/start';
import { demoPassword, platformAdmins, tenants } from '@platen/schema/seeds/identities';
import { PlatenError } from '@platen/sdk';
import { walkQuoteToCash } from '@platen/sdk/examples/quote-to-cash';
import { runCommand } from './commands.js';
import { type DemoConfig, readConfig, usage } from './config.js';
import {
  analyze,
  createDatabases,
  type DataDatabaseKey,
  dataDatabaseKeys,
  dataDatabases,
  urlsOf,
} from './databases.js';
import { type DemoSite, decoNetworkHost, startDecoNetwork } from './deconetwork.js';
import { DemoFailure } from './failure.js';
import { type PlatformOptions, type ServiceName, startPlatformService, uploadsOf } from './platform.js';
import { assertPortsFree } from './ports.js';
import { loadSecrets, type Secrets } from './secrets.js';
import { step } from './steps.js';

const erpKeys = dataDatabaseKeys('erp');
const telemetryKeys = dataDatabaseKeys('telemetry');

/** `npm run demo`: everything on this machine, from an empty folder to a quote turned into cash, until Ctrl-C. */
export async function runDemo(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(usage);
    return;
  }
  const running: { stop(): Promise<void> }[] = [];
  const over = endOnSignal(running);
  try {
    await start(readConfig(args, process.env), running, over);
  } catch (error) {
    await stopAll(running);
    if (over.stopping) return;
    process.stderr.write(`${describe(error)}\n`);
    process.exit(1);
  }
}

interface Over {
  stopping: boolean;
  readonly fail: (line: string) => void;
}

async function start(config: DemoConfig, running: { stop(): Promise<void> }[], over: Over): Promise<void> {
  const startedAt = performance.now();
  await assertPortsFree(config.ports);
  const postgres = await step('PostgreSQL', () => startPostgres(config));
  running.unshift(postgres);
  const secrets = loadSecrets(config.dataDir);
  await step('roles and databases', () => createDatabases(postgres.url, secrets));
  await prepareDatabases(postgres, secrets, uploadsOf(config.dataDir));
  const options = platformOptions(config, postgres, secrets, over);
  const serve = async (name: ServiceName) => {
    running.unshift(await step(name, () => startPlatformService(name, options)));
  };
  await serve('control-plane');
  const site = await step('a DecoNetwork site', () => startDecoNetwork(config, over.fail));
  running.unshift(site);
  await Promise.all([serve('data-plane'), serve('erp-worker'), serve('telemetry-worker')]);
  process.stdout.write('\n');
  await walkQuoteToCash({
    controlUrl: `http://{tenant}.localhost:${config.ports.control}`,
    dataUrl: `http://{tenant}.localhost:${config.ports.data}`,
    password: demoPassword,
    print: (line: string) => process.stdout.write(`  ${line}\n`),
  });
  printWhereToLook(config, site, performance.now() - startedAt);
}

async function startPostgres(config: DemoConfig): Promise<EmbeddedPostgres> {
  mkdirSync(config.dataDir, { recursive: true });
  const dataDir = path.join(config.dataDir, 'postgres');
  // Where no demo has been there is nothing to drop: a folder that was named by mistake keeps what is in it.
  if (!config.reset || !exists(dataDir)) return startEmbeddedPostgres({ dataDir, durable: true });
  // Started and stopped first: it refuses a folder that another demo is using, before anything of it is gone.
  await (await startEmbeddedPostgres({ dataDir, durable: false })).stop();
  rmSync(config.dataDir, { recursive: true });
  mkdirSync(config.dataDir);
  return startEmbeddedPostgres({ dataDir, durable: true });
}

const exists = (file: string): boolean => statSync(file, { throwIfNoEntry: false }) !== undefined;

async function prepareDatabases(postgres: EmbeddedPostgres, secrets: Secrets, uploads: string): Promise<void> {
  const url = urlsOf(postgres.url, secrets);
  const controlUrl = url('platen_owner', 'control');
  const catalogOf = (keys: readonly DataDatabaseKey[], entryOf: (key: DataDatabaseKey) => object) =>
    JSON.stringify(Object.fromEntries(keys.map((key) => [key, { ...entryOf(key), kind: dataDatabases[key] }])));
  const entryOf = (key: DataDatabaseKey) => ({
    url: url('platen_app', key),
    system_url: url('platen_system', key),
    pool_size: 4,
  });
  const migrate = (keys: readonly DataDatabaseKey[]) =>
    runCommand('data-plane/dist/migrate.js', {
      MIGRATE_DB_CATALOG: catalogOf(keys, (key) => ({ url: url('platen_owner', key) })),
    });
  const prepareControl = async () => {
    await step('migrate the control database', () =>
      runCommand('control-plane/dist/migrate.js', { MIGRATE_CONTROL_DB_URL: controlUrl }),
    );
    await step('seed the control database', () =>
      runCommand('control-plane/dist/seed.js', {
        NODE_ENV: 'development',
        BASE_DOMAIN: 'localhost',
        CONTROL_PLATFORM_DB_URL: url('control_platform', 'control'),
        KEY_ENCRYPTION_KEY: secrets.keyEncryptionKey,
        SEED_DATA_PLANE_SECRET: secrets.dataPlaneSecret,
        SEED_ERP_WORKER_SECRET: secrets.erpWorkerSecret,
        SEED_TELEMETRY_WORKER_SECRET: secrets.telemetryWorkerSecret,
      }),
    );
  };
  const prepareErp = async () => {
    await step(`migrate the ERP databases ${erpKeys.join(', ')}`, () => migrate(erpKeys));
    await step('seed the ERP databases', () =>
      runCommand('data-plane/dist/seed.js', {
        NODE_ENV: 'development',
        DATA_DB_CATALOG: catalogOf(erpKeys, entryOf),
        STORAGE_LOCAL_DIR: uploads,
      }),
    );
    await step('analyze them', () => analyze(erpKeys.map((key) => url('platen_owner', key))));
  };
  const prepareTelemetry = async () => {
    await step(`migrate the telemetry database ${telemetryKeys.join(', ')}`, () => migrate(telemetryKeys));
    await step('seed the telemetry database', () =>
      runCommand('data-plane/dist/seed-telemetry.js', {
        NODE_ENV: 'development',
        DATA_DB_CATALOG: catalogOf(telemetryKeys, entryOf),
      }),
    );
    await step('analyze it', () => analyze(telemetryKeys.map((key) => url('platen_owner', key))));
  };
  await Promise.all([prepareControl(), prepareErp(), prepareTelemetry()]);
}

function platformOptions(
  config: DemoConfig,
  postgres: EmbeddedPostgres,
  secrets: Secrets,
  over: Over,
): PlatformOptions {
  const url = urlsOf(postgres.url, secrets);
  const urlsFor = (keys: readonly DataDatabaseKey[]) =>
    Object.fromEntries(
      keys.map((key) => [key, { appUrl: url('platen_app', key), systemUrl: url('platen_system', key) }]),
    );
  return {
    ports: config.ports,
    secrets,
    dataDir: config.dataDir,
    // A site on this machine is none that a shop may name, but here it is the one to try things with.
    env: {
      'data-plane': { OUTBOUND_ALLOWED_HOSTS: decoNetworkHost(config) },
      'erp-worker': { OUTBOUND_ALLOWED_HOSTS: decoNetworkHost(config) },
    },
    databases: {
      controlTenantUrl: url('control_tenant', 'control'),
      controlPlatformUrl: url('control_platform', 'control'),
      erp: urlsFor(erpKeys),
      telemetry: urlsFor(telemetryKeys),
    },
    onExit: ({ name, code, signal }) =>
      over.fail(
        `${name} ended by itself (${signal ?? `exit code ${code}`}); its log: ${path.join(config.dataDir, 'log', `${name}.log`)}`,
      ),
  };
}

function printWhereToLook({ ports, dataDir }: DemoConfig, site: DemoSite, elapsedMs: number): void {
  const users = Object.entries(tenants).flatMap(([slug, tenant]) => tenant.users.map(({ email }) => ({ slug, email })));
  const lines = [
    '',
    `Serving after ${(elapsedMs / 1000).toFixed(1)} s. Password of everybody: ${demoPassword}`,
    ...users.map(({ slug, email }) => `  ${email.padEnd(22)} http://${slug}.localhost:${ports.control}`),
    ...Object.values(platformAdmins).map(
      ({ email }) => `  ${email.padEnd(22)} http://platform.localhost:${ports.control}/platform/auth/login`,
    ),
    `Docs     http://acme.localhost:${ports.control}/docs/control  http://acme.localhost:${ports.data}/docs/data`,
    `Platform http://platform.localhost:${ports.control}/docs/control`,
    `OpenAPI  http://acme.localhost:${ports.control}/openapi/control.json  http://acme.localhost:${ports.data}/openapi/data.json`,
    `Deco     ${site.url} stands in for a DecoNetwork site: ${site.username} / ${site.password}; its state is at ${site.url}/__site`,
    `Logs     ${path.join(dataDir, 'log')}`,
    `Mails    ${path.join(dataDir, 'mail')}`,
    'Ctrl-C stops everything.',
    '',
  ];
  process.stdout.write(lines.join('\n'));
  const ready = {
    control_plane: `http://127.0.0.1:${ports.control}`,
    data_plane: `http://127.0.0.1:${ports.data}`,
    tenants: Object.fromEntries(
      Object.keys(tenants).map((slug) => [
        slug,
        {
          control_plane: `http://${slug}.localhost:${ports.control}`,
          data_plane: `http://${slug}.localhost:${ports.data}`,
        },
      ]),
    ),
    deconetwork_site: { url: site.url, username: site.username, password: site.password },
    users: users.map(({ slug, email }) => ({ tenant: slug, email, password: demoPassword })),
  };
  process.stdout.write(`READY ${JSON.stringify(ready)}\n`);
}

/** Services first, side by side: each drains by itself. PostgreSQL, the first that was started, goes last. */
async function stopAll(running: { stop(): Promise<void> }[]): Promise<void> {
  const first = running.pop();
  await Promise.all(running.splice(0).map((service) => service.stop()));
  await first?.stop();
}

function endOnSignal(running: { stop(): Promise<void> }[]): Over {
  const end = (code: number, line?: string) => {
    if (over.stopping) return;
    over.stopping = true;
    if (line !== undefined) process.stderr.write(`${line}\n`);
    stopAll(running).then(
      () => process.exit(code),
      (error: unknown) => {
        process.stderr.write(`${describe(error)}\n`);
        process.exit(1);
      },
    );
  };
  const over: Over = { stopping: false, fail: (line) => end(1, line) };
  process.on('SIGINT', () => end(0));
  process.on('SIGTERM', () => end(0));
  // The terminal closed: stopping is all that is left to do.
  process.on('SIGHUP', () => end(0));
  return over;
}

/** What a person can mend is told in one line; anything else is a fault of ours and comes with its stack. */
function describe(error: unknown): string {
  const known = [DemoFailure, EmbeddedPostgresError, ServiceStartError].some((kind) => error instanceof kind);
  if (known) return (error as Error).message;
  if (error instanceof PlatenError && error.code === 'too_many_attempts') {
    const seconds = Math.ceil((error.retryAfterMs ?? 0) / 1_000);
    return `Wrong passwords were tried in this demo until it let nobody in: wait ${seconds} s, or npm run demo -- --reset`;
  }
  if (error instanceof Error && 'code' in error) {
    if (error.code === 'ENOSPC') return 'The disk is full; free some space, or set PLATEN_DATA_DIR to another disk';
    if (error.code === 'EEXIST' || error.code === 'ENOTDIR') return `PLATEN_DATA_DIR is no folder: ${error.message}`;
    if (error.code === 'EACCES' || error.code === 'EROFS') return `No permission: ${error.message}`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
