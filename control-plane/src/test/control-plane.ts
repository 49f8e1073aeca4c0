import { createHash } from 'node:crypto';
import { startOutbox } from '@platen/chassis/bus/outbox-pull';
import { type Database, openDatabase } from '@platen/chassis/db/database';
import { statement } from '@platen/chassis/db/statement';
import { type SystemDatabase, systemDatabase } from '@platen/chassis/db/system-database';
import type { Value } from '@platen/chassis/db/types';
import type { TestDatabase } from '@platen/chassis/testkit/database';
import { type RecordedLog, recordLog } from '@platen/chassis/testkit/http';
import { patient } from '@platen/chassis/testkit/patient';
import { type SeededSet, seededDatabases } from '@platen/chassis/testkit/seeded-databases';
import { until } from '@platen/chassis/testkit/until';
import { eventSources } from '@platen/schema/events/cloud-event';
import type { InjectOptions, LightMyRequestResponse as Response } from 'fastify';
import { type App, buildApp } from '../app.js';
import type { PasswordPool } from '../modules/auth/index.js';
import { passwordsBy } from '../modules/auth/password-pool.js';
import runPasswordTask from '../modules/auth/password-worker.js';
import { bootstrapSigningKey, createTextCipher, deriveKey } from '../modules/keys/index.js';
import type { TenantDatabasesClient } from '../modules/platform-tenants/index.js';
import { seedControlPlane } from '../seed/seed.js';

interface Teardown {
  teardown(work: () => void | Promise<void>): void;
}

export interface TestControlPlane {
  readonly app: App;
  readonly database: TestDatabase;
  readonly tenantDb: Database;
  readonly platformDb: SystemDatabase;
  readonly log: RecordedLog;
  readonly passwords: PasswordPool;
  readonly keyEncryptionKey: string;
  /** What tests set the clock by: added to the real time, or to the time at which it stands still. */
  readonly clock: { offsetMs: number; stoppedAtMs: number | null };
  /** What the clock says. */
  readonly nowMs: () => number;
  /** Name → the texts of its TXT records. */
  readonly dns: Map<string, string[]>;
  /** SQL as `control_platform`, which sees every tenant. */
  sql<Row>(text: string, values?: readonly Value[]): Promise<Row[]>;
  browser(host?: string): Browser;
}

export const serviceSecrets = {
  dataPlane: 'data-plane-test-secret',
  erpWorker: 'erp-worker-test-secret',
  telemetryWorker: 'telemetry-worker-test-secret',
};
export const issuer = 'https://issuer.test';

/** Cheap enough to be done where they are asked for: a thread takes longer to start than a file's sign-ins do. */
const cheapPasswords = (): PasswordPool =>
  passwordsBy(
    { run: async (task) => runPasswordTask(task), close: async () => undefined },
    { memoryKib: 64, passes: 1, lanes: 1 },
  );

/** The same in every process of a run: the seeded databases hold a signing key under it. */
const keyEncryptionKey = createHash('sha256').update('a key encryption key for tests').digest('base64');

const seeded: SeededSet<'control'> = {
  name: 'service',
  kinds: { control: 'control' },
  async fill({ control }) {
    const db = systemDatabase({ ...patient, name: 'test-seed', url: control.platformUrl, poolSize: 2 });
    const passwords = cheapPasswords();
    try {
      await seedControlPlane({ db, passwords, baseDomain: 'localhost', demo: true, serviceSecrets });
      await bootstrapSigningKey(db, createTextCipher(deriveKey(keyEncryptionKey, 'signing-keys')));
    } finally {
      await Promise.all([db.close(), passwords.close()]);
    }
  },
};

