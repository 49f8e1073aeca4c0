import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { Code, closed, Id, IdParams, Name, page, pageQuery, partial, stamps } from '../shapes.js';
import { PlaceStatus } from './organizations.js';

export const Workspace = closed({
  id: Id,
  organization_id: Id,
  code: Code,
  name: Name,
  status: PlaceStatus,
  ...stamps,
});

export const workspaces = contracts('admin.workspaces', {
  list: {
    method: 'GET',
    path: '/api/admin/workspaces',
    access: requires('admin.organization.read'),
    summary: 'List workspaces, newest first',
    description: 'Those of the organizations that the caller may read.',
    query: closed({ ...pageQuery, organization_id: Type.Optional(Id), status: Type.Optional(PlaceStatus) }),
    status: 200,
    response: page(Workspace),
    paged: true,
    rateClass: 'read',
  },
  create: {
    method: 'POST',
    path: '/api/admin/workspaces',
    access: requires('admin.workspace.write'),
    summary: 'Create a workspace',
    body: closed({ organization_id: Id, code: Code, name: Name }),
    status: 201,
    response: Workspace,
    errors: ['unknown_reference', 'duplicate'],
    rateClass: 'write',
  },
  update: {
    method: 'PATCH',
    path: '/api/admin/workspaces/:id',
    access: requires('admin.workspace.write'),
    summary: 'Rename, archive or restore a workspace',
    description:
      'An archived one keeps its data; tokens for it are refused within a second. One with storefronts stays.',
    params: IdParams,
    body: partial({ name: Name, status: PlaceStatus }),
    status: 200,
    response: Workspace,
    errors: ['in_use'],
    rateClass: 'write',
  },
});
