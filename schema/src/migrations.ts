import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DatabaseKind } from './access.js';

/** The bookkeeping of migrations, in a schema of its own so that `public` holds the declared tables and nothing else. */
export const appliedMigrations = { schema: 'migrations', table: 'applied' } as const;

export interface Migration {
  readonly tag: string;
  /** Its place in the order: Unix milliseconds, as the bookkeeping table has it in `created_at`. */
  readonly when: number;
}

/** Where the SQL files are: beside `dist/`, in the package's own folder. */
export const migrationsFolder = (kind: DatabaseKind): string =>
  fileURLToPath(new URL(`../migrations/${kind}`, import.meta.url));

/** Every migration of a kind, oldest first, from the journal. */
export function listMigrations(kind: DatabaseKind): Migration[] {
  const journal: unknown = JSON.parse(readFileSync(`${migrationsFolder(kind)}/meta/_journal.json`, 'utf8'));
  // The journal is ours and committed; drizzle-orm's migrator relies on the same shape.
  return (journal as { entries: Migration[] }).entries.map(({ tag, when }) => ({ tag, when }));
}
