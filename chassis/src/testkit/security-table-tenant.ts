import type { Contract } from '@platen/schema/contract';
import type { Attack, SecurityWorld, TableRequest } from './security-table-attack.js';
import { requestAttacks, tokenAttacks, withoutToken, withToken } from './security-table-tokens.js';

const wantsToken = ({ access }: Contract): boolean => access !== 'public';
const guard = ({ access }: Contract) => (typeof access === 'object' && 'permission' in access ? access : null);
const isGuarded = (contract: Contract): boolean => guard(contract) !== null;
const isWrite = ({ method }: Contract): boolean => method !== 'GET';
/** Documents that belong to the installation are the same at every host. */
const belongsToTenant = ({ path }: Contract): boolean => !path.startsWith('/.well-known/');
/** Administration of the tenant itself has no organization to choose. */
const wantsContext = (contract: Contract): boolean => guard(contract)?.permission.startsWith('admin.') === false;

const byCookie = (
  request: TableRequest,
  { forger, user, accessCookie }: SecurityWorld,
  origin?: string,
): TableRequest => {
  const bare = withoutToken(request);
  // Undefined too: a sample of a write by cookie has an origin of its own.
  return { ...bare, headers: { ...bare.headers, cookie: `${accessCookie}=${forger.sign(user)}`, origin } };
};

const origins: Readonly<Record<string, (world: SecurityWorld) => string | undefined>> = {
  'a write by cookie from a page of nobody’s': () => 'https://evil.example',
  'a write by cookie from a neighbour’s page': ({ hosts }) => `http://${hosts.other}`,
  'a write by cookie from a page at another port': ({ hosts }) => `http://${hosts.own.replace(/:\d+$/, '')}:1`,
  'a write by cookie from an opaque origin': () => 'null',
  'a write by cookie without an origin': () => undefined,
};

/** At tenants' hosts. */
export const attacksAtTenantHosts: readonly Attack[] = [
  {
    name: 'a host of nobody’s',
    applies: belongsToTenant,
    change: (request, { hosts }) => ({ ...request, host: hosts.unknown }),
    code: 'tenant_not_found',
  },
  {
    name: 'the host of a suspended tenant',
    applies: belongsToTenant,
    change: (request, { hosts, forger, suspendedTenantsUser }) => {
      const moved = { ...request, host: hosts.suspended };
      return request.headers['authorization'] === undefined
        ? moved
        : withToken(moved, forger.sign(suspendedTenantsUser));
    },
    code: 'tenant_suspended',
  },
  ...tokenAttacks(wantsToken, (world) => world.user),
  {
    name: 'another tenant’s token at this host',
    applies: wantsToken,
    change: (request, { forger, otherTenantsUser }) => withToken(request, forger.sign(otherTenantsUser)),
    code: 'token_tenant_mismatch',
  },
  {
    name: 'this token at another tenant’s host',
    applies: wantsToken,
    change: (request, { hosts }) => ({ ...request, host: hosts.other }),
    code: 'token_tenant_mismatch',
  },
  {
    name: 'another tenant’s id in the slug’s clothes',
    applies: wantsToken,
    change: (request, { forger, user, otherTenantsUser }) =>
      withToken(request, forger.sign({ ...otherTenantsUser, tsl: user.tsl })),
    code: 'token_tenant_mismatch',
  },
  {
    name: 'a token from before the tenant’s permissions changed',
    applies: wantsToken,
    change: (request, { forger, user }) =>
      withToken(request, forger.sign({ ...user, epo: [user.epo[0] - 1, user.epo[1]] })),
    code: 'token_stale',
  },
  {
    name: 'a token of a session that has ended',
    applies: wantsToken,
    change: (request, { revokedToken }) => withToken(request, revokedToken),
    code: 'token_revoked',
  },
  {
    name: 'a service’s token',
    applies: wantsToken,
    change: (request, { forger, service }) => withToken(request, forger.sign(service)),
    code: 'token_invalid',
  },
  {
    name: 'every permission but this one',
    applies: isGuarded,
    change: (request, { forger, user, allPermissionsBut }, contract) =>
      withToken(request, forger.sign({ ...user, prm: allPermissionsBut(guard(contract)?.permission ?? '') })),
    code: 'permission_denied',
    members: (contract) => ({ permission: guard(contract)?.permission }),
  },
  {
    name: 'no permission at all',
    applies: isGuarded,
    change: (request, { forger, user }) => withToken(request, forger.sign({ ...user, prm: '' })),
    code: 'permission_denied',
    members: (contract) => ({ permission: guard(contract)?.permission }),
  },
  {
    name: 'a tenant without the module',
    applies: isGuarded,
    change: (request, { forger, bareTenantsUser, hosts }) =>
      withToken({ ...request, host: hosts.bare }, forger.sign(bareTenantsUser)),
    code: 'module_unavailable',
    members: (contract) => ({ module: guard(contract)?.module }),
  },
  {
    name: 'no organization chosen',
    applies: wantsContext,
    change: (request, { forger, user }) => withToken(request, forger.sign({ ...user, org: null, ws: null })),
    code: 'context_required',
  },
  ...Object.entries(origins).map(
    ([name, origin]): Attack => ({
      name,
      applies: isWrite,
      change: (request, world) => byCookie(request, world, origin(world)),
      code: 'origin_not_allowed',
    }),
  ),
  ...requestAttacks,
];
