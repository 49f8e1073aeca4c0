import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { closed, Id, nullable, Timestamp } from '../shapes.js';

export const access = contracts('access', {
  permissions: {
    method: 'GET',
    path: '/api/access/permissions',
    access: 'self',
    summary: 'What I may do in this context',
    status: 200,
    response: closed({
      context: closed({ organization_id: nullable(Id), workspace_id: nullable(Id) }),
      permissions: Type.Array(Type.String()),
      /** When the first role or override that this rests on ends; null: none does. */
      expires_at: nullable(Timestamp),
    }),
  },
});
