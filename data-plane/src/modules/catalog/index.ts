import type { Module, ModuleDeps } from '../module.js';

export const catalogModule = (_deps: ModuleDeps): Module => ({ implementations: [] });
