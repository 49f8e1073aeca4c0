import { statement } from '@platen/chassis/db/statement';
import type { SystemDatabase } from '@platen/chassis/db/system-database';
import { purgeOrderOf } from '@platen/schema/purge-order';

// Apart from the rest of the module: the declarations of all tables are loaded when the first tenant ends, not at start.

export const purgeOrder = purgeOrderOf('erp');

/** A role that the policies do not bind, say a superuser's in the catalogue by mistake, would delete every tenant's rows. */
const enter = statement<{ is_bound: boolean }>(
  'tenant_lifecycle_enter',
  `select set_config('app.tenant_id', $1, true), row_security_active($2) as is_bound`,
  { parse: { is_bound: 'bool' } },
);

/**
 * Row-level security keeps a deletion to the tenant that is set. The system role sees plumbing of all tenants and so has
 * to name this one there; of the other tables it can name nothing.
 */
const deletions = purgeOrder.map(({ name, class: tableClass }) => ({
  table: name,
  namesTenant: tableClass === 'plumbing',
  deletion: statement<{ count: number }>(
    `tenant_lifecycle_purge_${name}`,
    `with gone as (delete from ${name} ${tableClass === 'plumbing' ? 'where tenant_id = $1' : ''} returning 1)
     select count(*)::int as count from gone`,
    { parse: { count: 'int' } },
  ),
}));

/**
 * Table by table, each for good: what was done before a failure is not done again.
 * @throws Error, and deletes nothing, as a role that row-level security does not bind
 */
export async function* deleteTenantRows(
  db: Pick<SystemDatabase, 'transaction'>,
  tenantId: string,
): AsyncGenerator<{ readonly table: string; readonly count: number }> {
  for (const { table, namesTenant, deletion } of deletions) {
    const count = await db.transaction(async (tx) => {
      const [entered] = await tx.query(enter, [tenantId, table]);
      if (entered?.is_bound !== true) throw new Error(`row-level security of ${table} does not bind this role`);
      const [row] = await tx.query(deletion, namesTenant ? [tenantId] : []);
      return row?.count ?? 0;
    });
    yield { table, count };
  }
}
