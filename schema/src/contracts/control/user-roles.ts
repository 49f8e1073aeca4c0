import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { closed, Id, IdParams, literals, nullable, page, pageQuery, Timestamp } from '../shapes.js';

export const roleScopes = ['tenant', 'organization', 'workspace'] as const;
export type RoleScope = (typeof roleScopes)[number];

export const UserRole = closed({
  id: Id,
  user_id: Id,
  role_id: Id,
  scope: literals(roleScopes),
  organization_id: nullable(Id),
  workspace_id: nullable(Id),
  expires_at: nullable(Timestamp),
  created_at: Timestamp,
});

/** What a new assignment says, for whoever previews one too. */
export const newUserRole = {
  user_id: Id,
  role_id: Id,
  scope: literals(roleScopes),
  organization_id: Type.Optional(nullable(Id)),
  workspace_id: Type.Optional(nullable(Id)),
  expires_at: Type.Optional(nullable(Timestamp)),
};

export const userRoles = contracts('admin.userRoles', {
  list: {
    method: 'GET',
    path: '/api/admin/user-roles',
    access: requires('admin.user_role.read'),
    summary: 'List who has which role, newest first',
    description: 'Those of the whole tenant for who holds the permission there, else those of the current context.',
    query: closed({
      ...pageQuery,
      user_id: Type.Optional(Id),
      role_id: Type.Optional(Id),
      organization_id: Type.Optional(Id),
    }),
    status: 200,
    response: page(UserRole),
    paged: true,
  },
  create: {
    method: 'POST',
    path: '/api/admin/user-roles',
    access: requires('admin.user_role.create'),
    summary: 'Give a user a role',
    description:
      'The scope says how far it reaches. The caller must hold every permission of the role at that scope. Tokens that the change makes stale are refused by every data plane within a second.',
    body: closed(newUserRole),
    status: 201,
    response: UserRole,
    errors: ['unknown_reference', 'grant_exceeds_own', 'duplicate'],
    rateClass: 'write',
  },
  delete: {
    method: 'DELETE',
    path: '/api/admin/user-roles/:id',
    access: requires('admin.user_role.delete'),
    summary: 'Take a role from a user',
    params: IdParams,
    status: 204,
    errors: ['grant_exceeds_own', 'last_admin'],
    rateClass: 'write',
  },
});
