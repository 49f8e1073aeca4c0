import { lockNumber } from '@platen/chassis/db/advisory-locks';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { FeedEntity } from '@platen/schema/contracts/internal/feed';
import type { Static } from 'typebox';
import { accessTokenTtlMs } from '../access/index.js';
import { organizationEntity, planGrants, signingKeysEntity, tenantEntity, tenantEntityOnPlan } from './entities.js';

type Entity = Static<typeof FeedEntity>;

const append = statement<never>('feed_append_change', 'select append_control_change($1, $2, $3::jsonb)');

/**
 * Longer than other locks are waited for, as far as a statement may take: a change of a plan tells of thousands of tenants
 * under it, and nobody else's sign-out should fail for that. The list is evaluated in its order.
 */
const lock = statement<never>(
  'feed_lock_log',
  `select set_config('lock_timeout', '0', true), pg_advisory_xact_lock(${lockNumber('controlChanges')})`,
);

/** Until the commit nobody else writes to the log: for the end of a transaction. */
export function lockLog(tx: Tx): void {
  tx.defer(lock);
}

/**
 * Tells the data planes. The statement takes the log's lock, which every writer of changes then waits for, until the
 * commit: so it is kept for the write that commits. Call it after everything else that the transaction does.
 */
export function appendChange(tx: Tx, tenantId: string | null, entity: Entity): void {
  lockLog(tx);
  tx.defer(append, [entity.kind, tenantId, JSON.stringify(entity)]);
}

/** How long after a revocation some token of the session could still be in time: one lifetime, and a minute for clocks. */
export const forgetRevocationAfterMs = accessTokenTtlMs + 60_000;

export const revokedSession = (tenantId: string, sessionId: string, nowMs: number): Entity => ({
  kind: 'revoked_session',
  tenant_id: tenantId,
  session_id: sessionId,
  forget_at: new Date(nowMs + forgetRevocationAfterMs).toISOString(),
});

const appendTenantNow = statement<never>(
  'feed_append_tenant',
  `select append_control_change('tenant', t.id, ${tenantEntity}::jsonb) from tenants t where t.id = $1`,
);
const appendOrganizationNow = statement<never>(
  'feed_append_organization',
  `select append_control_change('organization', o.tenant_id, ${organizationEntity}::jsonb)
   from res_organizations o
   join res_organization_settings s on s.tenant_id = o.tenant_id and s.organization_id = o.id
   where o.tenant_id = $1 and o.id = $2`,
);

/**
 * Tells the data planes what a tenant now is, whatever of it has changed. The lock comes in a statement of its own, so
 * that the entity is read after every earlier writer of the log has committed: the last change told is the last made.
 */
export function appendTenant(tx: Tx, tenantId: string): void {
  lockLog(tx);
  tx.defer(appendTenantNow, [tenantId]);
}

/** As `appendTenant`, of an organization with its settings and workspaces. */
export function appendOrganization(tx: Tx, tenantId: string, organizationId: string): void {
  lockLog(tx);
  tx.defer(appendOrganizationNow, [tenantId, organizationId]);
}

const appendPlanNow = statement<never>(
  'feed_append_tenants_of_plan',
  `insert into control_changes (kind, tenant_id, payload)
   with ${planGrants}
   select 'tenant', t.id, ${tenantEntityOnPlan}::jsonb from tenants t join p on p.plan_id = t.plan_id
   where t.plan_id = $1 and t.status <> 'deleting' and mod(hashtextextended(t.id::text, 0), $2::int) in ($3::int, -$3::int)`,
);
/** No statement of the transaction takes long, whatever the size of the plan. */
const parts = 8;

/** As `appendTenant`, of every tenant that has the plan, set-based: all writers of the log wait for it. */
export async function appendTenantsOfPlan(tx: Tx, planId: string): Promise<void> {
  lockLog(tx);
  // Awaited one by one: a server that answers nothing for seconds passes for one that is gone.
  for (let part = 0; part < parts; part += 1) await tx.query(appendPlanNow, [planId, parts, part]);
}

const appendKeysNow = statement<never>(
  'feed_append_signing_keys',
  `select append_control_change('signing_keys', null, ${signingKeysEntity}::jsonb)`,
);

/** As `appendTenant`, of the set of keys that verify. */
export function appendSigningKeys(tx: Tx): void {
  lockLog(tx);
  tx.defer(appendKeysNow);
}
