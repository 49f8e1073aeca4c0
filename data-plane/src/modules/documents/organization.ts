import { AppError } from '@platen/chassis/http/app-error';
import type { Organization } from '../../feed/tenant.js';
import type { ActorCtx, WorkCtx } from '../module.js';

/** Looks an organization up in the feed. */
export type FindOrganization = (tenantId: string, id: string) => Organization | undefined;

/** The organization of the context, with its settings. @throws AppError context_required */
export function organizationOf(find: FindOrganization, ctx: WorkCtx): Organization {
  if (ctx.organizationId === null) throw new AppError('context_required');
  const organization = find(ctx.tenant.id, ctx.organizationId);
  // The token outlived the organization: signing in again offers those that are left.
  if (!organization) throw new AppError('context_not_allowed', 'The organization is no longer there');
  return organization;
}

/** Who acts: documents keep the user's id. */
export function actorOf(ctx: Pick<ActorCtx, 'principal'>): string {
  if (!ctx.principal) throw new AppError('authentication_required');
  return ctx.principal.id;
}
