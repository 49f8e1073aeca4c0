import type { Contract } from '@platen/schema/contract';
import type { Attack } from './security-table-attack.js';
import { originAttacks, requestAttacks, tokenAttacks, withToken } from './security-table-tokens.js';

const wantsToken = ({ access }: Contract): boolean => access !== 'public';
const guard = ({ access }: Contract) => (typeof access === 'object' && 'permission' in access ? access : null);
const isGuarded = (contract: Contract): boolean => guard(contract) !== null;
/** Documents that belong to the installation are the same at every host. */
const belongsToTenant = ({ path }: Contract): boolean => !path.startsWith('/.well-known/');
/** Administration of the tenant itself has no organization to choose. */
const wantsContext = (contract: Contract): boolean => guard(contract)?.permission.startsWith('admin.') === false;

/** Some contracts let devices in; everywhere else their secret is a text that is no token. */
const takesDevices = (contract: Contract): boolean => guard(contract)?.device === true;
/** As a secret is written, of nobody's. */
const deviceSecret = `pdev_${'0'.repeat(32)}.${'0'.repeat(16)}.${'A'.repeat(43)}`;

/** What a key has none of: a password, sessions, a choice that is kept. */
const wantsPerson = ({ errors }: Contract): boolean => errors?.includes('person_required') === true;

/** At tenants' hosts. */
export const attacksAtTenantHosts: readonly Attack[] = [
  {
    name: 'a host of nobody’s',
    applies: belongsToTenant,
    change: (request, { hosts }) => ({ ...request, host: hosts.unknown }),
    code: 'tenant_not_found',
  },
  {
    name: 'the platform’s host',
    applies: belongsToTenant,
    change: (request, { hosts }) => ({ ...request, host: hosts.platform }),
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
    name: 'an administrator of the platform',
    applies: wantsToken,
    change: (request, { forger, admins }) => withToken(request, forger.sign(admins.owner)),
    code: 'token_invalid',
  },
  {
    name: 'a device’s credential where no device has business',
    applies: (contract) => wantsToken(contract) && !takesDevices(contract),
    change: (request) => withToken(request, deviceSecret),
    code: 'token_invalid',
  },
  {
    name: 'a device’s credential that was never given',
    applies: takesDevices,
    change: (request) => withToken(request, deviceSecret),
    code: 'invalid_device_credential',
  },
  {
    name: 'a storefront of another organization',
    applies: wantsToken,
    change: (request, { hosts, forger, outsideStore }) =>
      withToken({ ...request, host: hosts.store }, forger.sign(outsideStore)),
    code: 'context_not_allowed',
  },
  {
    name: 'an API key in a person’s place',
    applies: wantsPerson,
    change: (request, { forger, user }) => withToken(request, forger.sign({ ...user, sub: user.jti, sid: user.jti })),
    code: 'person_required',
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
  ...originAttacks(
    ({ forger, user, accessCookie }) => `${accessCookie}=${forger.sign(user)}`,
    ({ hosts }) => hosts.own,
  ),
  ...requestAttacks,
];
