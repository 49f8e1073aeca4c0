import type { Contract } from '@platen/schema/contract';
import type { Attack } from './security-table-attack.js';
import { requestAttacks, tokenAttacks, withoutToken, withToken } from './security-table-tokens.js';

const wantsToken = ({ access }: Contract): boolean => typeof access === 'object';
const isExchange = ({ access }: Contract): boolean => access === 'client_credentials';

/** On the listeners for our own processes. */
export const attacksAtInternalListeners: readonly Attack[] = [
  ...tokenAttacks(wantsToken, (world) => world.service),
  {
    name: "a user's token",
    applies: wantsToken,
    change: (request, { forger, user }) => withToken(request, forger.sign(user)),
    code: 'token_invalid',
  },
  {
    name: 'a token in a cookie',
    applies: wantsToken,
    change: (request, { forger, service, accessCookie }) => {
      const bare = withoutToken(request);
      return { ...bare, headers: { ...bare.headers, cookie: `${accessCookie}=${forger.sign(service)}` } };
    },
    code: 'authentication_required',
  },
  {
    name: 'a service without the scope',
    applies: wantsToken,
    change: (request, { forger, service }, { access }) => {
      const own = typeof access === 'object' && 'service' in access ? access.service : '';
      const others = service.scope.split(' ').filter((scope) => scope !== own);
      return withToken(request, forger.sign({ ...service, scope: others.join(' ') }));
    },
    code: 'insufficient_scope',
    members: ({ access }) => ({ scope: typeof access === 'object' && 'service' in access ? access.service : null }),
  },
  {
    name: 'a wrong secret',
    applies: isExchange,
    change: (request) => ({ ...request, body: { ...request.body, client_secret: 'wrong' } }),
    code: 'invalid_client',
  },
  {
    name: 'an unknown client',
    applies: isExchange,
    change: (request) => ({ ...request, body: { ...request.body, client_id: 'nobody' } }),
    code: 'invalid_client',
  },
  ...requestAttacks,
];
