import { contracts } from '../../contract.js';
import { Jwks } from '../control/keys.js';

export const keySet = contracts('internal.keySet', {
  get: {
    method: 'GET',
    path: '/internal/key-set',
    access: 'public',
    summary: 'The keys that verify tokens, read anew',
    description:
      'For an instance that meets a token of a key it has not heard of. Without a token: its own may be of that key.',
    status: 200,
    response: Jwks,
  },
});
