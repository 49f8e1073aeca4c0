import type { DueWork } from '@platen/chassis/due-work/entries';
import { createDueWorkRunner, type DueWorkRunner } from '@platen/chassis/due-work/runner';
import type { CallCtx } from '@platen/chassis/http/types';
import { type Logger, withScope } from '@platen/chassis/log/logger';
import { v7 as uuidv7 } from 'uuid';
import type { TenantWorkKind } from './due-work.js';
import { provisionTenant, type WorkDeps } from './provision.js';
import { purgeTenant } from './purge.js';

export type TenantWork = DueWorkRunner;

const everyMs = 5_000;
const doing = { 'tenant.provision': provisionTenant, 'tenant.purge': purgeTenant } as const;
/** Longer than either takes, its calls' deadlines included. */
const leaseSeconds = { 'tenant.provision': 60, 'tenant.purge': 900 } as const satisfies Record<TenantWorkKind, number>;
const kinds = ['tenant.provision', 'tenant.purge'] as const;

/** Provisions and purges tenants, each in a line of its own: a purge of hours keeps no new tenant waiting. */
export const createTenantWork = (
  deps: Omit<WorkDeps, 'signal'> & { readonly log: Logger; readonly clock: () => number },
): TenantWork =>
  createDueWorkRunner({
    db: deps.db,
    log: deps.log,
    everyMs,
    lines: kinds.map((kind) => ({
      kinds: [kind],
      leaseSeconds: leaseSeconds[kind],
      run: (work, signal) => doing[kind]({ ...deps, signal }, ctxOf(deps, work), work),
    })),
  });

/** Nobody's request: the audit has it as the system's. */
function ctxOf({ log, clock }: { readonly log: Logger; readonly clock: () => number }, work: DueWork): CallCtx {
  const correlationId = `work-${uuidv7()}`;
  return {
    correlationId,
    traceparent: null,
    principal: null,
    ip: null,
    log: withScope(log, { correlationId, tenantId: work.tenant_id, context: null }),
    now: () => new Date(clock()),
    newId: () => uuidv7(),
  };
}
