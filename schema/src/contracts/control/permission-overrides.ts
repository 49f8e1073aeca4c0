import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { closed, Id, IdParams, literals, nullable, page, pageQuery, Timestamp } from '../shapes.js';
import { PermissionCodeOf } from './roles.js';
import { roleScopes } from './user-roles.js';

const effects = ['allow', 'deny'] as const;
const Reason = Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' });

export const PermissionOverride = closed({
  id: Id,
  user_id: Id,
  permission: Type.String(),
  effect: literals(effects),
  scope: literals(roleScopes),
  organization_id: nullable(Id),
  workspace_id: nullable(Id),
  reason: Reason,
  expires_at: nullable(Timestamp),
  created_at: Timestamp,
});
/** What a new override says, for whoever previews one too. */
export const newOverride = {
  user_id: Id,
  permission: PermissionCodeOf,
  effect: literals(effects),
  scope: literals(roleScopes),
  organization_id: Type.Optional(nullable(Id)),
  workspace_id: Type.Optional(nullable(Id)),
  expires_at: Type.Optional(nullable(Timestamp)),
};

export const permissionOverrides = contracts('admin.permissionOverrides', {
  list: {
    method: 'GET',
    path: '/api/admin/permission-overrides',
    access: requires('admin.permission_override.read'),
    summary: 'List permission overrides, newest first',
    description: 'Those of the whole tenant for who holds the permission there, else those of the current context.',
    query: closed({
      ...pageQuery,
      user_id: Type.Optional(Id),
      permission: Type.Optional(PermissionCodeOf),
      organization_id: Type.Optional(Id),
    }),
    status: 200,
    response: page(PermissionOverride),
    paged: true,
  },
  create: {
    method: 'POST',
    path: '/api/admin/permission-overrides',
    access: requires('admin.permission_override.write'),
    summary: 'Allow or deny a user one permission, whatever their roles say',
    description:
      'Overrides come after all roles, from the widest scope to the narrowest; deny wins within one. Nobody allows or denies what they do not hold at that scope, and none may leave the tenant without an administrator.',
    body: closed({ ...newOverride, reason: Reason }),
    status: 201,
    response: PermissionOverride,
    errors: ['unknown_reference', 'grant_exceeds_own', 'last_admin', 'duplicate'],
    rateClass: 'write',
  },
  delete: {
    method: 'DELETE',
    path: '/api/admin/permission-overrides/:id',
    access: requires('admin.permission_override.write'),
    summary: 'Remove a permission override',
    description: 'Taking a denial away gives the permission back: who does it must hold it.',
    params: IdParams,
    status: 204,
    errors: ['grant_exceeds_own', 'last_admin'],
    rateClass: 'write',
  },
});
