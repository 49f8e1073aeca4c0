import { Type } from 'typebox';
import { contracts, serviceScopes } from '../../contract.js';
import { closed, Id, IdParams, literals, page, pageQuery, partial, stamps } from '../shapes.js';
import { accountStatuses } from './admins.js';

const fields = {
  id: Id,
  /** The `client_id` of its credentials. */
  code: Type.String(),
  scopes: Type.Array(Type.String()),
  status: literals(accountStatuses),
  ...stamps,
};
export const ServiceAccount = closed(fields);
const WithSecret = closed({
  ...fields,
  secret: Type.String({ description: 'The `client_secret`; shown this once' }),
});
const Scopes = Type.Array(literals(serviceScopes), { minItems: 1, maxItems: serviceScopes.length, uniqueItems: true });
const owner = { platform: 'owner' } as const;

export const serviceAccounts = contracts('platform.serviceAccounts', {
  list: {
    method: 'GET',
    path: '/platform/service-accounts',
    access: owner,
    summary: 'List the accounts of our own processes, newest first',
    query: closed(pageQuery),
    status: 200,
    response: page(ServiceAccount),
    paged: true,
  },
  create: {
    method: 'POST',
    path: '/platform/service-accounts',
    access: owner,
    summary: 'Create an account for a process',
    description: 'The answer shows its secret, once.',
    body: closed({ code: Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' }), scopes: Scopes }),
    status: 201,
    response: WithSecret,
    errors: ['duplicate'],
    // A repeat must not show the secret again.
    idempotency: 'exempt',
  },
  update: {
    method: 'PATCH',
    path: '/platform/service-accounts/:id',
    access: owner,
    summary: 'Change what a process may do',
    description: 'Tokens given before keep their scopes for the hour that they live.',
    params: IdParams,
    body: partial({ scopes: Scopes }),
    status: 200,
    response: ServiceAccount,
    errors: ['not_found'],
  },
  rotateSecret: {
    method: 'POST',
    path: '/platform/service-accounts/:id/rotate-secret',
    access: owner,
    summary: 'Give a process another secret',
    description: 'The answer shows it, once. The former one gets no token any more.',
    params: IdParams,
    status: 200,
    response: WithSecret,
    errors: ['not_found'],
    idempotency: 'exempt',
  },
  disable: {
    method: 'POST',
    path: '/platform/service-accounts/:id/disable',
    access: owner,
    summary: 'Give a process no more tokens',
    params: IdParams,
    status: 200,
    response: ServiceAccount,
    errors: ['not_found'],
  },
  enable: {
    method: 'POST',
    path: '/platform/service-accounts/:id/enable',
    access: owner,
    summary: 'Give a disabled process tokens again',
    params: IdParams,
    status: 200,
    response: ServiceAccount,
    errors: ['not_found'],
  },
});