/** The whole service over a seeded database of its own, with cheap password hashes; called through `inject`. */
export async function startControlPlane(
  t: Teardown,
  settings: {
    production?: boolean;
    sequenced?: boolean;
    isFeatureEnabled?: (flag: string) => boolean;
    tenantDatabases?: TenantDatabasesClient;
    defaultTelemetryDbKey?: string;
  } = {},
): Promise<TestControlPlane> {
  const { control: database } = await seededDatabases(t, seeded);
  const platformDb = systemDatabase({ ...patient, name: 'test-platform', url: database.platformUrl, poolSize: 4 });
  const tenantDb = openDatabase({
    ...patient,
    name: 'test-control',
    url: database.tenantUrl,
    poolSize: 10,
    perTenantShare: 1,
  });
  const passwords = cheapPasswords();
  const log = recordLog();
  const clock: TestControlPlane['clock'] = { offsetMs: 0, stoppedAtMs: null };
  const nowMs = () => (clock.stoppedAtMs ?? Date.now()) + clock.offsetMs;
  const dns = new Map<string, string[]>();
  // No sequencer unless a test asks for it: most of them never read an event by its position.
  const sequenced = settings.sequenced === true;
  const outbox = startOutbox({
    databases: sequenced ? [{ key: 'control', system: platformDb, systemUrl: database.platformUrl }] : [],
    eventSource: eventSources.controlPlane,
    log: log.log,
  });
  const app = buildApp({
    tenantDb,
    platformDb,
    passwords,
    outbox,
    dns: { resolveTxt: async (name) => dns.get(name) ?? [] },
    log: log.log,
    clock: nowMs,
    isFeatureEnabled: settings.isFeatureEnabled ?? (() => true),
    ...(settings.tenantDatabases && { tenantDatabases: settings.tenantDatabases }),
    settings: {
      production: settings.production ?? false,
      issuer,
      baseDomain: 'localhost',
      keyEncryptionKey,
      devOriginPorts: [],
      devLinkPort: 4000,
      trustedProxies: [],
      authRequestsPerMinute: 100_000,
      dataInternalUrl: 'http://127.0.0.1:9',
      deletionGraceMs: 30 * 86_400_000,
      defaultTelemetryDbKey: settings.defaultTelemetryDbKey ?? null,
    },
  });
  t.teardown(async () => {
    await app.close();
    await outbox.stop();
    await Promise.all([tenantDb.close(), platformDb.close(), passwords.close()]);
  });
  await app.start();
  const browser = (host = 'acme.localhost') => createBrowser(app, host, settings.production ?? false);
  const sql = <Row>(text: string, values: readonly Value[] = []) =>
    platformDb.query(statement<Row>(`test ${createHash('md5').update(text).digest('hex')}`, text), values);
  return { app, database, tenantDb, platformDb, log, passwords, keyEncryptionKey, clock, nowMs, dns, sql, browser };
}

export interface Browser {
  /** Name → value, as the answers set and cleared them. */
  readonly cookies: Map<string, string>;
  call(
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    url: string,
    body?: object,
    headers?: Record<string, string | undefined>,
  ): Promise<Response>;
  signIn(email: string, password?: string): Promise<Response>;
}

/** Keeps cookies and sends the origin of its own page, as a browser does. */
function createBrowser(app: App, host: string, production: boolean): Browser {
  const cookies = new Map<string, string>();
  const browser: Browser = {
    cookies,
    async call(method, url, body, headers = {}) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const sent: Record<string, string | undefined> = {
        host,
        origin: `${production ? 'https' : 'http'}://${host}`,
        'x-correlation-id': 'test-correlation',
        ...(cookie === '' ? {} : { cookie }),
        ...headers,
      };
      const options: InjectOptions = {
        method,
        url,
        headers: Object.fromEntries(Object.entries(sent).filter((entry) => entry[1] !== undefined)),
        ...(body === undefined ? {} : { payload: body }),
      };
      const response = await app.tenant.inject(options);
      keepCookies(cookies, response);
      return response;
    },
    signIn: (email, password = 'platen-demo-2026') => browser.call('POST', '/api/auth/login', { email, password }),
  };
  return browser;
}

function keepCookies(cookies: Map<string, string>, response: Response): void {
  for (const { name, value, maxAge } of response.cookies) {
    if (maxAge === 0) cookies.delete(name);
    else cookies.set(name, value);
  }
}

/** Until the plane has told for the first time that it lives: it does so beside its start. */
export const untilReported = ({ sql }: TestControlPlane): Promise<boolean> =>
  until(async () => (await sql(`select 1 as one from platform_instances where kind = 'control-plane'`)).length > 0);
