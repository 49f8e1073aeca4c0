import type { Queryable } from '@platen/chassis/db/types';
import type { CallCtx, Ctx, PlatformCtx } from '@platen/chassis/http/types';
import type { PermissionCode } from '@platen/schema/permissions';
import type { Reach } from '../access/index.js';
import { holdsAt } from '../organizations/index.js';

/** Who administers a tenant's hosts: someone of the tenant, within their rights, or an operator of the platform. */
export interface Actor {
  readonly ctx: CallCtx & Pick<Ctx, 'write'>;
  readonly tenantId: string;
  readonly db: Queryable;
  /** May they do this there? Operators may do everything at any place. */
  may(db: Queryable, permission: PermissionCode, reach: Reach): Promise<boolean>;
}

export const tenantActor = (ctx: Ctx): Actor => ({
  ctx,
  tenantId: ctx.tenant.id,
  db: ctx.db,
  may: (db, permission, reach) => holdsAt(ctx, db, permission, reach),
});

export const platformActor = (ctx: PlatformCtx, tenantId: string): Actor => ({
  ctx,
  tenantId,
  db: ctx.db,
  may: async () => true,
});
