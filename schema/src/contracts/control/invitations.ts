import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { closed, Email, Id, IdParams, literals, nullable, page, pageQuery, stamps, Timestamp } from '../shapes.js';
import { roleScopes } from './user-roles.js';

export const invitationStates = ['open', 'accepted', 'revoked', 'expired'] as const;

export const Invitation = closed({
  id: Id,
  email: Email,
  role_id: Id,
  scope: literals(roleScopes),
  organization_id: nullable(Id),
  workspace_id: nullable(Id),
  status: literals(invitationStates),
  /** A user, an API key, or an administrator of the platform. */
  invited_by: Id,
  expires_at: Timestamp,
  accepted_at: nullable(Timestamp),
  revoked_at: nullable(Timestamp),
  ...stamps,
});

export const invitations = contracts('admin.invitations', {
  list: {
    method: 'GET',
    path: '/api/admin/invitations',
    access: requires('admin.invitation.read'),
    summary: 'List invitations, newest first',
    query: closed({ ...pageQuery, status: Type.Optional(literals(invitationStates)) }),
    status: 200,
    response: page(Invitation),
    paged: true,
    rateClass: 'read',
  },
  create: {
    method: 'POST',
    path: '/api/admin/invitations',
    access: requires('admin.invitation.write'),
    summary: 'Invite somebody by e-mail, with a role',
    description:
      'Who invites must be able to give the role at that scope. The link in the mail is good for seven days and once. Nobody but its reader gets to see it.',
    body: closed({
      email: Email,
      role_id: Id,
      scope: literals(roleScopes),
      organization_id: Type.Optional(nullable(Id)),
      workspace_id: Type.Optional(nullable(Id)),
    }),
    status: 201,
    response: Invitation,
    errors: ['unknown_reference', 'grant_exceeds_own', 'duplicate', 'illegal_transition', 'limit_reached'],
    rateClass: 'write',
  },
  resend: {
    method: 'POST',
    path: '/api/admin/invitations/:id/resend',
    access: requires('admin.invitation.write'),
    summary: 'Send the mail again, with a new link',
    description: 'The links sent before end. The new one is good for seven days.',
    params: IdParams,
    status: 200,
    response: Invitation,
    errors: ['grant_exceeds_own', 'illegal_transition', 'limit_reached'],
    rateClass: 'write',
  },
  revoke: {
    method: 'POST',
    path: '/api/admin/invitations/:id/revoke',
    access: requires('admin.invitation.write'),
    summary: 'Take an invitation back',
    description: 'Twice is fine.',
    params: IdParams,
    status: 200,
    response: Invitation,
    errors: ['illegal_transition'],
    rateClass: 'write',
  },
});
