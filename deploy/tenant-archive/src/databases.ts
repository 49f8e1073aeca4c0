import { isSchemaBehind } from '@platen/chassis/db/schema-version';
import { appliedMigrations, listMigrations } from '@platen/schema/migrations';
import type { Sql } from 'postgres';
import type { ArchivedKind } from './archive/manifest.js';
import { openAsOwner } from './rows/enter.js';

/** As their owners. */
export interface Databases {
  readonly controlUrl: string;
  readonly catalogue: ReadonlyMap<string, { readonly url: string; readonly kind: 'erp' | 'telemetry' }>;
}

/** What keeps a backup or a restore from being made; the message goes to the person who asked. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

export interface OpenDatabase {
  readonly kind: ArchivedKind;
  readonly key: string | null;
  readonly sql: Sql;
  /** Its last migration, which is the last one that this release knows. */
  readonly migration: string;
}

/** @throws RefusedError for a key that the catalogue lacks, or a schema that is not this release's */
export async function openOne(databases: Databases, kind: ArchivedKind, key: string | null): Promise<OpenDatabase> {
  const entry = key === null ? undefined : databases.catalogue.get(key);
  if (key !== null && entry?.kind !== kind) throw new RefusedError(`MIGRATE_DB_CATALOG has no ${kind} database ${key}`);
  const sql = await openAsOwner(entry?.url ?? databases.controlUrl, kind);
  try {
    return { kind, key, sql, migration: await migrationOf(sql, kind, key) };
  } catch (error) {
    await sql.end({ timeout: 5 });
    throw error;
  }
}

async function migrationOf(sql: Sql, kind: ArchivedKind, key: string | null): Promise<string> {
  const { schema, table } = appliedMigrations;
  const [row] = await sql.unsafe<{ when: string | null }[]>(
    `select max(created_at)::text as "when" from ${schema}.${table}`,
  );
  const when = row?.when ?? null;
  const known = listMigrations(kind).find((migration) => String(migration.when) === when);
  if (known !== undefined && !isSchemaBehind(kind, when)) return known.tag;
  throw new RefusedError(
    `${key ?? 'the control database'} is ${known === undefined ? 'newer than' : `behind, at ${known.tag}, of`} this release: ${
      known === undefined ? 'take the release that migrated it' : 'npm run db:migrate first'
    }`,
  );
}
