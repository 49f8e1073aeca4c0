import { type Contract, type ContractTree, listContracts } from '@platen/schema/contract';
import { controlContracts } from '@platen/schema/contracts/control/index';
import { dataContracts } from '@platen/schema/contracts/data/index';
import { controlInternalContracts, dataInternalContracts } from '@platen/schema/contracts/internal/index';
import { platformContracts } from '@platen/schema/contracts/platform/index';

/** By reference: written out, the compiler finds it too long. */
interface Trees {
  readonly control: typeof controlContracts;
  readonly platform: typeof platformContracts;
  readonly data: typeof dataContracts;
  readonly controlInternal: typeof controlInternalContracts;
  readonly dataInternal: typeof dataInternalContracts;
}
const trees: Trees = {
  control: controlContracts,
  platform: platformContracts,
  data: dataContracts,
  controlInternal: controlInternalContracts,
  dataInternal: dataInternalContracts,
};
export type Listener = keyof Trees;

type NamesOf<T> = T extends { readonly path: string; readonly name: infer N extends string }
  ? N
  : T extends object
    ? { [K in keyof T]: NamesOf<T[K]> }[keyof T]
    : never;
/** Names of every contract of every listener; of the data plane's at tenants' hosts, and of the platform's, alone. */
export type ContractName = NamesOf<Trees[Listener]>;
export type DataContractName = NamesOf<typeof dataContracts>;
export type PlatformContractName = NamesOf<typeof platformContracts>;

export interface ListedContract {
  readonly contract: Contract;
  readonly listener: Listener;
}

export const everyContract: readonly ListedContract[] = (Object.entries(trees) as [Listener, ContractTree][]).flatMap(
  ([listener, tree]) => listContracts(tree).map((contract) => ({ contract, listener })),
);

export function memberOf({ path }: Contract): 'tenant' | 'platform' | 'internal' {
  if (path.startsWith('/internal/')) return 'internal';
  return path.startsWith('/platform/') ? 'platform' : 'tenant';
}
