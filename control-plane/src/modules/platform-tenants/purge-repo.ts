import { statement } from '@platen/chassis/db/statement';
import type { SystemDatabase } from '@platen/chassis/db/system-database';
import type { Tx } from '@platen/chassis/db/types';
import { purgeOrderOf } from '@platen/schema/purge-order';

// Apart from the rest of the module: the declarations of all tables are loaded when the first tenant ends, not at start.

/** The audit's chains outlive their tenants; the feed's log ends by its retention, and the rest goes with the tenant. */
const kept = new Set(['audit_events', 'audit_heads', 'control_changes', 'outbox_events', 'due_work']);
/** Statements of milliseconds, for a tenant of any size. */
const batch = 1_000;

const deletions = purgeOrderOf('control')
  .filter(({ name }) => !kept.has(name))
  .map(({ name }) =>
    statement<{ count: number }>(
      `tenant_purge_${name}`,
      `with gone as (delete from ${name} where ctid = any(array(select ctid from ${name} where tenant_id = $1 limit ${batch}))
         returning 1)
       select count(*)::int as count from gone`,
      { parse: { count: 'int' } },
    ),
  );

/** Everything but what `deleteTenant` takes. */
export async function deleteTenantRows(db: Pick<SystemDatabase, 'query'>, tenantId: string): Promise<void> {
  for (const deletion of deletions) {
    let count = batch;
    while (count === batch) count = (await db.query(deletion, [tenantId]))[0]?.count ?? 0;
  }
}

const deleteEvents = statement<never>('tenant_purge_outbox_events', 'delete from outbox_events where tenant_id = $1');
const deleteDue = statement<never>('tenant_purge_due_work', 'delete from due_work where tenant_id = $1');
const deleteRoot = statement<never>('tenant_purge_tenants', 'delete from tenants where id = $1');

export function deleteTenant(tx: Tx, tenantId: string): void {
  tx.defer(deleteEvents, [tenantId]);
  tx.defer(deleteDue, [tenantId]);
  tx.defer(deleteRoot, [tenantId]);
}
