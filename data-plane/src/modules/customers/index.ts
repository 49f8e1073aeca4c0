import type { Module, ModuleDeps } from '../module.js';

export const customersModule = (_deps: ModuleDeps): Module => ({ implementations: [] });
