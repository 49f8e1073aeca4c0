import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ServiceProcess, startServiceProcess } from '@platen/chassis/service-process/start';
import { type TestDatabase, testDatabase, testServerUrl } from '@platen/chassis/testkit/database';
import { freePort } from '@platen/chassis/testkit/programs';
import { type SeededSet, seededDatabases } from '@platen/chassis/testkit/seeded-databases';
import { runCommand } from '@platen/demo/commands';
import {
  type PlatformOptions,
  type PlatformPorts,
  type ServiceName,
  serviceEnvironment,
  startPlatformService,
} from '@platen/demo/platform';
import { createCaller, type SendRaw } from './http.js';

/** What the harness needs of tap's `t`. */
export interface TestContext {
  teardown(work: () => void | Promise<void>): void;
  comment(text: string): void;
  readonly passing: () => boolean;
  setTimeout(milliseconds: number): void;
}

export interface Platform {
  readonly ports: PlatformPorts;
  readonly secrets: PlatformOptions['secrets'];
  readonly dataDir: string;
  readonly databases: Readonly<Record<'control' | 'erp-1' | 'erp-2' | 'telemetry-1', TestDatabase>>;
  /** At a tenant's host, by its slug. */
  readonly control: SendRaw;
  readonly data: SendRaw;
  readonly controlInternal: SendRaw;
  readonly dataInternal: SendRaw;
  start(name: ServiceName): Promise<ServiceProcess>;
  /** Waits for the process only, not until it is ready. */
  startUnready(name: 'control-plane' | 'data-plane'): Promise<ServiceProcess>;
  stop(name: ServiceName): Promise<void>;
  /** SIGKILL. */
  kill(name: ServiceName): Promise<void>;
  /** Every line that a service wrote, over all its lives. */
  logLines(name: ServiceName): string[];
}

export interface PlatformSetup {
  readonly services?: readonly ServiceName[];
  readonly env?: PlatformOptions['env'];
  /** Services as they are shipped, in a test run too that bundles them for quick starts. */
  readonly asShipped?: boolean;
  /** Before any service starts, on the seeded databases. */
  readonly prepare?: (databases: Platform['databases']) => Promise<void>;
}

export const fileTimeoutMs = 200_000;

/** Without those that tests have nothing to do with: each would cost every test its start. */
const usualServices = ['control-plane', 'data-plane', 'erp-worker'] as const;

/** Set by the test runner. */
export const bundles = process.env['TEST_BUNDLES'];
export const repository = fileURLToPath(new URL('../../../', import.meta.url));
/** Of a compiled program, by its path in the repository; its bundle in a test run. */
export const programAt = (file: string): string => path.join(bundles ?? repository, file);

/** As services are given them. */
export const urlsOf = ({ control, ...data }: Platform['databases']): PlatformOptions['databases'] => ({
  controlTenantUrl: unhurried(control.tenantUrl),
  controlPlatformUrl: unhurried(control.platformUrl),
  erp: { 'erp-1': unhurriedPair(data['erp-1']), 'erp-2': unhurriedPair(data['erp-2']) },
  telemetry: { 'telemetry-1': unhurriedPair(data['telemetry-1']) },
});

/**
 * A read has a quarter of a second and a lock one second, which a machine takes that stands still for a moment. Nothing is
 * tested of that here. In the URL it comes after what a plane asks for, and the server takes the later.
 */
function unhurried(url: string): string {
  const patient = new URL(url);
  for (const name of ['statement_timeout', 'lock_timeout']) patient.searchParams.set(name, '30000');
  return patient.toString();
}
export const unhurriedPair = ({ appUrl, systemUrl }: TestDatabase) => ({
  appUrl: unhurried(appUrl),
  systemUrl: unhurried(systemUrl),
});

