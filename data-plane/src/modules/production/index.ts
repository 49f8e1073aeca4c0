import { implementSite } from '@platen/chassis/http/implement';
import { productionRuns } from '@platen/schema/contracts/internal/production-runs';
import type { Module, ModuleDeps } from '../module.js';
import { createRecordRun, type RecordRun } from './record-run.js';
import { productionRoutes } from './routes.js';
import { createProductionService } from './service.js';

export { closeJobs, type OpenPieces, openPieces, workedPieces } from './for-orders.js';
export { findWork, type Work } from './orders-repo.js';
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
  internal: [implementRun(createRecordRun({ feed, openDb }))],
});

const implementRun = (recordRun: RecordRun) =>
  implementSite(productionRuns.record, ({ ctx, params, body }) => recordRun(ctx, params, body));
