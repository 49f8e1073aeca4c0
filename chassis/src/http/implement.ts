import type { Contract } from '@platen/schema/contract';
import type {
  AnyCall,
  CallCtx,
  Ctx,
  Handler,
  Implementation,
  PlatformCtx,
  PlatformHandler,
  PlatformImplementation,
  SiteHandler,
  SiteImplementation,
  TenantRef,
} from './types.js';

/**
 * Binds a handler to a contract, typed in and out. A plane whose tenants are richer than `TenantRef` names its type:
 * `const implement = implementer<TenantEntry>()`.
 */
export const implementer =
  <T extends TenantRef>() =>
  <const C extends Contract>(contract: C, handler: Handler<C, T>): Implementation<T> => ({
    kind: 'tenant',
    contract,
    // The server hands in what it validated by this very contract.
    handler: handler as unknown as (call: AnyCall<Ctx<T>>) => Promise<unknown>,
  });

export const implement = implementer<TenantRef>();

/** For contracts of the platform's host. */
export const implementPlatform = <const C extends Contract>(
  contract: C,
  handler: PlatformHandler<C>,
): PlatformImplementation => ({
  kind: 'platform',
  contract,
  // As above.
  handler: handler as unknown as (call: AnyCall<PlatformCtx>) => Promise<unknown>,
});

/** For contracts that belong to no tenant: everything on an internal listener, and public documents such as key sets. */
export const implementSite = <const C extends Contract>(contract: C, handler: SiteHandler<C>): SiteImplementation => ({
  kind: 'site',
  contract,
  // As above.
  handler: handler as unknown as (call: AnyCall<CallCtx>) => Promise<unknown>,
});

/**
 * Each contract with its implementation, in the order of the contracts.
 * @throws Error naming every contract that is implemented not at all, twice, or without being declared
 */
export function pairContracts<I extends { readonly contract: Contract }>(
  contracts: readonly Contract[],
  implementations: readonly I[],
): I[] {
  const byName = new Map<string, I>();
  const problems: string[] = [];
  const declared = new Set(contracts);
  for (const implementation of implementations) {
    const { name } = implementation.contract;
    if (!declared.has(implementation.contract)) problems.push(`${name} is implemented but not declared`);
    if (byName.has(name)) problems.push(`${name} is implemented twice`);
    byName.set(name, implementation);
  }
  const pairs = contracts.flatMap((contract) => byName.get(contract.name) ?? []);
  for (const contract of contracts) {
    if (!byName.has(contract.name)) problems.push(`${contract.name} is declared but not implemented`);
  }
  if (problems.length > 0) throw new Error(`Contracts and implementations do not match: ${problems.join('; ')}`);
  return pairs;
}
