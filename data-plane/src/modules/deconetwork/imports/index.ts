import type { Tx } from '@platen/chassis/db/types';
import { implementSite } from '@platen/chassis/http/implement';
import { deconetworkRework } from '@platen/schema/contracts/internal/deconetwork';
import type { Module, ModuleDeps, TenantCtx } from '../../module.js';
import { applyEngineOf, openCall } from '../apply/index.js';
import type { DnConnectionRow } from '../connections/find.js';
import { rework } from './rework.js';
import { importRoutes } from './routes.js';
import { createImportService } from './service.js';

/** Imports, what became of each record, and their second tries and undoing. */
export const importsArea = (
  deps: ModuleDeps,
  planInventory: (tx: Tx, ctx: TenantCtx, connection: DnConnectionRow) => Promise<void>,
): Module => {
  const engine = applyEngineOf(deps);
  return {
    implementations: importRoutes(createImportService({ cursors: deps.cursors, planInventory })),
    internal: [
      implementSite(deconetworkRework.rework, async ({ ctx, params, body }) =>
        rework(engine, await openCall(deps, ctx, params, body), body),
      ),
    ],
  };
};
