import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { Code, closed, Id, Name, nullable } from '../shapes.js';
import { Session } from './auth.js';

const Workspace = closed({ id: Id, code: Code, name: Name });

export const context = contracts('context', {
  get: {
    method: 'GET',
    path: '/api/context',
    access: 'self',
    summary: 'The organizations and workspaces to choose from',
    status: 200,
    response: closed({
      current: closed({ organization_id: nullable(Id), workspace_id: nullable(Id) }),
      organizations: Type.Array(
        closed({
          id: Id,
          code: Code,
          name: Name,
          workspace_required: Type.Boolean(),
          /** May the caller work in the organization as a whole, without a workspace? */
          organization_wide: Type.Boolean(),
          workspaces: Type.Array(Workspace),
        }),
      ),
    }),
  },
  switch: {
    method: 'POST',
    path: '/api/context/switch',
    access: 'self',
    summary: 'Work in another organization or workspace',
    description: 'Issues a new token: in the cookie, and in the body for callers that came with a bearer token.',
    body: closed({ organization_id: Id, workspace_id: Type.Optional(nullable(Id)) }),
    status: 200,
    response: closed({ ...Session.properties, access_token: Type.Optional(Type.String()) }),
    errors: ['context_not_allowed', 'workspace_required', 'person_required'],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
});
