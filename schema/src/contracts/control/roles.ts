import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { permissionCodes } from '../../permissions.js';
import { Code, closed, Id, IdParams, literals, Name, page, pageQuery, partial, stamps } from '../shapes.js';

export const PermissionCodeOf = literals(permissionCodes);
const Count = Type.Integer({ minimum: 0 });

const RoleSummary = closed({
  id: Id,
  code: Code,
  name: Name,
  /** Every tenant has it, and none can change it. */
  system: Type.Boolean(),
  permission_count: Count,
  /** Assignments that hold, open invitations and live API keys, as far as the caller may see them. */
  user_role_count: Count,
  invitation_count: Count,
  api_key_count: Count,
  ...stamps,
});
export const Role = closed({
  id: Id,
  code: Code,
  name: Name,
  system: Type.Boolean(),
  permissions: Type.Array(Type.String()),
  ...stamps,
});
export const RolePermissions = Type.Array(PermissionCodeOf, { maxItems: 500 });

export const roles = contracts('admin.roles', {
  list: {
    method: 'GET',
    path: '/api/admin/roles',
    access: requires('admin.role.read'),
    summary: 'List roles, the oldest first',
    query: closed({ ...pageQuery, system: Type.Optional(Type.Boolean()) }),
    status: 200,
    response: page(RoleSummary),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/admin/roles/:id',
    access: requires('admin.role.read'),
    summary: 'Get a role with its permissions',
    params: IdParams,
    status: 200,
    response: Role,
  },
  create: {
    method: 'POST',
    path: '/api/admin/roles',
    access: requires('admin.role.write'),
    summary: 'Create a role',
    description: 'The caller must hold the permission, and everything that the role is to have, for the whole tenant.',
    body: closed({ code: Code, name: Name, permissions: RolePermissions }),
    status: 201,
    response: Role,
    errors: ['grant_exceeds_own', 'duplicate'],
    rateClass: 'write',
  },
  update: {
    method: 'PATCH',
    path: '/api/admin/roles/:id',
    access: requires('admin.role.write'),
    summary: 'Change the name or the permissions of a role',
    description:
      'Permissions replace those the role has. The caller must hold, for the whole tenant, each that is added or removed; those added for good. Everybody’s tokens are renewed within a second.',
    params: IdParams,
    body: partial({ name: Name, permissions: RolePermissions }),
    status: 200,
    response: Role,
    errors: ['system_role', 'grant_exceeds_own', 'last_admin'],
    rateClass: 'write',
  },
  delete: {
    method: 'DELETE',
    path: '/api/admin/roles/:id',
    access: requires('admin.role.write'),
    summary: 'Delete a role that nobody has',
    description:
      'Refused, with the counts, while an assignment, an open invitation or a live API key names it. The caller must hold what it has.',
    params: IdParams,
    status: 204,
    errors: ['system_role', 'grant_exceeds_own', 'in_use'],
    rateClass: 'write',
  },
});

const Permission = closed({
  code: Type.String(),
  module: Type.String(),
  description: Type.String(),
  /** Does the tenant have the module now? Without it the permission opens nothing. */
  module_available: Type.Boolean(),
});

export const permissions = contracts('admin.permissions', {
  list: {
    method: 'GET',
    path: '/api/admin/permissions',
    access: requires('admin.role.read'),
    summary: 'List every permission there is',
    status: 200,
    response: closed({ items: Type.Array(Permission) }),
  },
});
