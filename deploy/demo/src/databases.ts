import pg from 'pg';
import type { Secrets } from './secrets.js';

/** What the demo keeps where: the control plane's database, two ERP databases so that routing shows, one of telemetry. */
export const databaseNames = {
  control: 'platen_control',
  'erp-1': 'platen_erp_1',
  'erp-2': 'platen_erp_2',
  'telemetry-1': 'platen_telemetry_1',
} as const;
export type DatabaseKey = keyof typeof databaseNames;

/** The data plane's catalogue: each key and what is in it. */
export const dataDatabases = { 'erp-1': 'erp', 'erp-2': 'erp', 'telemetry-1': 'telemetry' } as const;
export type DataDatabaseKey = keyof typeof dataDatabases;

export const dataDatabaseKeys = (kind: 'erp' | 'telemetry'): readonly DataDatabaseKey[] =>
  // The keys of `dataDatabases` are what its type says.
  (Object.keys(dataDatabases) as DataDatabaseKey[]).filter((key) => dataDatabases[key] === kind);

const owner = 'platen_owner';
const logins = {
  [owner]: 'ownerPassword',
  control_tenant: 'controlTenantPassword',
  control_platform: 'controlPlatformPassword',
  platen_app: 'appPassword',
  platen_system: 'systemPassword',
} as const satisfies Record<string, keyof Secrets>;
export type Login = keyof typeof logins;

/** Roles and empty databases, each with an owner that is no superuser. Doing it again changes nothing. */
export async function createDatabases(superuserUrl: string, secrets: Secrets): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    for (const [role, secret] of Object.entries(logins)) await createLogin(client, role, secrets[secret]);
    // To act as the application: `npm run tenant:backup`. Elsewhere the owner has made these roles, and lets itself in.
    const others = Object.keys(logins).filter((role) => role !== owner);
    await client.query(`grant ${others.join(', ')} to ${owner} with inherit false, set true`);
    const existing = await client.query<{ datname: string }>('select datname from pg_database');
    const known = new Set(existing.rows.map((row) => row.datname));
    for (const name of Object.values(databaseNames)) {
      if (!known.has(name)) await client.query(`create database ${name} owner ${owner} template template0`);
    }
  } finally {
    await client.end();
  }
}

/** After so many rows at once, and before anybody asks for them: the server would get to it by itself, in its own time. */
export async function analyze(ownerUrls: readonly string[]): Promise<void> {
  for (const connectionString of ownerUrls) {
    const client = new pg.Client({ connectionString });
    await client.connect();
    try {
      await client.query('analyze');
    } finally {
      await client.end();
    }
  }
}

async function createLogin(client: pg.Client, role: string, password: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
  const verb = rowCount ? 'alter' : 'create';
  const rights = role === owner ? 'createrole' : 'nocreaterole';
  await client.query(
    `${verb} role ${role} login nosuperuser nobypassrls ${rights} password ${client.escapeLiteral(password)}`,
  );
}

/** `url(role, database)` for one server. */
export function urlsOf(superuserUrl: string, secrets: Secrets): (role: Login, key: DatabaseKey) => string {
  return (role, key) => {
    const url = new URL(superuserUrl);
    url.username = role;
    url.password = secrets[logins[role]];
    url.pathname = `/${databaseNames[key]}`;
    return url.toString();
  };
}
