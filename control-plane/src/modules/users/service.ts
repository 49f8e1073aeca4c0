import { AppError, invalidField } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import type { Ctx, RawJson } from '@platen/chassis/http/types';
import type { BodyOf, OutputOf, QueryOf } from '@platen/schema/contract';
import type { users } from '@platen/schema/contracts/control/users';
import { requireReach, wholeTenant } from '../access/index.js';
import { recordAudit } from '../audit/index.js';
import { normaliseEmail } from '../auth/index.js';
import * as repo from './repo.js';

export interface UserService {
  listUsers(ctx: Ctx, query: QueryOf<typeof users.list>): Promise<RawJson>;
  /** @throws AppError not_found */
  readUser(ctx: Ctx, id: string): Promise<OutputOf<typeof users.get>>;
  /** @throws AppError not_found, unknown_reference, validation_failed */
  updateUser(ctx: Ctx, id: string, body: BodyOf<typeof users.update>): Promise<OutputOf<typeof users.update>>;
}

export const createUserService = (deps: { readonly cursors: Cursors }): UserService => ({
  async listUsers(ctx, { status, email_prefix, name_prefix, role_id, ...query }) {
    await requireReach(ctx, ctx.db, 'admin.user.read', wholeTenant);
    const name = name_prefix?.normalize('NFC').toLowerCase() ?? null;
    const filters = [
      ctx.tenant.id,
      status ?? null,
      email_prefix === undefined ? null : normaliseEmail(email_prefix),
      name,
      role_id ?? null,
    ];
    return readPage(ctx, deps.cursors, repo.userPage, query, filters);
  },

  async readUser(ctx, id) {
    await requireReach(ctx, ctx.db, 'admin.user.read', wholeTenant);
    return found(await repo.findUser(ctx.db, ctx.tenant.id, id));
  },

  async updateUser(ctx, id, body) {
    const tenantId = ctx.tenant.id;
    return ctx.write(async (tx) => {
      await requireReach(ctx, tx, 'admin.user.write', wholeTenant);
      const { row: before } = found(await repo.lockUser(tx, tenantId, id));
      const patch = { name: body.name ?? before.name, ...defaultPlace(before, body) };
      const { default_organization_id: organizationId, default_workspace_id: workspaceId } = patch;
      const moves = organizationId !== before.default_organization_id || workspaceId !== before.default_workspace_id;
      if (moves && organizationId !== null && !(await repo.isPlace(tx, tenantId, organizationId, workspaceId))) {
        throw new AppError('unknown_reference');
      }
      const after = await repo.updateUser(tx, tenantId, id, patch);
      recordAudit(tx, ctx, tenantId, { action: 'user.update', target: `user:${id}`, before, after });
      return after;
    });
  },
});

/** @throws AppError not_found */
export function found<T>(row: T | undefined): T {
  if (row === undefined) throw new AppError('not_found');
  return row;
}

/** @throws AppError validation_failed */
function defaultPlace(before: repo.UserRow, body: BodyOf<typeof users.update>): Omit<repo.UserPatch, 'name'> {
  const { default_organization_id: organization, default_workspace_id: workspace } = body;
  const organizationId = organization === undefined ? before.default_organization_id : organization;
  // Where the organization changes, the workspace of the former one says nothing.
  const kept = organizationId === before.default_organization_id ? before.default_workspace_id : null;
  const workspaceId = workspace === undefined ? kept : workspace;
  if (organizationId === null && workspaceId !== null) {
    throw invalidField('/body/default_workspace_id', 'needs an organization');
  }
  return { default_organization_id: organizationId, default_workspace_id: workspaceId };
}
