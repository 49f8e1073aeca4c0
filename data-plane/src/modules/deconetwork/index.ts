import type { Module, ModuleDeps } from '../module.js';

/** What one part of the integration serves. */
export type DeconetworkArea = Module;

/** DecoNetwork sites: connections, what their records are here, imports, and what is written back. */
export function deconetworkModule(_deps: ModuleDeps): Module {
  const areas: readonly DeconetworkArea[] = [];
  return {
    implementations: areas.flatMap(({ implementations }) => implementations),
    internal: areas.flatMap(({ internal = [] }) => internal),
    dueWork: areas.flatMap(({ dueWork = [] }) => dueWork),
  };
}
