import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import type { Ctx, RawJson } from '@platen/chassis/http/types';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { BodyOf, OutputOf, QueryOf } from '@platen/schema/contract';
import type { roles } from '@platen/schema/contracts/control/roles';
import {
  bitsOfCodes,
  codesOf,
  lockAssignments,
  mayEditRole,
  mayMakeOrDropRole,
  type PermissionBits,
  raiseTenantEpoch,
  readVisiblePlace,
  requireAdministratorLeft,
  requireReach,
  touchesAdministration,
  wholeTenant,
} from '../access/index.js';
import { recordAudit } from '../audit/index.js';
import { appendTenant } from '../feed/index.js';
import * as repo from './repo.js';

type Role = OutputOf<typeof roles.get>;

export interface RoleService {
  listRoles(ctx: Ctx, query: QueryOf<typeof roles.list>): Promise<RawJson>;
  /** @throws AppError not_found */
  getRole(ctx: Ctx, id: string): Promise<Role>;
  /** @throws AppError permission_denied, grant_exceeds_own, duplicate */
  createRole(ctx: Ctx, input: BodyOf<typeof roles.create>): Promise<Role>;
  /** @throws AppError not_found, permission_denied, system_role, grant_exceeds_own, last_admin */
  updateRole(ctx: Ctx, id: string, input: BodyOf<typeof roles.update>): Promise<Role>;
  /** @throws AppError not_found, permission_denied, system_role, grant_exceeds_own, in_use */
  deleteRole(ctx: Ctx, id: string): Promise<void>;
}

export const createRoleService = (deps: { readonly cursors: Cursors }): RoleService => ({
  async listRoles(ctx, { system, ...query }) {
    const { organizationId, workspaceId } = await readVisiblePlace(ctx, ctx.db, 'admin.role.read');
    return readPage(ctx, deps.cursors, repo.rolePage, query, [
      organizationId,
      workspaceId,
      system ?? null,
      ctx.tenant.id,
    ]);
  },

  async getRole(ctx, id) {
    const role = await repo.findRole(ctx.db, ctx.tenant.id, id);
    if (role === undefined) throw new AppError('not_found');
    return describe(role, role.bits);
  },

  createRole: (ctx, input) =>
    ctx.write(async (tx) => {
      const tenantId = ctx.tenant.id;
      const bits = bitsOfCodes(input.permissions);
      const own = await lockAndRequire(ctx, tx);
      if (!mayMakeOrDropRole(own, bits)) throw new AppError('grant_exceeds_own');
      const now = ctx.now();
      const row = { id: ctx.newId(), code: normalizeCode(input.code, '/body/code'), name: input.name, now };
      if (!(await repo.insertRole(tx, tenantId, row))) throw new AppError('duplicate');
      repo.updatePermissions(tx, tenantId, row.id, { added: codesOf(bits), removed: [] });
      const after = describe({ ...row, system: false, created_at: now, updated_at: now }, bits);
      recordAudit(tx, ctx, tenantId, { action: 'role.create', target: `role:${row.id}`, after });
      return after;
    }),

  updateRole: (ctx, id, input) =>
    ctx.write(async (tx) => {
      const tenantId = ctx.tenant.id;
      const own = await lockAndRequire(ctx, tx);
      const role = await findOwn(tx, tenantId, id);
      const bits = input.permissions === undefined ? role.bits : bitsOfCodes(input.permissions);
      const added = codesOf(without(bits, role.bits));
      const removed = codesOf(without(role.bits, bits));
      const edits = added.length > 0 || removed.length > 0;
      if (edits && !mayEditRole(own, role.bits, bits)) throw new AppError('grant_exceeds_own');
      const before = describe(role, role.bits);
      const now = ctx.now();
      const after = describe({ ...role, name: input.name ?? role.name, updated_at: now }, bits);
      if (!edits && after.name === before.name) return before;
      repo.updateRole(tx, tenantId, id, after.name, now);
      repo.updatePermissions(tx, tenantId, id, { added, removed });
      if (touchesAdministration(bitsOfCodes(removed))) await requireAdministratorLeft(tx, tenantId, now);
      if (edits) raiseTenantEpoch(tx, tenantId);
      recordAudit(tx, ctx, tenantId, { action: 'role.update', target: `role:${id}`, before, after });
      if (edits) appendTenant(tx, tenantId);
      return after;
    }),

  deleteRole: (ctx, id) =>
    ctx.write(async (tx) => {
      const tenantId = ctx.tenant.id;
      const own = await lockAndRequire(ctx, tx);
      const role = await findOwn(tx, tenantId, id);
      if (!mayMakeOrDropRole(own, role.bits)) throw new AppError('grant_exceeds_own');
      const { user_roles, invitations, api_keys } = await repo.findRoleUse(tx, tenantId, id);
      if (user_roles + invitations + api_keys > 0) {
        const extensions = { uses: { user_roles, invitations, api_keys } };
        throw new AppError('in_use', 'Somebody has this role, is invited to it, or an API key rests on it', {
          extensions,
        });
      }
      repo.deleteRole(tx, tenantId, id, ctx.now());
      const before = describe(role, role.bits);
      recordAudit(tx, ctx, tenantId, { action: 'role.delete', target: `role:${id}`, before });
    }),
});

/** A role may be given anywhere, so it is made, changed and deleted by who may do so for the whole tenant. */
async function lockAndRequire(ctx: Ctx, tx: Tx) {
  const [, own] = await Promise.all([
    lockAssignments(tx, ctx.tenant.id),
    requireReach(ctx, tx, 'admin.role.write', wholeTenant),
  ]);
  return own;
}

async function findOwn(tx: Tx, tenantId: string, id: string): Promise<repo.RoleRow> {
  const role = await repo.findRole(tx, tenantId, id);
  if (role === undefined) throw new AppError('not_found');
  if (role.system) throw new AppError('system_role');
  return role;
}

const without = (bits: PermissionBits, other: PermissionBits): PermissionBits =>
  bits.map((byte, index) => byte & ~(other[index] ?? 0));

const describe = (role: Omit<repo.RoleRow, 'bits'>, bits: PermissionBits): Role => ({
  id: role.id,
  code: role.code,
  name: role.name,
  system: role.system,
  permissions: codesOf(bits),
  created_at: role.created_at.toISOString(),
  updated_at: role.updated_at.toISOString(),
});
