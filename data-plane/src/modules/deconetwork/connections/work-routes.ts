import { implementSite } from '@platen/chassis/http/implement';
import type { CallCtx, SiteImplementation } from '@platen/chassis/http/types';
import { deconetworkConnections } from '@platen/schema/contracts/internal/deconetwork';
import type { ModuleDeps } from '../../module.js';
import { enterScope, type NamedScope } from '../../worker-scope.js';
import type { ResumeCall } from '../writes/index.js';
import type { ConnectionWork, WorkCall } from './work-service.js';

interface Holder extends NamedScope {
  readonly owner: string;
  readonly attempt: number;
}

/** `resumeWrites`: what was kept while the connection was not in use. */
export function connectionWorkRoutes(
  deps: ModuleDeps,
  work: ConnectionWork,
  resumeWrites: (call: ResumeCall) => Promise<void>,
): SiteImplementation[] {
  const enter = (ctx: CallCtx, params: { tenant_id: string; id: string }, body: Holder): WorkCall => {
    const { db, workspaceId } = enterScope(deps, params.tenant_id, body);
    const holder = { owner: body.owner, attempt: body.attempt, workspaceId };
    return { db, id: params.id, holder, now: () => ctx.now(), newId: () => ctx.newId() };
  };
  return [
    implementSite(deconetworkConnections.open, async ({ ctx, params, body }) => work.open(enter(ctx, params, body))),
    implementSite(deconetworkConnections.tested, async ({ ctx, params, body }) => {
      const answer = await work.tested(enter(ctx, params, body), body);
      const { db, ...scope } = enterScope(deps, params.tenant_id, body);
      const { correlationId, traceparent } = ctx;
      const origin = { ...scope, correlationId, traceparent, newId: () => ctx.newId() };
      await resumeWrites({ db, jobId: params.id, origin });
      return answer;
    }),
    implementSite(deconetworkConnections.rejected, async ({ ctx, params, body }) =>
      work.rejected(enter(ctx, params, body), body),
    ),
  ];
}
