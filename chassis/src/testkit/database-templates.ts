import { Socket } from 'node:net';
import { type DatabaseKind, definerRoles } from '@platen/schema/access';
import pg from 'pg';
import { migrateDatabase } from '../db/migrate.js';

export type TemplateKind = DatabaseKind;

export const templateNames = {
  erp: 'platen_template_erp',
  control: 'platen_template_control',
  telemetry: 'platen_template_telemetry',
} as const satisfies Record<TemplateKind, string>;

/** Login roles of a test server. The owner migrates; the others are what the services run as. */
export const testRoles = {
  owner: 'platen_owner',
  app: 'platen_app',
  system: 'platen_system',
  tenant: 'control_tenant',
  platform: 'control_platform',
} as const;

export const testPassword = 'test-only';

export function urlFor(serverUrl: string, database: string, role?: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  if (role !== undefined) {
    url.username = role;
    url.password = testPassword;
  }
  return url.toString();
}

interface Link {
  readonly client: pg.Client;
  readonly socket: Socket;
}
/** By URL: connections that are at nothing. */
const idle = new Map<string, Link[]>();
/** Of one database. Tests that do more at once open more, and close them. */
const maxIdle = 2;
/** `discard all` without what it is kept for: its plans. */
const forgetSession =
  'reset session authorization; reset all; unlisten *; discard temp; select pg_advisory_unlock_all()';

/** Over a connection of its own, closed afterwards, or kept where `keepSuperuser` says so. */
export async function asSuperuser<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const link = idle.get(url)?.pop() ?? (await openLink(url));
  link.socket.ref();
  try {
    const result = await work(link.client);
    if (!(await putBack(url, link))) await link.client.end();
    return result;
  } catch (error) {
    await link.client.end();
    throw error;
  }
}

/**
 * For a database that is asked hundreds of times: until the answer is called, connections to it are kept, as new ones as to
 * what was set in them. They hold up no process.
 */
export function keepSuperuser(url: string): () => Promise<void> {
  if (!idle.has(url)) idle.set(url, []);
  return async () => {
    const links = idle.get(url) ?? [];
    idle.delete(url);
    for (const { socket, client } of links) {
      socket.ref();
      await client.end();
    }
  };
}

async function openLink(url: string): Promise<Link> {
  const socket = new Socket();
  const client = new pg.Client({ connectionString: url, application_name: 'testkit', stream: () => socket });
  const link = { client, socket };
  client.on('error', () => undefined);
  // Cut by the server, or by whoever drops the database.
  client.once('end', () => {
    const links = idle.get(url);
    links?.splice(0, links.length, ...links.filter((other) => other !== link));
  });
  await client.connect();
  return link;
}

async function putBack(url: string, link: Link): Promise<boolean> {
  const hasRoom = () => (idle.get(url)?.length ?? maxIdle) < maxIdle;
  if (!hasRoom() || link.client.getTransactionStatus() !== 'I') return false;
  await link.client.query(forgetSession);
  if (!hasRoom()) return false;
  link.socket.unref();
  idle.get(url)?.push(link);
  return true;
}

/** Any number of test processes may do this at once. */
export async function ensureTestRoles(superuserUrl: string): Promise<void> {
  await asSuperuser(superuserUrl, async (client) => {
    await client.query('begin');
    // Roles belong to the server, not to a database, and two ALTER ROLE at once fail on one catalogue row.
    await client.query(`select pg_advisory_xact_lock(hashtext('platen test roles'))`);
    for (const role of Object.values(testRoles)) {
      const rights = role === testRoles.owner ? 'createrole' : 'nocreaterole';
      const known = await client.query('select from pg_roles where rolname = $1 and rolcanlogin', [role]);
      if (known.rowCount) continue;
      const exists = await client.query('select from pg_roles where rolname = $1', [role]);
      const verb = exists.rowCount ? 'alter' : 'create';
      await client.query(`${verb} role ${role} login nosuperuser nobypassrls ${rights} password '${testPassword}'`);
    }
    // Made by the owner's first migration elsewhere; here also by a superuser's, after which the owner could not.
    for (const role of Object.values(definerRoles).flat()) {
      const known = await client.query('select from pg_roles where rolname = $1', [role]);
      if (!known.rowCount) await client.query(`create role ${role} nologin`);
      await client.query(`grant ${role} to ${testRoles.owner}`);
    }
    // As who made a role may let itself in, to act as it: the commands that take one tenant out and bring it back.
    const { rows } = await client.query(`select current_setting('server_version_num')::int >= 160000 as quietly`);
    for (const role of Object.values(testRoles)) {
      if (role === testRoles.owner) continue;
      await client.query(
        `grant ${role} to ${testRoles.owner} ${rows[0].quietly ? 'with inherit false, set true' : ''}`,
      );
    }
    await client.query('commit');
  });
}

/** What templates are made of are files: copied as such, not written again through the log. */
export const cloneOf = (template: string): string => `owner ${testRoles.owner} template ${template} strategy file_copy`;

/** Where the server has it, as whoever sets up a database does: before the first migration. */
export const createTimescaledb = (superuserUrl: string): Promise<void> =>
  asSuperuser(superuserUrl, async (client) => {
    const { rowCount } = await client.query(`select from pg_available_extensions where name = 'timescaledb'`);
    if (rowCount) await client.query('create extension timescaledb');
  });

export async function prepareTemplate(superuserUrl: string, kind: TemplateKind): Promise<void> {
  const name = templateNames[kind];
  await asSuperuser(superuserUrl, async (client) => {
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name} owner ${testRoles.owner} template template0`);
  });
  if (kind === 'telemetry') await createTimescaledb(urlFor(superuserUrl, name));
  await migrateDatabase({ url: urlFor(superuserUrl, name, testRoles.owner), kind });
}

/** Once per test run, before the first test: afterwards a test's database is a copy of files. */
export async function prepareTemplates(
  superuserUrl: string,
  kinds: readonly TemplateKind[] = ['erp', 'control', 'telemetry'],
): Promise<void> {
  await ensureTestRoles(superuserUrl);
  await dropSeededTemplates(superuserUrl);
  for (const kind of kinds) await prepareTemplate(superuserUrl, kind);
}

export const seededPrefix = 'platen_seeded_';

/** A server that outlives its test runs still has those of the last one, seeded by the code of then. */
const dropSeededTemplates = (superuserUrl: string): Promise<void> =>
  asSuperuser(superuserUrl, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      'select datname as name from pg_database where starts_with(datname, $1)',
      [seededPrefix],
    );
    for (const { name } of rows) await client.query(`drop database if exists ${name} with (force)`);
  });
