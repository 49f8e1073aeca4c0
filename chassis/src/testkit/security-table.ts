import type { Contract } from '@platen/schema/contract';
import { faultsOfProblem, type SentProblem } from './problem-document.js';
import type { Sample, SecurityWorld, TableRequest } from './security-table-attack.js';
import { attacksAtInternalListeners } from './security-table-internal.js';
import { attacksAtPlatformHost } from './security-table-platform.js';
import { attacksAtTenantHosts } from './security-table-tenant.js';

export const securityAttacks = {
  tenant: attacksAtTenantHosts,
  platform: attacksAtPlatformHost,
  internal: attacksAtInternalListeners,
} as const;

export function requestOf(contract: Contract, sample: Sample, host: string, token: string | null): TableRequest {
  const path = contract.path.replace(/:(\w+)/g, (_, name: string) => {
    const value = sample.params?.[name];
    if (value === undefined) throw new Error(`The sample of ${contract.name} lacks :${name}`);
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams(sample.query).toString();
  return {
    method: contract.method,
    host,
    path: query === '' ? path : `${path}?${query}`,
    headers: { ...sample.headers, ...(token !== null && { authorization: `Bearer ${token}` }) },
    body: sample.body,
  };
}

const openToAll: readonly unknown[] = ['public', 'platform_public', 'client_credentials'];

/** The valid call: by the user at a tenant's host, by the owner at the platform's, by the service at an internal listener. */
export function validRequest(contract: Contract, sample: Sample, world: SecurityWorld): TableRequest {
  const { host, claims } = {
    tenant: { host: world.hosts.own, claims: world.user },
    platform: { host: world.hosts.platform, claims: world.admins.owner },
    internal: { host: world.hosts.internal, claims: world.service },
  }[world.isMember(contract)];
  const token = openToAll.includes(contract.access) ? null : world.forger.sign(claims);
  return requestOf(contract, sample, host, token);
}

export interface TableOutcome {
  readonly attacks: number;
  /** One line for each attack that was not refused as it should be. */
  readonly findings: string[];
}

/** Every attack that applies to this contract, against one sample of it. */
export async function attackContract(
  contract: Contract,
  sample: Sample,
  world: SecurityWorld,
  send: (request: TableRequest) => Promise<SentProblem>,
): Promise<TableOutcome> {
  const attacks = securityAttacks[world.isMember(contract)].filter((attack) => attack.applies(contract));
  const valid = validRequest(contract, sample, world);
  const findings = await Promise.all(
    attacks.map(async (attack) => {
      const answer = await send(attack.change(valid, world, contract));
      const faults = faultsOfProblem(answer, attack.code, attack.members?.(contract));
      return faults.map((fault) => `${contract.name}, ${attack.name}: ${fault}`);
    }),
  );
  return { attacks: attacks.length, findings: findings.flat() };
}
