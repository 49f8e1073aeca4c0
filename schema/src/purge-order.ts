import { getTableName } from 'drizzle-orm';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import type { DatabaseKind, TableClass } from './access.js';
import { databases, listTables } from './databases.js';

export interface PurgedTable {
  /** Of what its rows are deleted from: of readings, their view. */
  readonly name: string;
  readonly class: TableClass;
}

/** Every table that has rows of tenants, each after those that refer to it: the order in which a tenant can be deleted. */
export const purgeOrderOf = (kind: DatabaseKind): PurgedTable[] =>
  childrenFirst(listTables(databases[kind]).filter(({ table }) => hasTenant(table))).map(({ table, access }) => ({
    name: access.view ?? getTableName(table),
    class: access.class,
  }));

const hasTenant = (table: PgTable): boolean => getTableConfig(table).columns.some(({ name }) => name === 'tenant_id');

function childrenFirst<T extends { readonly table: PgTable }>(tables: readonly T[]): T[] {
  const ordered: T[] = [];
  let rest = [...tables];
  while (rest.length > 0) {
    const referred = new Set(rest.flatMap(({ table }) => referencesOf(table)));
    const free = rest.filter(({ table }) => !referred.has(getTableName(table)));
    if (free.length === 0) throw new Error('tables refer to each other in a circle');
    ordered.push(...free);
    rest = rest.filter((entry) => !free.includes(entry));
  }
  return ordered;
}

/** A table's references to itself are settled within the one statement that empties it. */
const referencesOf = (table: PgTable): string[] =>
  getTableConfig(table)
    .foreignKeys.map((key) => getTableName(key.reference().foreignTable))
    .filter((name) => name !== getTableName(table));
