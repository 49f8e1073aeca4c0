import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { closed, Id, IdParams, literals, Name, nullable, page, pageQuery, stamps, Timestamp } from '../shapes.js';
import { roleScopes } from './user-roles.js';

export const ApiKey = closed({
  id: Id,
  name: Name,
  /** How the key begins, after `pk_`: enough to tell it from others, and nothing to use. */
  prefix: Type.String(),
  role_id: Id,
  scope: literals(roleScopes),
  organization_id: nullable(Id),
  workspace_id: nullable(Id),
  created_by: Id,
  expires_at: nullable(Timestamp),
  last_used_at: nullable(Timestamp),
  revoked_at: nullable(Timestamp),
  ...stamps,
});

export const apiKeys = contracts('admin.apiKeys', {
  list: {
    method: 'GET',
    path: '/api/admin/api-keys',
    access: requires('admin.api_key.read'),
    summary: 'List API keys, newest first',
    query: closed({ ...pageQuery, revoked: Type.Optional(Type.Boolean()) }),
    status: 200,
    response: page(ApiKey),
    paged: true,
    rateClass: 'read',
  },
  create: {
    method: 'POST',
    path: '/api/admin/api-keys',
    access: requires('admin.api_key.write'),
    summary: 'Create an API key',
    description:
      'For a machine, with one role at one scope: no more than the caller holds there, and no longer. The key itself is shown in this answer only; the same answer given again has null.',
    body: closed({
      name: Name,
      role_id: Id,
      scope: literals(roleScopes),
      organization_id: Type.Optional(nullable(Id)),
      workspace_id: Type.Optional(nullable(Id)),
      expires_at: Type.Optional(nullable(Timestamp)),
    }),
    status: 201,
    response: closed({ ...ApiKey.properties, key: nullable(Type.String()) }),
    errors: ['unknown_reference', 'grant_exceeds_own'],
    rateClass: 'write',
  },
  revoke: {
    method: 'POST',
    path: '/api/admin/api-keys/:id/revoke',
    access: requires('admin.api_key.write'),
    summary: 'Revoke an API key',
    description: 'Every data plane refuses its tokens within a second. Twice is fine.',
    params: IdParams,
    status: 200,
    response: ApiKey,
    rateClass: 'write',
  },
});
