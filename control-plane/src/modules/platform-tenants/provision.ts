import type { SystemDatabase } from '@platen/chassis/db/system-database';
import type { Tx } from '@platen/chassis/db/types';
import type { DueWork } from '@platen/chassis/due-work/entries';
import type { CallCtx } from '@platen/chassis/http/types';
import type { TenantDatabases } from '@platen/schema/contracts/internal/tenants';
import { PlatenError } from '@platen/sdk/internal';
import type { AccountMails } from '../account-mails/index.js';
import { recordAudit } from '../audit/index.js';
import { appendTenant } from '../feed/index.js';
import { announce } from './announce.js';
import type { TenantDatabasesClient } from './data-plane.js';
import { deleteWork } from './due-work.js';
import { sendInvitation } from './first-admin.js';
import * as repo from './repo.js';

export interface WorkDeps {
  readonly db: SystemDatabase;
  readonly databases: TenantDatabasesClient;
  readonly mails: AccountMails;
  /** This process stops: what it is at is left to another. */
  readonly signal: AbortSignal;
}

/** Tries that a data plane gets which does not answer, or not yet: it may be starting, or have to fetch our key. */
const maxAttempts = 3;

/**
 * Makes a tenant's databases ready, then lets it in. Nothing here is done twice by being tried twice: the data plane's
 * part is idempotent, and the last step is one transaction that looks at the status first.
 * @throws whatever kept a data plane from answering, while it is worth another try
 */
export async function provisionTenant(deps: WorkDeps, ctx: CallCtx, work: DueWork): Promise<void> {
  const tenant = await repo.findTenantDetails(deps.db, work.tenant_id);
  if (tenant?.status !== 'provisioning') return settle(deps, ctx, work.tenant_id, null, null);
  const keys = { erp_db_key: tenant.erp_db_key, telemetry_db_key: tenant.telemetry_db_key };
  let problem: string | null = null;
  try {
    const { databases } = await deps.databases.check(tenant.id, keys, deps.signal);
    const bad = databases.filter(({ state }) => state !== 'ok');
    if (bad.length > 0) problem = bad.map(({ key, state }) => `${key}: ${state}`).join(', ');
    else await deps.databases.prepare(tenant.id, keys, deps.signal);
  } catch (error) {
    if (deps.signal.aborted || (isPassing(error) && work.attempts < maxAttempts)) throw error;
    ctx.log.warn({ error, provisioned_tenant_id: tenant.id }, 'a tenant cannot be provisioned');
    problem = error instanceof PlatenError ? `The data plane says ${error.code}` : 'No data plane answers';
  }
  await settle(deps, ctx, tenant.id, keys, problem);
}

const isPassing = (error: unknown): boolean =>
  !(error instanceof PlatenError) || error.status >= 500 || error.status === 401;

/** The end of the work, whichever: a tenant that is let in, or one that says what is missing. `keys` null: nothing was asked. */
const settle = (
  deps: WorkDeps,
  ctx: CallCtx,
  tenantId: string,
  keys: TenantDatabases | null,
  problem: string | null,
): Promise<void> =>
  deps.db.transaction(async (tx) => {
    const locked = await repo.lockTenant(tx, tenantId);
    // Given other databases meanwhile, which were not asked: that is work of its own, and whose lease ran out leaves it alone.
    if (locked?.row.status === 'provisioning' && !isOf(locked.row, keys)) return;
    deleteWork(tx, tenantId, 'tenant.provision');
    // Somebody else was as far before, or it is not there any more.
    if (locked?.row.status !== 'provisioning') return;
    const after =
      problem === null ? await letIn(deps, tx, ctx, locked.row) : await refuse(tx, ctx, locked.row, problem);
    recordAudit(tx, ctx, tenantId, {
      action: problem === null ? 'tenant.provisioned' : 'tenant.provision_failed',
      target: `tenant:${tenantId}`,
      before: locked.row,
      after,
      actor: { type: 'system', id: null },
    });
    appendTenant(tx, tenantId);
  });

const isOf = (tenant: repo.TenantRow, keys: TenantDatabases | null): boolean =>
  keys !== null && tenant.erp_db_key === keys.erp_db_key && tenant.telemetry_db_key === keys.telemetry_db_key;

async function letIn({ mails }: WorkDeps, tx: Tx, ctx: CallCtx, { id, slug }: repo.TenantRow): Promise<repo.TenantRow> {
  const after = await repo.updateTenantStatus(tx, id, 'active');
  await sendInvitation(tx, ctx, mails, id, null);
  announce(tx, ctx, 'platform.tenant.provisioned', { tenant_id: id, slug });
  return after;
}

async function refuse(tx: Tx, ctx: CallCtx, { id, slug }: repo.TenantRow, reason: string): Promise<repo.TenantRow> {
  const after = await repo.updateTenantStatus(tx, id, 'provision_failed', { error: reason });
  announce(tx, ctx, 'platform.tenant.provision_failed', { tenant_id: id, slug, reason });
  return after;
}
