import type { Module, ModuleDeps } from '../module.js';

/** Machines: what they are, what they measure, what follows from it. */
export function telemetryModule(_deps: ModuleDeps): Module {
  const areas: readonly Module[] = [];
  return {
    implementations: areas.flatMap(({ implementations }) => implementations),
    internal: areas.flatMap(({ internal = [] }) => internal),
    dueWork: areas.flatMap(({ dueWork = [] }) => dueWork),
    background: areas.flatMap(({ background = [] }) => background),
  };
}
