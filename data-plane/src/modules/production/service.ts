import type { Cursors } from '@platen/chassis/http/cursor';
import type { FindOrganization } from '../documents/index.js';
import type { ModuleDeps, TenantCtx } from '../module.js';
import { readBoard } from './board.js';
import { approveArtwork, updateJob } from './change-job.js';
import { createJobs } from './create-jobs.js';
import { createMoveJob } from './move-job.js';
import { createJobReader } from './read-jobs.js';
import { recordDone, recordScrap } from './record-pieces.js';
import { createRenewRanks } from './renew-ranks.js';
import { reprintJob } from './reprint-job.js';
import { createStageService } from './stages-service.js';

export type ProductionService = ReturnType<typeof createProductionService>;

/** The shop floor: stages, the jobs that go through them, and the board that shows them. */
export const createProductionService = (deps: {
  readonly cursors: Cursors;
  readonly findOrganization: FindOrganization;
  readonly openDb: ModuleDeps['openDb'];
}) => ({
  stages: createStageService(deps.findOrganization),
  jobs: {
    ...createJobReader(deps.cursors),
    create: createJobs,
    update: updateJob,
    move: createMoveJob(createRenewRanks(deps.openDb)),
    approveArtwork,
    recordDone,
    recordScrap,
    reprint: reprintJob,
  },
  readBoard: (ctx: TenantCtx) => readBoard(ctx, deps.cursors),
});
