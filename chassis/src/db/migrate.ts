import { setTimeout as delay } from 'node:timers/promises';
import { appRoles, type DatabaseKind, definerRoles } from '@platen/schema/access';
import { advisoryLockNumbers } from '@platen/schema/advisory-locks';
import { appliedMigrations, migrationsFolder } from '@platen/schema/migrations';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres, { type Sql } from 'postgres';
import { expectedMigration } from './schema-version.js';

export interface MigrateOptions {
  /** Of the owner role; the only place besides seeds where it is used. */
  readonly url: string;
  readonly kind: DatabaseKind;
  readonly log?: (message: string) => void;
  /** Where the SQL files are, if not where this release has them. */
  readonly folder?: string;
  readonly patience?: LockPatience;
}

/** What a migration wants to change may be in use: it never stands in the queue for longer, since everybody stands behind it. */
export interface LockPatience {
  readonly lockTimeoutMs: number;
  readonly tries: number;
  readonly pauseMs: number;
}
/** Shorter than any statement of a service waits: 250 ms for reads in the pipelined lane, a second for a lock elsewhere. */
const usualPatience: LockPatience = { lockTimeoutMs: 200, tries: 150, pauseMs: 1_000 };

export interface MigrateResult {
  /** Migrations applied by this call. */
  readonly applied: number;
  /** The latest migration, now in the database. */
  readonly tag: string;
}

/**
 * Brings one database to the latest migration. Called several times at once, one call works and the others find
 * nothing to do. Everything pending is one transaction: a call killed half-way leaves the database as it was.
 */
export async function migrateDatabase({
  url,
  kind,
  log,
  folder = migrationsFolder(kind),
  patience = usualPatience,
}: MigrateOptions): Promise<MigrateResult> {
  // One connection: the advisory lock belongs to a session. Notices say only that something exists already.
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { application_name: 'platen-migrate' } });
  try {
    await sql`select pg_advisory_lock(${advisoryLockNumbers.migrations}::bigint)`;
    await ensureRoles(sql, [...appRoles[kind], ...definerRoles[kind]]);
    for (const role of definerRoles[kind]) await ensureMembership(sql, role);
    const before = await countApplied(sql);
    await applyPending(sql, folder, patience, log);
    const { tag } = expectedMigration(kind);
    const applied = (await countApplied(sql)) - before;
    log?.(applied === 0 ? `up to date at ${tag}` : `applied ${applied}, now at ${tag}`);
    return { applied, tag };
  } finally {
    // Ends the session and with it the lock.
    await sql.end({ timeout: 5 });
  }
}

/** Whole or not at all, each time: what a try has changed before it met a lock is gone with it. */
async function applyPending(
  sql: Sql,
  folder: string,
  { lockTimeoutMs, tries, pauseMs }: LockPatience,
  log: MigrateOptions['log'],
): Promise<void> {
  await sql.unsafe(`set lock_timeout = ${lockTimeoutMs}`);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { schema, table } = appliedMigrations;
      await migrate(drizzle(sql), { migrationsFolder: folder, migrationsSchema: schema, migrationsTable: table });
      return;
    } catch (error) {
      if (!isLockTimeout(error) || attempt >= tries) throw error;
      log?.(`what is to change is in use: tried ${attempt} of ${tries} times`);
      await delay(pauseMs);
    }
  }
}

/** lock_not_available; the migrator wraps what the server said. */
function isLockTimeout(error: unknown): boolean {
  if (error instanceof postgres.PostgresError) return error.code === '55P03';
  return error instanceof Error && error.cause !== undefined && isLockTimeout(error.cause);
}

export interface CatalogEntry {
  readonly key: string;
  readonly url: string;
  readonly kind: DatabaseKind;
}
export type CatalogResult = { readonly key: string } & (
  | ({ readonly ok: true } & MigrateResult)
  | { readonly ok: false; readonly error: unknown }
);

/** Migrates every entry at once; one that fails does not keep the others back. */
export async function migrateCatalog(
  entries: readonly CatalogEntry[],
  log?: (message: string) => void,
): Promise<CatalogResult[]> {
  return Promise.all(
    entries.map(async ({ key, url, kind }): Promise<CatalogResult> => {
      try {
        const result = await migrateDatabase({ url, kind, log: (message) => log?.(`${key}: ${message}`) });
        return { key, ok: true, ...result };
      } catch (error) {
        log?.(`${key}: failed: ${describe(error)}`);
        return { key, ok: false, error };
      }
    }),
  );
}

/**
 * Roles belong to the cluster, so databases migrated at once race here: whoever loses finds the role there. They can't
 * log in; whoever deploys grants that, with a password.
 */
async function ensureRoles(sql: Sql, roles: readonly string[]): Promise<void> {
  for (const role of roles) {
    const [existing] = await sql`select from pg_roles where rolname = ${role}`;
    if (existing) continue;
    await sql
      .unsafe(`create role ${role} nologin nosuperuser nocreatedb nocreaterole noinherit nobypassrls noreplication`)
      .catch((error: unknown) => {
        // duplicate_object, or the unique index of pg_authid when both inserted at once
        if (!(error instanceof postgres.PostgresError) || !['42710', '23505'].includes(error.code)) throw error;
      });
  }
}

/**
 * Only a member of a role gives it a function. Whoever made the role may let itself in; where somebody else did, they
 * have to: `grant platen_search to platen_owner`. Not by the migration: one of another database may be doing the same.
 */
async function ensureMembership(sql: Sql, role: string): Promise<void> {
  const isMember = async () => {
    const [row] = await sql`select case when current_setting('server_version_num')::int >= 160000
      then pg_has_role(current_user, ${role}, 'SET') else pg_has_role(current_user, ${role}, 'MEMBER') end as member`;
    return row?.['member'] === true;
  };
  if (await isMember()) return;
  await sql.unsafe(`grant ${role} to current_user`).catch(async (error: unknown) => {
    if (!(await isMember())) throw error;
  });
}

async function countApplied(sql: Sql): Promise<number> {
  const { schema, table } = appliedMigrations;
  const [found] = await sql`select to_regclass(${`${schema}.${table}`}) is not null as present`;
  if (!found?.['present']) return 0;
  const [row] = await sql`select count(*)::int as count from ${sql(schema)}.${sql(table)}`;
  return Number(row?.['count'] ?? 0);
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
