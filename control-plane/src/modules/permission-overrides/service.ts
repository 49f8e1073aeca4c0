import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import type { Ctx, RawJson } from '@platen/chassis/http/types';
import type { BodyOf, OutputOf, QueryOf } from '@platen/schema/contract';
import type { permissionOverrides } from '@platen/schema/contracts/control/permission-overrides';
import { permissions } from '@platen/schema/permissions';
import {
  bitsOf,
  bitsOfCodes,
  includesAll,
  lockAssignments,
  mayDropOverride,
  mayOverride,
  raiseUserEpoch,
  readOwnReach,
  readPlacement,
  readVisiblePlace,
  requireAdministratorLeft,
  touchesAdministration,
} from '../access/index.js';
import { type AuditEntry, recordAudit } from '../audit/index.js';
import { appendChange } from '../feed/index.js';
import * as repo from './repo.js';

type Answer = OutputOf<typeof permissionOverrides.create>;

export interface PermissionOverrideService {
  listOverrides(ctx: Ctx, query: QueryOf<typeof permissionOverrides.list>): Promise<RawJson>;
  /** @throws AppError grant_exceeds_own, unknown_reference, duplicate, last_admin */
  createOverride(ctx: Ctx, input: BodyOf<typeof permissionOverrides.create>): Promise<Answer>;
  /** @throws AppError not_found, grant_exceeds_own, last_admin */
  deleteOverride(ctx: Ctx, id: string): Promise<void>;
}

const writing = bitsOfCodes(['admin.permission_override.write']);

export const createPermissionOverrideService = (deps: { readonly cursors: Cursors }): PermissionOverrideService => ({
  async listOverrides(ctx, { user_id, permission, organization_id, ...query }) {
    const visible = await readVisiblePlace(ctx, ctx.db, 'admin.permission_override.read');
    const filters = [user_id ?? null, permission ?? null, organization_id ?? null, ctx.tenant.id];
    const place = [visible.organizationId, visible.workspaceId];
    return readPage(ctx, deps.cursors, repo.overridePage, query, [...place, ...filters]);
  },

  async createOverride(ctx, input) {
    const { expiresAt, ...reach } = readPlacement(input, ctx.now());
    const tenantId = ctx.tenant.id;
    return ctx.write(async (tx) => {
      const [, own, found] = await Promise.all([
        lockAssignments(tx, tenantId),
        readOwnReach(ctx, tx, reach),
        repo.hasTarget(tx, tenantId, { userId: input.user_id, ...reach }),
      ]);
      if (!includesAll(own.bits, writing)) throw exceedsOwn();
      if (!found) throw new AppError('unknown_reference');
      const { bit } = permissions[input.permission];
      const rule = { bit, effect: input.effect, expiresAtMs: expiresAt === null ? null : Date.parse(expiresAt) };
      if (!mayOverride(own, rule)) throw exceedsOwn();
      const row: repo.Override = {
        id: ctx.newId(),
        user_id: input.user_id,
        permission: input.permission,
        effect: input.effect,
        scope: reach.scope,
        organization_id: reach.organizationId,
        workspace_id: reach.workspaceId,
        reason: input.reason,
        expires_at: expiresAt === null ? null : new Date(expiresAt),
        created_at: ctx.now(),
      };
      repo.insertOverride(tx, tenantId, row);
      if (row.effect === 'deny') await keepAdministrator(ctx, tx, bit);
      const after = describe(row);
      await announce(ctx, tx, row.user_id, {
        action: 'permission_override.create',
        target: `permission_override:${row.id}`,
        after,
      });
      return after;
    });
  },

  async deleteOverride(ctx, id) {
    const tenantId = ctx.tenant.id;
    await ctx.write(async (tx) => {
      const [, row] = await Promise.all([lockAssignments(tx, tenantId), repo.findOverride(tx, tenantId, id)]);
      if (row === undefined) throw new AppError('not_found');
      const { scope, organization_id: organizationId, workspace_id: workspaceId } = row;
      const own = await readOwnReach(ctx, tx, { scope, organizationId, workspaceId });
      // What lies outside their reach is not theirs to know of.
      if (!includesAll(own.bits, writing)) throw new AppError('not_found');
      const expiresAtMs = row.expires_at?.getTime() ?? null;
      if (!mayDropOverride(own, { bit: row.bit, effect: row.effect, expiresAtMs })) throw exceedsOwn();
      repo.deleteOverride(tx, tenantId, id);
      if (row.effect === 'allow') await keepAdministrator(ctx, tx, row.bit);
      await announce(ctx, tx, row.user_id, {
        action: 'permission_override.delete',
        target: `permission_override:${id}`,
        before: describe(row),
      });
    });
  },
});

const exceedsOwn = () => new AppError('grant_exceeds_own');

async function keepAdministrator(ctx: Ctx, tx: Tx, bit: number): Promise<void> {
  if (touchesAdministration(bitsOf([bit]))) await requireAdministratorLeft(tx, ctx.tenant.id, ctx.now());
}

/** Tokens issued before are stale from the commit on. */
async function announce(ctx: Ctx, tx: Tx, userId: string, entry: AuditEntry): Promise<void> {
  const tenantId = ctx.tenant.id;
  const epoch = await raiseUserEpoch(tx, tenantId, userId);
  recordAudit(tx, ctx, tenantId, entry);
  appendChange(tx, tenantId, { kind: 'user_epoch', tenant_id: tenantId, user_id: userId, authz_epoch: epoch });
}

const describe = (row: repo.Override): Answer => ({
  id: row.id,
  user_id: row.user_id,
  permission: row.permission,
  effect: row.effect,
  scope: row.scope,
  organization_id: row.organization_id,
  workspace_id: row.workspace_id,
  reason: row.reason,
  expires_at: row.expires_at?.toISOString() ?? null,
  created_at: row.created_at.toISOString(),
});
