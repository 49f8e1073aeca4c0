import { Type } from 'typebox';
import { contracts } from '../../contract.js';

/** RFC 7517, public RSA members only. Open, because a key set may gain members (RFC 7517 section 4). */
export const Jwk = Type.Object({
  kty: Type.Literal('RSA'),
  kid: Type.String(),
  use: Type.Literal('sig'),
  alg: Type.Literal('RS256'),
  n: Type.String(),
  e: Type.String(),
});
export const Jwks = Type.Object({ keys: Type.Array(Jwk) });

export const keys = contracts('keys', {
  jwks: {
    method: 'GET',
    path: '/.well-known/jwks.json',
    access: 'public',
    summary: 'The keys that verify access tokens',
    status: 200,
    response: Jwks,
  },
});
