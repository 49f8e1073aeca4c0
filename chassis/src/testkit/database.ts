import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  asSuperuser,
  cloneOf,
  ensureTestRoles,
  keepSuperuser,
  prepareTemplate,
  type TemplateKind,
  templateNames,
  testRoles,
  urlFor,
} from './database-templates.js';
import { startTestPostgres } from './postgres-server.js';
import { startTestTimescaledb, timescaledbIsMissing } from './timescaledb-server.js';

/** What the kit needs of tap's `t`. */
export interface Teardown {
  teardown(work: () => void | Promise<void>): void;
}

/** URLs of one database, a role each; which of them have rights in it depends on its kind. */
export interface TestDatabase {
  readonly name: string;
  readonly superuserUrl: string;
  /** Owns the tables: migrates, seeds. */
  readonly ownerUrl: string;
  /** ERP, telemetry: the application. */
  readonly appUrl: string;
  /** ERP, telemetry: plumbing of all tenants. */
  readonly systemUrl: string;
  /** Control plane: a tenant's rows. */
  readonly tenantUrl: string;
  /** Control plane: the platform's. */
  readonly platformUrl: string;
}

/** Where a test's database is: on the server of all tests, or on one with TimescaleDB. */
export type Engine = 'postgres' | 'timescaledb';

const engines = {
  postgres: { variable: 'TEST_POSTGRES_URL', start: startTestPostgres },
  timescaledb: { variable: 'TEST_TIMESCALEDB_URL', start: startTestTimescaledb },
} as const;
const ownServers = new Map<Engine, Promise<string>>();

/** The test run's server; without one (a single file run by hand), a server for this process alone. */
export function testServerUrl(engine: Engine = 'postgres'): Promise<string> {
  const { variable, start } = engines[engine];
  const given = process.env[variable];
  if (given) return Promise.resolve(given);
  const known = ownServers.get(engine);
  if (known) return known;
  const started = start().then((server) => {
    process.once('beforeExit', () => void server.stop());
    return server.url;
  });
  ownServers.set(engine, started);
  return started;
}

const ownTemplates = new Map<string, Promise<void>>();

/** A test run prepares its templates before it starts; for a server of our own we do, once, when first needed. */
export async function ensureTemplate(
  serverUrl: string,
  kind: TemplateKind | 'empty',
  engine: Engine = 'postgres',
): Promise<string> {
  const isOurs = ownServers.has(engine);
  if (isOurs || kind === 'empty') await ensureTestRoles(serverUrl);
  if (kind === 'empty') return 'template0';
  if (isOurs) {
    const key = `${engine} ${kind}`;
    const prepared = ownTemplates.get(key) ?? prepareTemplate(serverUrl, kind);
    ownTemplates.set(key, prepared);
    await prepared;
  }
  return templateNames[kind];
}

/** What is still connected after so long. */
async function leakedConnections(serverUrl: string, name: string, afterMs: number): Promise<string[]> {
  const deadline = performance.now() + afterMs;
  for (;;) {
    const isLast = performance.now() >= deadline;
    const { rows } = await asSuperuser(serverUrl, (client) =>
      client.query<{ application: string }>(
        `select coalesce(nullif(application_name, ''), usename) as application
         from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
        [name],
      ),
    );
    if (rows.length === 0 || isLast) return rows.map((row) => row.application);
    await delay(25);
  }
}

async function drop(serverUrl: string, name: string, endKept: () => Promise<void>, noticesMs: number): Promise<void> {
  await endKept();
  const leaked = await leakedConnections(serverUrl, name, noticesMs);
  await asSuperuser(serverUrl, (client) => client.query(`drop database if exists ${name} with (force)`));
  if (leaked.length > 0) throw new Error(`the test left connections open: ${leaked.join(', ')}`);
}

/**
 * A database of the test's own, cloned from a template (`empty`: without one), dropped when the test ends.
 * The test fails if connections to it are still open then: close what it opened in a later teardown, which tap runs earlier.
 */
export async function testDatabase(
  t: Teardown,
  kind: TemplateKind | 'empty',
  engine: Engine = 'postgres',
): Promise<TestDatabase> {
  const serverUrl = await testServerUrl(engine);
  return cloneDatabase(t, serverUrl, kind, await ensureTemplate(serverUrl, kind, engine));
}

/** What telemetry runs on: a test of what differs runs once on each, and is skipped by name where one is missing. */
export const telemetryEngines: readonly { readonly engine: Engine; readonly skip: string | false }[] = [
  { engine: 'postgres', skip: false },
  { engine: 'timescaledb', skip: timescaledbIsMissing },
];

/** The server takes a moment to notice a closed socket, `noticesMs` at most; what is busy, or stands still, takes a long one. */
export async function cloneDatabase(
  t: Teardown,
  serverUrl: string,
  kind: string,
  template: string,
  noticesMs = 20_000,
): Promise<TestDatabase> {
  const name = `test_${kind}_${randomBytes(6).toString('hex')}`;
  // Databases of tests are made, looked at and dropped over it, as long as there are any.
  keepSuperuser(serverUrl);
  await asSuperuser(serverUrl, (client) => client.query(`create database ${name} ${cloneOf(template)}`));
  const database = describeDatabase(serverUrl, name);
  const endKept = keepSuperuser(database.superuserUrl);
  t.teardown(() => drop(serverUrl, name, endKept, noticesMs));
  return database;
}

export const describeDatabase = (serverUrl: string, name: string): TestDatabase => ({
  name,
  superuserUrl: urlFor(serverUrl, name),
  ownerUrl: urlFor(serverUrl, name, testRoles.owner),
  appUrl: urlFor(serverUrl, name, testRoles.app),
  systemUrl: urlFor(serverUrl, name, testRoles.system),
  tenantUrl: urlFor(serverUrl, name, testRoles.tenant),
  platformUrl: urlFor(serverUrl, name, testRoles.platform),
});
