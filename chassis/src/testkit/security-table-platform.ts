import { type Contract, type PlatformRole, platformRoles } from '@platen/schema/contract';
import { audiences } from '../auth/claims.js';
import type { Attack } from './security-table-attack.js';
import { originAttacks, requestAttacks, tokenAttacks, withToken } from './security-table-tokens.js';

const roleOf = ({ access }: Contract): PlatformRole | null =>
  typeof access === 'object' && 'platform' in access ? access.platform : null;
const wantsToken = (contract: Contract): boolean => roleOf(contract) !== null;

/** Somebody who is signed in, with a role that is not enough. */
const tooLow = (role: PlatformRole, name: string): Attack => ({
  name,
  applies: (contract) => {
    const needed = roleOf(contract);
    return needed !== null && platformRoles.indexOf(role) < platformRoles.indexOf(needed);
  },
  change: (request, { forger, admins }) => withToken(request, forger.sign(admins[role])),
  code: 'platform_role_required',
  members: (contract) => ({ platform_role: roleOf(contract) }),
});

/** At the platform's own host. */
export const attacksAtPlatformHost: readonly Attack[] = [
  {
    name: 'a tenant’s host',
    applies: () => true,
    change: (request, { hosts }) => ({ ...request, host: hosts.own }),
    code: 'route_not_found',
  },
  {
    name: 'a tenant’s host, by its own administrator',
    applies: wantsToken,
    change: (request, { hosts, forger, user }) => withToken({ ...request, host: hosts.own }, forger.sign(user)),
    code: 'route_not_found',
  },
  {
    name: 'a host of nobody’s',
    applies: () => true,
    change: (request, { hosts }) => ({ ...request, host: hosts.unknown }),
    code: 'route_not_found',
  },
  ...tokenAttacks(wantsToken, (world) => world.admins.owner),
  {
    name: 'a tenant’s administrator',
    applies: wantsToken,
    change: (request, { forger, user }) => withToken(request, forger.sign(user)),
    code: 'token_invalid',
  },
  {
    name: 'a tenant’s claims under the platform’s audience',
    applies: wantsToken,
    change: (request, { forger, user }) => withToken(request, forger.sign({ ...user, aud: audiences.platform })),
    code: 'token_invalid',
  },
  {
    name: 'the platform’s claims under a tenant’s audience',
    applies: wantsToken,
    change: (request, { forger, admins }) =>
      withToken(request, forger.sign({ ...admins.owner, aud: audiences.tenant })),
    code: 'token_invalid',
  },
  {
    name: 'a service’s token',
    applies: wantsToken,
    change: (request, { forger, service }) => withToken(request, forger.sign(service)),
    code: 'token_invalid',
  },
  {
    name: 'a role that nobody has',
    applies: wantsToken,
    change: (request, { forger, admins }) => withToken(request, forger.sign({ ...admins.owner, rol: 'root' })),
    code: 'token_invalid',
  },
  {
    name: 'a role that is not theirs',
    applies: wantsToken,
    change: (request, { forger, admins }) => withToken(request, forger.sign({ ...admins.auditor, rol: 'owner' })),
    code: 'token_revoked',
  },
  {
    name: 'another administrator’s session',
    applies: wantsToken,
    change: (request, { forger, admins }) =>
      withToken(request, forger.sign({ ...admins.owner, sid: admins.auditor.sid })),
    code: 'token_revoked',
  },
  {
    name: 'a token of a session that has ended',
    applies: wantsToken,
    change: (request, { revokedAdminToken }) => withToken(request, revokedAdminToken),
    code: 'token_revoked',
  },
  tooLow('auditor', 'an auditor where more is needed'),
  tooLow('operator', 'an operator where the owner is needed'),
  ...originAttacks(
    ({ forger, admins, platformCookie }) => `${platformCookie}=${forger.sign(admins.owner)}`,
    ({ hosts }) => hosts.platform,
  ),
  ...requestAttacks,
];
