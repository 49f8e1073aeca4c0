import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { Code, closed, Id, IdParams, Name, nullable, page, pageQuery, partial, stamps } from '../shapes.js';

export const Store = closed({
  id: Id,
  code: Code,
  name: Name,
  domain_id: Id,
  /** Its host. */
  domain: Type.String(),
  organization_id: Id,
  /** null: whoever signs in there works in any workspace of the organization, or in the whole of it. */
  workspace_id: nullable(Id),
  ...stamps,
});

export const newStore = {
  code: Code,
  name: Name,
  domain_id: Id,
  organization_id: Id,
  workspace_id: Type.Optional(nullable(Id)),
};

export const stores = contracts('admin.stores', {
  list: {
    method: 'GET',
    path: '/api/admin/stores',
    access: requires('admin.store.read'),
    summary: 'List storefronts, newest first',
    description: 'Those of the organizations where the caller may read them.',
    query: closed({ ...pageQuery, organization_id: Type.Optional(Id) }),
    status: 200,
    response: page(Store),
    paged: true,
    rateClass: 'read',
  },
  get: {
    method: 'GET',
    path: '/api/admin/stores/:id',
    access: requires('admin.store.read'),
    summary: 'Get a storefront',
    params: IdParams,
    status: 200,
    response: Store,
    rateClass: 'read',
  },
  create: {
    method: 'POST',
    path: '/api/admin/stores',
    access: requires('admin.store.write'),
    summary: 'Open a storefront at a domain',
    description:
      "Its host then stands for one organization, or one workspace: nobody works in another one there. The domain is a verified one of the tenant's own, and not the primary one; to take it, the permission is needed for the whole tenant.",
    body: closed(newStore),
    status: 201,
    response: Store,
    errors: ['unknown_reference', 'duplicate', 'domain_unverified', 'domain_unacceptable'],
    rateClass: 'write',
  },
  update: {
    method: 'PATCH',
    path: '/api/admin/stores/:id',
    access: requires('admin.store.write'),
    summary: 'Change a storefront',
    description: 'Sessions at its host go on in the new context, if their users have access to it.',
    params: IdParams,
    body: partial({ name: Name, domain_id: Id, organization_id: Id, workspace_id: nullable(Id) }),
    status: 200,
    response: Store,
    errors: ['unknown_reference', 'duplicate', 'domain_unverified', 'domain_unacceptable'],
    rateClass: 'write',
  },
  delete: {
    method: 'DELETE',
    path: '/api/admin/stores/:id',
    access: requires('admin.store.write'),
    summary: 'Close a storefront',
    description: 'Its domain stays, as one of the whole tenant. What was sold there keeps its store.',
    params: IdParams,
    status: 204,
    rateClass: 'write',
  },
});
