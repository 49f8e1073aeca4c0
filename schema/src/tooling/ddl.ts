import { existsSync, readFileSync } from 'node:fs';
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api';
import { accessSql, type DatabaseKind } from '../access.js';
import { type DatabaseDeclaration, databases, listTables } from '../databases.js';
import { listMigrations, migrationsFolder } from '../migrations.js';

type Snapshot = ReturnType<typeof generateDrizzleJson>;

/** The snapshot that drizzle-kit left with the latest migration; of nothing if there is none. */
export function latestSnapshot(kind: DatabaseKind): Snapshot {
  const folder = migrationsFolder(kind);
  if (!existsSync(`${folder}/meta/_journal.json`)) return generateDrizzleJson({});
  const last = String(listMigrations(kind).length - 1).padStart(4, '0');
  // Written by this tool from the same type.
  return JSON.parse(readFileSync(`${folder}/meta/${last}_snapshot.json`, 'utf8')) as Snapshot;
}

/** Tables and their access as declared; tests hand in altered ones. */
type Declared = Pick<DatabaseDeclaration, 'tables' | 'access'> & Partial<Pick<DatabaseDeclaration, 'definers'>>;

export const declaredSnapshot = (tables: DatabaseDeclaration['tables'], previousId?: string): Snapshot =>
  generateDrizzleJson({ ...tables }, previousId);

/** What drizzle-kit would add to the migrations: nothing, unless a declaration changed without one. */
export const pendingDdl = (kind: DatabaseKind, declared: Declared = databases[kind]): Promise<string[]> =>
  generateMigration(latestSnapshot(kind), declaredSnapshot(declared.tables));

/** The declared tables and their access from nothing, past all migrations: what a migrated database must equal. */
export async function declaredDdl(kind: DatabaseKind, declared: Declared = databases[kind]): Promise<string[]> {
  const tables = await generateMigration(generateDrizzleJson({}), declaredSnapshot(declared.tables));
  return [
    ...tables,
    ...listTables(declared).flatMap(({ table, access }) => accessSql(table, access)),
    ...(declared.definers ?? []),
  ];
}
