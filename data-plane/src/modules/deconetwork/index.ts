import type { Module, ModuleDeps } from '../module.js';
import { applyArea } from './apply/index.js';
import { type ConnectionSettings, connectionsArea } from './connections/index.js';
import { dnDriftArea } from './drift/index.js';
import { importsArea } from './imports/index.js';
import { mapsArea } from './maps/index.js';
import { dnWrites, planInventory, resumeWritesAfter } from './writes/index.js';

export { requireDnRetry } from './retry.js';

export type DeconetworkSettings = ConnectionSettings;

/** DecoNetwork sites: connections, what their records are here, imports, and what is written back. */
export function deconetworkModule(
  deps: ModuleDeps,
  own: DeconetworkSettings & { readonly isFeatureEnabled: (flag: string) => boolean },
): Module {
  const areas: readonly Module[] = [
    connectionsArea(deps, { ...own, planInventory, resumeWrites: resumeWritesAfter }),
    mapsArea(deps),
    applyArea(deps),
    importsArea(deps, planInventory),
    dnWrites(deps),
    dnDriftArea(deps),
  ];
  return {
    implementations: areas.flatMap(({ implementations }) => implementations),
    internal: areas.flatMap(({ internal = [] }) => internal),
    dueWork: areas.flatMap(({ dueWork = [] }) => dueWork),
  };
}
