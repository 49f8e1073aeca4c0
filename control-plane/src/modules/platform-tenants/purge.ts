import type { DueWork } from '@platen/chassis/due-work/entries';
import type { CallCtx } from '@platen/chassis/http/types';
import { recordAudit } from '../audit/index.js';
import { appendChange } from '../feed/index.js';
import { announce } from './announce.js';
import { deleteWork, upsertWork } from './due-work.js';
import type { WorkDeps } from './provision.js';
import * as repo from './repo.js';

/**
 * The end of a tenant: its rows on the data plane, then here, at last itself. Each step finds what the one before it left,
 * so that it can be killed anywhere and tried again.
 * @throws whatever kept a step from its end: the rest is for the next try
 */
export async function purgeTenant(deps: WorkDeps, ctx: CallCtx, work: DueWork): Promise<void> {
  const tenant = await openPurge(deps, ctx, work.tenant_id);
  if (tenant === undefined) return;
  const keys = { erp_db_key: tenant.erp_db_key, telemetry_db_key: tenant.telemetry_db_key };
  if (await hasDatabases(deps, tenant)) {
    const { deleted } = await deps.databases.purge(tenant.id, keys, deps.signal);
    ctx.log.info({ purged_tenant_id: tenant.id, deleted }, 'the data plane purged a tenant');
  }
  const { deleteTenantRows, deleteTenant } = await import('./purge-repo.js');
  await deleteTenantRows(deps.db, tenant.id);
  await deps.db.transaction(async (tx) => {
    const locked = await repo.lockTenant(tx, tenant.id);
    if (locked?.row.status !== 'deleting' || !locked.is_due) return;
    deleteTenant(tx, tenant.id);
    // Its own events went with it; this one is for whoever keeps something of the tenant elsewhere.
    announce(tx, ctx, 'platform.tenant.purged', { tenant_id: tenant.id, slug: tenant.slug });
    recordAudit(tx, ctx, tenant.id, {
      action: 'tenant.purge',
      target: `tenant:${tenant.id}`,
      before: locked.row,
      actor: { type: 'system', id: null },
    });
    appendChange(tx, tenant.id, { kind: 'removed', entity: 'tenant', id: tenant.id });
  });
}

/** The tenant, if its time has come. By the row's lock a deletion that is taken back is seen, or comes too late. */
const openPurge = ({ db }: WorkDeps, ctx: CallCtx, tenantId: string): Promise<repo.TenantRow | undefined> =>
  db.transaction(async (tx) => {
    const locked = await repo.lockTenant(tx, tenantId);
    if (locked?.row.status === 'deleting' && locked.is_due) return locked.row;
    if (locked?.row.status === 'deleting') {
      upsertWork(tx, tenantId, ctx.newId(), 'tenant.purge', locked.row.delete_after);
    } else {
      deleteWork(tx, tenantId, 'tenant.purge');
    }
    return undefined;
  });

/** One that was never provisioned may name a database that nobody has: then it was prepared in none, and has nothing. */
async function hasDatabases({ databases, signal }: WorkDeps, tenant: repo.TenantRow): Promise<boolean> {
  if (tenant.provision_error === null) return true;
  const { erp_db_key, telemetry_db_key } = tenant;
  const found = await databases.check(tenant.id, { erp_db_key, telemetry_db_key }, signal);
  return found.databases.every(({ state }) => state !== 'unknown');
}
