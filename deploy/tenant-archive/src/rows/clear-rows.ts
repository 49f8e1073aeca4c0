import { purgeOrderOf } from '@platen/schema/purge-order';
import type { TransactionSql } from 'postgres';
import type { OpenDatabase } from '../databases.js';
import { archivedTables, isByOrganization } from './archived-tables.js';
import { enter } from './enter.js';

/** The tenant's rows that a restore would meet. What its provisioning wrote to try the database counts for nothing. */
export const countLeft = ({ sql, kind }: OpenDatabase, tenantId: string, organizationIds: readonly string[]) =>
  sql.begin(async (begun) => {
    const tx = begun as TransactionSql;
    let count = 0;
    for (const table of archivedTables(kind)) {
      for (const organizationId of isByOrganization(table) ? organizationIds : [null]) {
        await enter(tx, kind, 'app', { tenantId, organizationId });
        const but = table.name === 'inbox_events' ? `where consumer <> 'tenant.lifecycle'` : '';
        const [row] = await tx.unsafe<{ n: number }[]>(`select count(*)::int as n from ${table.name} ${but}`);
        count += row?.n ?? 0;
      }
    }
    return count;
  });

/** As the end of a tenant does it: by a role that sees no row, and whose deletions are this tenant's by policy. */
export async function deleteRows(tx: TransactionSql, kind: 'erp' | 'telemetry', tenantId: string): Promise<void> {
  await enter(tx, kind, 'system', { tenantId, organizationId: null });
  for (const { name, class: tableClass } of purgeOrderOf(kind)) {
    // Of plumbing it sees every tenant's rows; of the rest it may name no column.
    if (tableClass === 'plumbing') await tx.unsafe(`delete from ${name} where tenant_id = $1`, [tenantId]);
    else await tx.unsafe(`delete from ${name}`);
  }
}

/** Secrets of devices that open something at this moment. */
export async function liveCredentials(
  tx: TransactionSql,
  tenantId: string,
  organizationIds: readonly string[],
): Promise<readonly string[]> {
  const live: string[] = [];
  for (const organizationId of organizationIds) {
    await enter(tx, 'telemetry', 'app', { tenantId, organizationId });
    const rows = await tx<{ id: string }[]>`select id from tel_device_credentials where revoked_at is null`;
    live.push(...rows.map(({ id }) => id));
  }
  return live;
}

/** What had been revoked, or taken away, since the backup stays so. */
export async function revokeOthers(
  tx: TransactionSql,
  tenantId: string,
  organizationIds: readonly string[],
  live: readonly string[],
): Promise<void> {
  for (const organizationId of organizationIds) {
    await enter(tx, 'telemetry', 'app', { tenantId, organizationId });
    await tx`update tel_device_credentials set revoked_at = now()
      where revoked_at is null and id <> all(${[...live]}::uuid[])`;
  }
}
