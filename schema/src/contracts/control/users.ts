import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { closed, Email, Id, IdParams, literals, Name, nullable, page, pageQuery, partial, stamps } from '../shapes.js';

export const userStates = ['invited', 'active', 'disabled'] as const;

export const User = closed({
  id: Id,
  email: Email,
  /** Until an invitation is accepted, the e-mail. */
  name: Type.String(),
  status: literals(userStates),
  default_organization_id: nullable(Id),
  default_workspace_id: nullable(Id),
  totp_enabled: Type.Boolean(),
  ...stamps,
});

const Prefix = Type.String({ minLength: 1, maxLength: 254 });

export const users = contracts('admin.users', {
  list: {
    method: 'GET',
    path: '/api/admin/users',
    access: requires('admin.user.read'),
    summary: 'List users, newest first',
    description: 'Users are the whole tenant’s: the permission is needed at its scope, here and below.',
    query: closed({
      ...pageQuery,
      status: Type.Optional(literals(userStates)),
      email_prefix: Type.Optional(Prefix),
      /** Upper and lower case are alike. */
      name_prefix: Type.Optional(Prefix),
      /** Who has this role at any scope, now. */
      role_id: Type.Optional(Id),
    }),
    status: 200,
    response: page(User),
    paged: true,
    rateClass: 'read',
  },
  get: {
    method: 'GET',
    path: '/api/admin/users/:id',
    access: requires('admin.user.read'),
    summary: 'Get a user',
    params: IdParams,
    status: 200,
    response: User,
    rateClass: 'read',
  },
  update: {
    method: 'PATCH',
    path: '/api/admin/users/:id',
    access: requires('admin.user.write'),
    summary: 'Change a user’s name and where they begin',
    description: 'A new default organization without a workspace begins in the whole organization.',
    params: IdParams,
    body: partial({ name: Name, default_organization_id: nullable(Id), default_workspace_id: nullable(Id) }),
    status: 200,
    response: User,
    errors: ['unknown_reference'],
    rateClass: 'write',
  },
  disable: {
    method: 'POST',
    path: '/api/admin/users/:id/disable',
    access: requires('admin.user.write'),
    summary: 'Lock a user out',
    description:
      'Their sessions end on every data plane within a second, and invitations that they sent are revoked. Only who holds all that the user holds may do this, and nobody to themselves.',
    params: IdParams,
    status: 200,
    response: User,
    errors: ['self_change', 'last_admin', 'grant_exceeds_own'],
    rateClass: 'write',
  },
  enable: {
    method: 'POST',
    path: '/api/admin/users/:id/enable',
    access: requires('admin.user.write'),
    summary: 'Let a user in again',
    description: 'With the roles they have. Who never accepted an invitation is `invited` again.',
    params: IdParams,
    status: 200,
    response: User,
    errors: ['limit_reached', 'grant_exceeds_own'],
    rateClass: 'write',
  },
  resetTotp: {
    method: 'DELETE',
    path: '/api/admin/users/:id/totp',
    access: requires('admin.user.write'),
    summary: 'Remove a user’s authenticator and recovery codes',
    description: 'For a lost device. One’s own is removed with one’s password instead.',
    params: IdParams,
    status: 204,
    errors: ['self_change', 'grant_exceeds_own'],
    rateClass: 'write',
  },
  endSessions: {
    method: 'POST',
    path: '/api/admin/users/:id/end-sessions',
    access: requires('admin.user.write'),
    summary: 'End all sessions of a user',
    params: IdParams,
    status: 204,
    rateClass: 'write',
  },
});
