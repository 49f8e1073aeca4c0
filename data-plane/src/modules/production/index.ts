import type { Module, ModuleDeps } from '../module.js';
import { productionRoutes } from './routes.js';
import { createProductionService } from './service.js';

export { closeJobs, type OpenPieces, openPieces, workedPieces } from './for-orders.js';
export { ranksAfter } from './rank.js';
export { standardStages } from './stages-repo.js';

export const productionModule = ({ feed, cursors, openDb }: ModuleDeps): Module => ({
  implementations: productionRoutes(
    createProductionService({
      cursors,
      findOrganization: (tenantId, id) => feed.organization(tenantId, id),
      openDb,
    }),
  ),
});
