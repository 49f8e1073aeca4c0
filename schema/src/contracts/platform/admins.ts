import { Type } from 'typebox';
import { contracts, platformRoles } from '../../contract.js';
import { NewPassword } from '../control/auth-account.js';
import { closed, Email, Id, IdParams, literals, Name, page, pageQuery, partial, stamps } from '../shapes.js';

export const accountStatuses = ['active', 'disabled'] as const;

export const PlatformAdmin = closed({
  id: Id,
  email: Email,
  name: Name,
  role: literals(platformRoles),
  status: literals(accountStatuses),
  totp_enabled: Type.Boolean(),
  ...stamps,
});

const owner = { platform: 'owner' } as const;

export const admins = contracts('platform.admins', {
  list: {
    method: 'GET',
    path: '/platform/admins',
    access: owner,
    summary: 'List the administrators of the platform, newest first',
    query: closed({
      ...pageQuery,
      role: Type.Optional(literals(platformRoles)),
      status: Type.Optional(literals(accountStatuses)),
    }),
    status: 200,
    response: page(PlatformAdmin),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/platform/admins/:id',
    access: owner,
    summary: 'Get an administrator of the platform',
    params: IdParams,
    status: 200,
    response: PlatformAdmin,
    errors: ['not_found'],
  },
  create: {
    method: 'POST',
    path: '/platform/admins',
    access: owner,
    summary: 'Create an administrator of the platform',
    description: 'Hand over the password by a way of your own; they change it once they are in.',
    body: closed({ email: Email, name: Name, role: literals(platformRoles), password: NewPassword }),
    status: 201,
    response: PlatformAdmin,
    errors: ['duplicate', 'password_unacceptable', 'sign_in_busy'],
    // A repeat is a duplicate, and nothing is kept that the password could be guessed from.
    idempotency: 'exempt',
  },
  update: {
    method: 'PATCH',
    path: '/platform/admins/:id',
    access: owner,
    summary: 'Change an administrator’s name or role',
    description: 'Another role ends their sessions. Nobody changes their own; the last active owner stays.',
    params: IdParams,
    body: partial({ name: Name, role: literals(platformRoles) }),
    status: 200,
    response: PlatformAdmin,
    errors: ['not_found', 'self_change', 'last_owner'],
  },
  disable: {
    method: 'POST',
    path: '/platform/admins/:id/disable',
    access: owner,
    summary: 'Keep an administrator out',
    params: IdParams,
    status: 200,
    response: PlatformAdmin,
    errors: ['not_found', 'self_change', 'last_owner'],
  },
  enable: {
    method: 'POST',
    path: '/platform/admins/:id/enable',
    access: owner,
    summary: 'Let a disabled administrator in again',
    params: IdParams,
    status: 200,
    response: PlatformAdmin,
    errors: ['not_found'],
  },
  resetPassword: {
    method: 'POST',
    path: '/platform/admins/:id/reset-password',
    access: owner,
    summary: 'Give an administrator another password',
    description:
      'Ends their sessions; with `remove_totp`, their authenticator goes too. One’s own is changed at `auth`.',
    params: IdParams,
    body: closed({ password: NewPassword, remove_totp: Type.Optional(Type.Boolean()) }),
    status: 200,
    response: PlatformAdmin,
    errors: ['not_found', 'self_change', 'password_unacceptable', 'sign_in_busy'],
    idempotency: 'exempt',
  },
});
