import { statement } from '@platen/chassis/db/statement';
import type { SystemDatabase } from '@platen/chassis/db/system-database';
import { purgeOrderOf } from '@platen/schema/purge-order';

// Apart from the rest of the module: the declarations of all tables are loaded when the first tenant ends, not at start.

export type PurgedKind = 'erp' | 'telemetry';

/** A role that the policies do not bind, say a superuser's in the catalogue by mistake, would delete every tenant's rows. */
const enter = statement<{ is_bound: boolean }>(
  'tenant_lifecycle_enter',
  `select set_config('app.tenant_id', $1, true), row_security_active($2) as is_bound`,
  { parse: { is_bound: 'bool' } },
);

/**
 * Row-level security keeps a deletion to the tenant that is set, and so does the view of readings. The system role sees
 * plumbing of all tenants and so has to name this one there; of the other tables it can name nothing.
 */
const deletionsOf = (kind: PurgedKind) =>
  purgeOrderOf(kind).map(({ name, class: tableClass }) => ({
    table: name,
    tableClass,
    // The plumbing of both kinds has the same names, and is deleted by the same statements.
    deletion: statement<{ count: number }>(
      `tenant_lifecycle_purge_${name}`,
      `with gone as (delete from ${name} ${tableClass === 'plumbing' ? 'where tenant_id = $1' : ''} returning 1)
     select count(*)::int as count from gone`,
      { parse: { count: 'int' } },
    ),
  }));
const deletions = { erp: deletionsOf('erp'), telemetry: deletionsOf('telemetry') };

/**
 * Table by table, each for good: what was done before a failure is not done again.
 * @throws Error, and deletes nothing, as a role that row-level security does not bind
 */
export async function* deleteTenantRows(
  db: Pick<SystemDatabase, 'transaction'>,
  tenantId: string,
  kind: PurgedKind = 'erp',
): AsyncGenerator<{ readonly table: string; readonly count: number }> {
  for (const { table, tableClass, deletion } of deletions[kind]) {
    const count = await db.transaction(async (tx) => {
      const [entered] = await tx.query(enter, [tenantId, table]);
      // A view filters by the tenant whoever asks.
      const isBound = tableClass === 'readings' || entered?.is_bound === true;
      if (!isBound) throw new Error(`row-level security of ${table} does not bind this role`);
      const [row] = await tx.query(deletion, tableClass === 'plumbing' ? [tenantId] : []);
      return row?.count ?? 0;
    });
    yield { table, count };
  }
}
