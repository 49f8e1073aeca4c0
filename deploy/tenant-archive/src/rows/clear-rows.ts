import { purgeOrderOf } from '@platen/schema/purge-order';
import type { TransactionSql } from 'postgres';
import type { Manifest } from '../archive/manifest.js';
import { type OpenDatabase, RefusedError } from '../databases.js';
import { type ArchivedTable, archivedTables, isByOrganization } from './archived-tables.js';
import { enter } from './enter.js';

/** In one table, as the application sees them. */
async function countRows(
  tx: TransactionSql,
  table: ArchivedTable,
  tenantId: string,
  organizationIds: readonly string[],
  where: string,
): Promise<number> {
  let count = 0;
  for (const organizationId of isByOrganization(table) ? organizationIds : [null]) {
    await enter(tx, table.kind, 'app', { tenantId, organizationId });
    const [row] = await tx.unsafe<{ n: number }[]>(`select count(*)::int as n from ${table.name} where ${where}`);
    count += row?.n ?? 0;
  }
  return count;
}

/** The tenant's rows that a restore would meet. What its provisioning wrote to try the database counts for nothing. */
export const countLeft = ({ sql, kind }: OpenDatabase, tenantId: string, organizationIds: readonly string[]) =>
  sql.begin(async (tx) => {
    let count = 0;
    for (const table of archivedTables(kind)) {
      const where = table.name === 'inbox_events' ? `consumer <> 'tenant.lifecycle'` : 'true';
      count += await countRows(tx as TransactionSql, table, tenantId, organizationIds, where);
    }
    return count;
  });

/**
 * Whoever had begun to write before the tenant was suspended, or has not heard of it, may have written after the deletion:
 * his rows would stand beside those of the archive.
 * @throws RefusedError
 */
export async function requireNoOthers(
  tx: TransactionSql,
  kind: 'erp' | 'telemetry',
  { tenant, tables }: Manifest,
  organizationIds: readonly string[],
): Promise<void> {
  const written = new Map(tables.filter(({ database }) => database === kind).map(({ name, rows }) => [name, rows]));
  for (const table of archivedTables(kind)) {
    const others = (await countRows(tx, table, tenant.id, organizationIds, 'true')) - (written.get(table.name) ?? 0);
    if (others !== 0)
      throw new RefusedError(
        `Somebody wrote meanwhile, ${others} rows of ${table.name}: nothing was changed, try again`,
      );
  }
}

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
