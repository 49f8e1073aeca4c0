import { implementSite } from '@platen/chassis/http/implement';
import type { CallCtx } from '@platen/chassis/http/types';
import { dnCalls } from '@platen/schema/contracts/data/dn-calls';
import { deconetworkCalls, deconetworkEvents } from '@platen/schema/contracts/internal/deconetwork';
import { implement, type Module, type ModuleDeps } from '../../module.js';
import { enterScope, type NamedScope } from '../../worker-scope.js';
import { type EventCall, planEvent } from './plan-event.js';
import { createCallService } from './service.js';
import { nextCall, settleCall, type WriteCall } from './work.js';

export { planInventory } from './plan-inventory.js';
export { type ResumeCall, resumeWritesAfter } from './resume.js';

/** What sites are told: kept as writes when something happens here, sent by a worker, seen and seen to by people. */
export function dnWrites(deps: ModuleDeps): Module {
  const service = createCallService(deps);

  /** @throws AppError not_found */
  function enterJob(
    { tenant_id: tenantId, id: jobId }: { readonly tenant_id: string; readonly id: string },
    body: NamedScope & { readonly owner: string; readonly attempt: number },
  ): WriteCall {
    const { db, workspaceId } = enterScope(deps, tenantId, body);
    return { db, jobId, holder: { owner: body.owner, attempt: body.attempt, workspaceId } };
  }

  /** @throws AppError not_found */
  function enterEvent(call: CallCtx, tenantId: string, { organization_id, workspace_id }: NamedScope): EventCall {
    const own = enterScope(deps, tenantId, { organization_id, workspace_id });
    const { db: organizationDb, workspaceId } = enterScope(deps, tenantId, { organization_id });
    const { tenant, organizationId } = own;
    const { correlationId, traceparent } = call;
    const ids = { now: () => call.now(), newId: () => call.newId() };
    return {
      ctx: { tenant, organizationId, workspaceId, correlationId, traceparent, ...ids },
      db: own.db,
      organizationDb,
    };
  }

  return {
    implementations: [
      implement(dnCalls.list, ({ ctx, query }) => service.list(ctx, query)),
      implement(dnCalls.get, ({ ctx, params }) => service.get(ctx, params.id)),
      implement(dnCalls.retry, ({ ctx, params }) => service.retry(ctx, params.id)),
      implement(dnCalls.drop, ({ ctx, params }) => service.drop(ctx, params.id)),
    ],
    internal: [
      implementSite(deconetworkCalls.nextCall, async ({ params, body }) => nextCall(enterJob(params, body))),
      implementSite(deconetworkCalls.settleCall, async ({ params, body }) =>
        settleCall(enterJob(params, body), params.call_id, body),
      ),
      implementSite(deconetworkEvents.plan, async ({ ctx, params, body }) => ({
        planned: await planEvent(enterEvent(ctx, params.tenant_id, body), body),
      })),
    ],
  };
}
