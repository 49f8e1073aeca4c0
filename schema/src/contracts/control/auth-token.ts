import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { closed, Id, nullable, Timestamp } from '../shapes.js';

const exchange = contracts('auth', {
  token: {
    method: 'POST',
    path: '/api/auth/token',
    access: 'public',
    summary: 'Exchange an API key for a bearer token',
    description:
      'The token works where the key does. A key for the whole tenant names the organization (and workspace) to work in, or administers the tenant without one.',
    body: closed({
      api_key: Type.String({ minLength: 1, maxLength: 128 }),
      organization_id: Type.Optional(Id),
      workspace_id: Type.Optional(nullable(Id)),
    }),
    status: 200,
    response: closed({
      access_token: Type.String(),
      token_type: Type.Literal('Bearer'),
      /** Seconds. */
      expires_in: Type.Integer(),
      expires_at: Timestamp,
      context: closed({ organization_id: nullable(Id), workspace_id: nullable(Id) }),
    }),
    errors: ['invalid_api_key', 'context_not_allowed', 'workspace_required', 'too_many_attempts'],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
});
export const { token } = exchange;
