import type { DatabaseKind } from '@platen/schema/access';
import { appliedMigrations, listMigrations } from '@platen/schema/migrations';
import type { Statement } from './types.js';

// Apart from the migrator: a service compares versions without loading what migrates.

/** The migration that this build was made for: the latest of the journal. */
export function expectedMigration(kind: DatabaseKind): { readonly tag: string; readonly when: number } {
  const latest = listMigrations(kind).at(-1);
  if (!latest) throw new Error(`no migrations for ${kind}`);
  return latest;
}

/**
 * The latest migration of a live database, for any of our roles. One row; `when` is Unix milliseconds as text, null in
 * a database whose migrations never ran to the end (one that was never migrated has no such table: SQLSTATE 42P01).
 */
export const appliedMigration: Statement<{ when: string | null }> = {
  name: 'applied_migration',
  text: `select max(created_at)::text as "when" from ${appliedMigrations.schema}.${appliedMigrations.table}`,
};

/** Is a database, whose `appliedMigration` says `when`, behind what this build needs? A newer one is not. */
export const isSchemaBehind = (kind: DatabaseKind, when: string | null): boolean =>
  when === null || Number(when) < expectedMigration(kind).when;
