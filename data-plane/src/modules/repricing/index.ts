import { implementSite } from '@platen/chassis/http/implement';
import type { CallCtx } from '@platen/chassis/http/types';
import { repricing } from '@platen/schema/contracts/data/repricing';
import { repricing as repricingWork } from '@platen/schema/contracts/internal/repricing';
import { implement, type Module, type ModuleDeps } from '../module.js';
import type { PricingService } from '../pricing/index.js';
import { createRepriceOpenQuote } from '../quotes/index.js';
import { enterOrganization, type NamedScope } from '../worker-scope.js';
import { createRepricingService } from './service.js';
import { createRepricingWork, type RepricingCall } from './work.js';

export { requireRepricingRetry } from './service.js';

/** Open quotes priced again as a job: a report of old, new and why, and new prices for drafts where somebody asks for it. */
export function repricingModule(deps: ModuleDeps, pricing: PricingService): Module {
  const findOrganization = (tenantId: string, id: string) => deps.feed.organization(tenantId, id);
  const service = createRepricingService(deps);
  const repriceOpenQuote = createRepriceOpenQuote({ pricing, findOrganization });
  const work = createRepricingWork({ findOrganization, repriceOpenQuote });

  /** @throws AppError not_found */
  function enter(call: CallCtx, tenantId: string, named: NamedScope): RepricingCall {
    const { tenant, organizationId, workspaceId, db } = enterOrganization(deps, tenantId, named);
    const { correlationId, traceparent } = call;
    const now = () => call.now();
    const newId = () => call.newId();
    return { ctx: { tenant, organizationId, workspaceId, correlationId, traceparent, now, newId }, db };
  }

  return {
    implementations: [
      implement(repricing.start, ({ ctx, body }) => service.start(ctx, body)),
      implement(repricing.rows, ({ ctx, params, query }) => service.rows(ctx, params.id, query)),
    ],
    internal: [
      implementSite(repricingWork.request, async ({ ctx, params, body }) =>
        work.request(enter(ctx, params.tenant_id, body), body),
      ),
      implementSite(repricingWork.batch, async ({ ctx, params, body }) =>
        work.batch(enter(ctx, params.tenant_id, body), params.id, body),
      ),
    ],
  };
}
