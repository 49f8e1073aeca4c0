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

export async function asSuperuser<T>(serverUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: serverUrl, application_name: 'testkit' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * As `asSuperuser`, over one connection per database that is kept until `close`, or until the process ends, which it does not
 * hold up: for who asks hundreds of times.
 */
export function keepSuperuser(): { ask: typeof asSuperuser; close(): Promise<void> } {
  interface Kept {
    readonly client: pg.Client;
    readonly socket: Socket;
  }
  const kept = new Map<string, { client: Promise<Kept>; last: Promise<unknown> }>();
  const open = async (connectionString: string): Promise<Kept> => {
    const socket = new Socket();
    const client = new pg.Client({ connectionString, application_name: 'testkit', stream: () => socket });
    client.on('error', () => undefined);
    // Whoever cut it means who was connected then.
    client.once('end', () => kept.delete(connectionString));
    await client.connect();
    return { client, socket };
  };
  const through = async <T>({ client, socket }: Kept, work: (client: pg.Client) => Promise<T>): Promise<T> => {
    socket.ref();
    try {
      return await work(client);
    } finally {
      socket.unref();
    }
  };
  return {
    ask(url, work) {
      const link = kept.get(url) ?? { client: open(url), last: Promise.resolve() };
      const answer = link.last.then(async () => through(await link.client, work));
      // One after the other, whatever became of the one before.
      kept.set(url, { client: link.client, last: answer.catch(() => undefined) });
      return answer;
    },
    async close() {
      const links = [...kept.values()];
      kept.clear();
      for (const { client, last } of links) {
        await last;
        await through(await client, (ours) => ours.end());
      }
    },
  };
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
