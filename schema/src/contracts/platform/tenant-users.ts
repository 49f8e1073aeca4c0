import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { closed, Email, Id, literals, Name, page, pageQuery, stamps } from '../shapes.js';

const userStatuses = ['invited', 'active', 'disabled'] as const;
export const TenantUser = closed({
  id: Id,
  email: Email,
  name: Name,
  status: literals(userStatuses),
  totp_enabled: Type.Boolean(),
  ...stamps,
});
const userParams = closed({ id: Id, user_id: Id });

/** What the platform may do about people of a tenant. Acting as one of them is not among it. */
export const tenantUsers = contracts('platform.tenantUsers', {
  list: {
    method: 'GET',
    path: '/platform/tenants/:id/users',
    access: { platform: 'auditor' },
    summary: 'List the users of a tenant, newest first',
    params: closed({ id: Id }),
    query: closed({ ...pageQuery, status: Type.Optional(literals(userStatuses)) }),
    status: 200,
    response: page(TenantUser),
    errors: ['not_found'],
    paged: true,
  },
  disable: {
    method: 'POST',
    path: '/platform/tenants/:id/users/:user_id/disable',
    access: { platform: 'operator' },
    summary: 'Keep a user of a tenant out',
    description: 'Ends their sessions. The last administrator of a tenant stays.',
    params: userParams,
    status: 200,
    response: TenantUser,
    errors: ['not_found', 'last_admin'],
  },
  enable: {
    method: 'POST',
    path: '/platform/tenants/:id/users/:user_id/enable',
    access: { platform: 'operator' },
    summary: 'Let a disabled user in again',
    params: userParams,
    status: 200,
    response: TenantUser,
    errors: ['not_found', 'limit_reached'],
  },
  resendInvitation: {
    method: 'POST',
    path: '/platform/tenants/:id/users/:user_id/resend-invitation',
    access: { platform: 'operator' },
    summary: 'Send an invited user a new link',
    description: 'The former link is worth nothing any more.',
    params: userParams,
    status: 200,
    response: TenantUser,
    errors: ['not_found', 'illegal_transition'],
  },
});
