import type { Tx } from '@platen/chassis/db/types';
import { dropDueWork, putDueWork } from '@platen/chassis/due-work/entries';

export type TenantWorkKind = 'tenant.provision' | 'tenant.purge';

/** What is due of a tenant; `dueAt` null: now. */
export function upsertWork(tx: Tx, tenantId: string, id: string, kind: TenantWorkKind, dueAt: string | null): void {
  const entry = { tenantId, id, organizationId: null, workspaceId: null, kind, refId: tenantId };
  putDueWork(tx, entry, dueAt === null ? { inSeconds: 0 } : { at: dueAt });
}

export function deleteWork(tx: Tx, tenantId: string, kind: TenantWorkKind): void {
  dropDueWork(tx, { tenantId, kind, refId: tenantId });
}
