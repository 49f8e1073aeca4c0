import type { Tx } from '@platen/chassis/db/types';
import type { Module, ModuleDeps, TenantCtx } from '../../module.js';
import type { DnConnectionRow } from '../connections/find.js';
import { importRoutes } from './routes.js';
import { createImportService } from './service.js';

/** Imports, what became of each record, and their second tries and undoing. */
export const importsArea = (
  deps: ModuleDeps,
  planInventory: (tx: Tx, ctx: TenantCtx, connection: DnConnectionRow) => Promise<void>,
): Module => ({
  implementations: importRoutes(createImportService({ cursors: deps.cursors, planInventory })),
});
