import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { closed } from '../shapes.js';

export const token = contracts('internal.token', {
  issue: {
    method: 'POST',
    path: '/internal/token',
    access: 'client_credentials',
    summary: 'Client credentials for a service token (RFC 6749 section 4.4)',
    body: closed({
      grant_type: Type.Literal('client_credentials'),
      client_id: Type.String({ minLength: 1, maxLength: 64 }),
      client_secret: Type.String({ minLength: 1, maxLength: 256 }),
    }),
    status: 200,
    response: closed({
      access_token: Type.String(),
      token_type: Type.Literal('Bearer'),
      expires_in: Type.Integer(),
      scope: Type.String(),
    }),
    errors: ['invalid_client'],
    idempotency: 'exempt',
    rateClass: 'auth',
  },
});
