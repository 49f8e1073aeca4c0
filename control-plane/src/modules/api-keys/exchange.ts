import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { BodyOf, OutputOf } from '@platen/schema/contract';
import type { auth } from '@platen/schema/contracts/control/auth';
import { type Assignment, accessClaims, type Context, compileAccess, findKeyHolder } from '../access/index.js';
import type { Throttles } from '../auth/index.js';
import {
  chooseContextAt,
  isReachable,
  listOrganizations,
  listReachable,
  noContext,
  refusalOf,
  withinStore,
} from '../context/index.js';
import type { Keyring } from '../keys/index.js';
import { isKey, prefixOf } from './key-text.js';
import * as repo from './repo.js';

export interface ExchangeDeps {
  readonly keyring: Keyring;
  readonly issuer: string;
  readonly throttles: Throttles;
}

type Input = BodyOf<typeof auth.token>;

/**
 * An API key for a token with the key's role at the key's scope. Unknown, revoked and expired keys get one answer and the
 * same work.
 * @throws AppError invalid_api_key, context_not_allowed, workspace_required, too_many_attempts
 */
export const createKeyExchange =
  (deps: ExchangeDeps) =>
  async (ctx: Ctx, input: Input): Promise<OutputOf<typeof auth.token>> => {
    const tenantId = ctx.tenant.id;
    const presented = await repo.findPresentedKey(ctx.db, tenantId, prefixOf(input.api_key));
    if (!isKey(input.api_key, presented?.key_hash) || presented?.usable !== true) {
      // A key that is right passes: nobody guesses one, and strangers in the same network must not stop a tenant's machines.
      await deps.throttles.requireNetworkOpen(ctx.db, ctx, tenantId, 'api-key');
      await deps.throttles.recordNetworkFailure(ctx.db.leased, ctx, tenantId, 'api-key');
      throw new AppError('invalid_api_key');
    }
    const { id, tenant_epoch } = presented;
    const [holder, organizations] = await Promise.all([
      findKeyHolder(ctx.db, tenantId, id),
      listOrganizations(ctx.db, tenantId),
    ]);
    if (holder === undefined) throw new AppError('invalid_api_key');
    const nowMs = ctx.now().getTime();
    const context = contextOf(ctx, listReachable(organizations, holder.assignments, nowMs), holder.assignments, input);
    const access = compileAccess({ ...holder, context, nowMs });
    const claims = accessClaims(
      // A key has no epoch of its own: it is revoked as a session is. Its role's changes raise the tenant's.
      { tenant: ctx.tenant, userId: id, sessionId: id, epochs: [tenant_epoch, 0], context, access },
      { issuer: deps.issuer, nowMs, id: ctx.newId() },
    );
    const access_token = deps.keyring.sign(claims);
    if (!presented.used_lately) await repo.updateLastUsed(ctx.db.leased, tenantId, id);
    return {
      access_token,
      token_type: 'Bearer',
      expires_in: Math.max(0, claims.exp - claims.iat),
      expires_at: new Date(claims.exp * 1000).toISOString(),
      context: { organization_id: context.organizationId, workspace_id: context.workspaceId },
    };
  };

/** What was asked for, else where the key is; a key of the whole tenant works in no organization unless it names one. */
function contextOf(
  ctx: Ctx,
  everywhere: ReturnType<typeof listReachable>,
  [place]: readonly Assignment[],
  { organization_id: organizationId, workspace_id: workspaceId = null }: Input,
): Context {
  if (organizationId !== undefined) {
    const reachable = withinStore(everywhere, ctx.tenant.store);
    const wanted = { organizationId, workspaceId };
    if (!isReachable(reachable, wanted)) throw refusalOf(reachable, wanted);
    return wanted;
  }
  if (place === undefined || (place.scope === 'tenant' && ctx.tenant.store == null)) return noContext;
  return chooseContextAt(ctx.tenant, everywhere, [place]);
}
