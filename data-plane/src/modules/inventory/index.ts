import type { Module, ModuleDeps } from '../module.js';
import { stockRoutes } from './routes.js';
import { createStockService } from './service.js';

/** Stock: what lies where, what is promised, and the ledger that proves both. */
export { countStock } from './adjustments/service.js';
export { keepsStock } from './keeps-stock.js';
export { findLocations, openHeldSheet, openOrderSheet, openSheet } from './open-sheet.js';
export { createSheet, type EntrySource, type Location, refuseShort, type Sheet } from './sheet.js';
export { standardLocations } from './standard-locations.js';
export { lockWaitingOrders } from './waiting-orders.js';
export { writeSheet } from './write-sheet.js';

export const inventoryModule = ({ cursors, feed }: ModuleDeps): Module => ({
  implementations: stockRoutes(
    createStockService({ cursors, findOrganization: (tenantId, id) => feed.organization(tenantId, id) }),
  ),
});