/** A whole Platen of the test's own: seeded databases, both planes and the worker as processes with the roles of a deployment. */
export async function startPlatform(t: TestContext, setup: PlatformSetup = {}): Promise<Platform> {
  // The runner has a limit of its own; tap's is meant for files without processes.
  t.setTimeout(fileTimeoutMs);
  const secrets = await secretsOfRun();
  const [{ control }, erp, telemetry1] = await Promise.all([
    seededDatabases(t, seededControl(secrets)),
    seededErp(t),
    testDatabase(t, 'telemetry'),
  ]);
  const databases = { control, ...erp, 'telemetry-1': telemetry1 };
  await setup.prepare?.(databases);
  const ports = await findPorts();
  const dataDir = mkdtempSync(path.join(tmpdir(), 'platen-acceptance-'));
  const options: PlatformOptions = {
    ports,
    secrets,
    dataDir,
    databases: urlsOf(databases),
    ...(setup.env && { env: setup.env }),
    ...(!setup.asShipped && bundles !== undefined && { entriesDir: bundles }),
  };
  const running = new Map<ServiceName, ServiceProcess>();
  killWithUs(running);
  const logs = new Map<ServiceName, ServiceProcess['logLines']>();
  const hold = async (name: ServiceName, starting: Promise<ServiceProcess>) => {
    const service = await starting;
    running.set(name, service);
    logs.set(name, service.logLines);
    return service;
  };
  const closers: (() => void)[] = [];
  t.teardown(async () => {
    for (const close of closers) close();
    // Workers before the planes that they call.
    for (const name of ['telemetry-worker', 'erp-worker', 'data-plane', 'control-plane'] as const) {
      await running.get(name)?.stop();
    }
    if (t.passing()) rmSync(dataDir, { recursive: true, force: true });
    else t.comment(`logs are kept in ${path.join(dataDir, 'log')}`);
  });
  const caller = (port: number) => {
    const { send, close } = createCaller(port);
    closers.push(close);
    return send;
  };
  const platform: Platform = {
    ports,
    secrets,
    dataDir,
    databases,
    control: caller(ports.control),
    data: caller(ports.data),
    controlInternal: caller(ports.controlInternal),
    dataInternal: caller(ports.dataInternal),
    start: (name) => hold(name, startPlatformService(name, options)),
    startUnready: (name) =>
      hold(
        name,
        startServiceProcess({
          name,
          entry: path.join(options.entriesDir ?? repository, name, 'dist/main.js'),
          env: serviceEnvironment(name, options),
          logFile: path.join(dataDir, 'log', `${name}.log`),
          readyUrl: `http://127.0.0.1:${name === 'data-plane' ? ports.data : ports.control}/health`,
        }),
      ),
    async stop(name) {
      await running.get(name)?.stop();
      running.delete(name);
    },
    async kill(name) {
      await running.get(name)?.kill();
      running.delete(name);
    },
    logLines: (name) => logs.get(name)?.() ?? [],
  };
  for (const name of setup.services ?? usualServices) await platform.start(name);
  return platform;
}

/** Services are process groups of their own: a test that is ended by its time-out must not leave them behind. */
function killWithUs(running: ReadonlyMap<ServiceName, ServiceProcess>): void {
  const killAll = () => {
    for (const { pid } of running.values()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
  };
  process.once('exit', killAll);
  for (const signal of ['SIGALRM', 'SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      killAll();
      process.exit(1);
    });
  }
}

/** The same in all files of a test run, since the seeds hold what is encrypted by one and hashed of two. */
async function secretsOfRun(): Promise<Platform['secrets']> {
  const server = await testServerUrl();
  const secretOf = (name: string) => createHash('sha256').update(`${name} ${server}`).digest('base64url');
  return {
    keyEncryptionKey: secretOf('key encryption key'),
    cursorSecret: randomBytes(32).toString('base64url'),
    quoteLinkSecret: randomBytes(32).toString('base64url'),
    dnCredentialsKey: randomBytes(32).toString('base64url'),
    dataPlaneSecret: secretOf('data plane'),
    erpWorkerSecret: secretOf('erp worker'),
    telemetryWorkerSecret: secretOf('telemetry worker'),
  };
}

const seededControl = (secrets: Platform['secrets']): SeededSet<'control'> => ({
  name: 'platform',
  kinds: { control: 'control' },
  fill: ({ control }) => runCommand(programAt('control-plane/dist/seed.js'), seedEnvironment(control, secrets)),
});

/** The variables of whoever seeds the control plane. */
export const seedEnvironment = (control: TestDatabase, secrets: Platform['secrets']): Record<string, string> => ({
  NODE_ENV: 'development',
  BASE_DOMAIN: 'localhost',
  CONTROL_PLATFORM_DB_URL: control.platformUrl,
  KEY_ENCRYPTION_KEY: secrets.keyEncryptionKey,
  SEED_DATA_PLANE_SECRET: secrets.dataPlaneSecret,
  SEED_ERP_WORKER_SECRET: secrets.erpWorkerSecret,
  SEED_TELEMETRY_WORKER_SECRET: secrets.telemetryWorkerSecret,
});

/** Two databases with the demo tenants' documents. */
export function seededErp(t: Pick<TestContext, 'teardown'>) {
  return seededDatabases(t, {
    name: 'demo',
    kinds: { 'erp-1': 'erp', 'erp-2': 'erp' },
    fill: (databases) => {
      const each = (entry: (database: TestDatabase) => object) =>
        JSON.stringify(Object.fromEntries(Object.entries(databases).map(([key, database]) => [key, entry(database)])));
      return runCommand(programAt('data-plane/dist/seed.js'), {
        NODE_ENV: 'development',
        MIGRATE_DB_CATALOG: each(({ ownerUrl }) => ({ url: ownerUrl, kind: 'erp' })),
        DATA_DB_CATALOG: each(({ appUrl, systemUrl }) => ({ url: appUrl, system_url: systemUrl, kind: 'erp' })),
      });
    },
  });
}

async function findPorts(): Promise<PlatformPorts> {
  const [control = 0, data = 0, controlInternal = 0, dataInternal = 0, workerHealth = 0, telemetryHealth = 0] =
    await Promise.all(Array.from({ length: 6 }, freePort));
  return { control, data, controlInternal, dataInternal, workerHealth, telemetryHealth };
}
