import { AccessToken } from '@platen/chassis/auth/principals';
import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { OutputOf } from '@platen/schema/contract';
import type { Session } from '@platen/schema/contracts/control/auth';
import type { context as contracts } from '@platen/schema/contracts/control/context';
import type { Static } from 'typebox';
import { type Context, findIdentity, type Identity, readCaller } from '../access/index.js';
import { isReachable, listReachable, type ReachableOrganization, withinStore } from './choose-context.js';
import { listOrganizations, updateSessionContext } from './repo.js';

interface Issued {
  readonly accessToken: string;
  readonly session: Static<typeof Session>;
}

export interface ContextService {
  listContexts(ctx: Ctx): Promise<OutputOf<typeof contracts.get>>;
  /** @throws AppError context_not_allowed, workspace_required */
  switchContext(ctx: Ctx, wanted: Context): Promise<Issued>;
}

export interface ContextDeps {
  readonly issueSession: (
    ctx: Ctx,
    subject: {
      readonly identity: Identity;
      readonly context: Context;
      readonly sessionId: string;
      readonly notAfterMs: number;
    },
  ) => Issued;
}

export function createContextService(deps: ContextDeps): ContextService {
  return {
    async listContexts(ctx) {
      const [holder, organizations] = await Promise.all([
        readCaller(ctx, ctx.db),
        listOrganizations(ctx.db, ctx.tenant.id),
      ]);
      const everywhere = listReachable(organizations, holder.assignments, ctx.now().getTime());
      const reachable = withinStore(everywhere, ctx.tenant.store);
      return {
        current: { organization_id: ctx.organizationId, workspace_id: ctx.workspaceId },
        organizations: reachable.map((organization) => ({
          id: organization.id,
          code: organization.code,
          name: organization.name,
          workspace_required: organization.workspaceRequired,
          organization_wide: organization.organizationWide,
          workspaces: [...organization.workspaces],
        })),
      };
    },

    async switchContext(ctx, context) {
      const { userId, sessionId, notAfterMs } = callerOf(ctx);
      const identity = await ctx.write(async (tx) => {
        const [found, organizations] = await Promise.all([
          findIdentity(tx, ctx.tenant.id, userId),
          listOrganizations(tx, ctx.tenant.id),
        ]);
        if (found === undefined) throw new AppError('token_revoked');
        const everywhere = listReachable(organizations, found.assignments, ctx.now().getTime());
        const reachable = withinStore(everywhere, ctx.tenant.store);
        if (!isReachable(reachable, context)) throw refusalOf(reachable, context);
        // A session that was ended while its token still lived gets no new one.
        if (!(await updateSessionContext(tx, ctx.tenant.id, sessionId, context))) throw new AppError('token_revoked');
        return found;
      });
      return deps.issueSession(ctx, { identity, context, sessionId, notAfterMs });
    },
  };
}

/** `notAfterMs`: or a stolen access token would be renewed here for as long as its session, past the refresh token's checks. */
function callerOf(ctx: Ctx): { userId: string; sessionId: string; notAfterMs: number } {
  const { principal } = ctx;
  if (!(principal instanceof AccessToken)) throw new AppError('authentication_required');
  // A machine keeps no choice: it names the context when it exchanges its key.
  if (principal.kind === 'api_key') throw new AppError('person_required');
  return { userId: principal.id, sessionId: principal.claims.sid, notAfterMs: principal.claims.exp * 1000 };
}

/** An organization that is not there and one that is not theirs get the same answer. */
export function refusalOf(reachable: readonly ReachableOrganization[], wanted: Context): AppError {
  const organization = reachable.find((candidate) => candidate.id === wanted.organizationId);
  const needsWorkspace = organization?.workspaceRequired === true && wanted.workspaceId === null;
  return new AppError(needsWorkspace ? 'workspace_required' : 'context_not_allowed');
}
