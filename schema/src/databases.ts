import type { PgTable } from 'drizzle-orm/pg-core';
import type { DatabaseKind, TableAccess } from './access.js';
import { controlAccess } from './tables/control/access.js';
import { controlAreas, controlTables } from './tables/control/tables.js';
import { erpAccess } from './tables/erp/access.js';
import { searchSql } from './tables/erp/search.js';
import { erpAreas, erpTables } from './tables/erp/tables.js';
import { telemetryAccess } from './tables/telemetry/access.js';
import { storageSql } from './tables/telemetry/storage.js';
import { telemetryAreas, telemetryTables } from './tables/telemetry/tables.js';

export interface DatabaseDeclaration {
  readonly title: string;
  /** Area → table's name in code → table. */
  readonly areas: Readonly<Record<string, Readonly<Record<string, PgTable>>>>;
  readonly tables: Readonly<Record<string, PgTable>>;
  readonly access: Readonly<Record<string, TableAccess>>;
  /** What tables cannot say and the drift check still compares: what is past row-level security, with its access. */
  readonly definers: readonly string[];
}

/** Each kind of database as it is declared. */
export const databases: { readonly [K in DatabaseKind]: DatabaseDeclaration } = {
  control: {
    title: 'Control-plane database',
    areas: controlAreas,
    tables: controlTables,
    access: controlAccess,
    definers: [],
  },
  erp: { title: 'ERP database', areas: erpAreas, tables: erpTables, access: erpAccess, definers: searchSql },
  telemetry: {
    title: 'Telemetry database',
    areas: telemetryAreas,
    tables: telemetryTables,
    access: telemetryAccess,
    definers: storageSql,
  },
};

/** Tables with their access, in order of declaration. */
export function listTables({
  tables,
  access,
}: Pick<DatabaseDeclaration, 'tables' | 'access'>): { table: PgTable; access: TableAccess }[] {
  return Object.entries(tables).map(([key, table]) => {
    const declared = access[key];
    if (!declared) throw new Error(`no access is declared for ${key}`);
    return { table, access: declared };
  });
}
