import type { Implementation } from '@platen/chassis/http/types';
import { productionBoard, productionStages } from '@platen/schema/contracts/data/production';
import { productionJobs } from '@platen/schema/contracts/data/production-jobs';
import type { Tenant } from '../../feed/tenant.js';
import { implement } from '../module.js';
import type { ProductionService } from './service.js';

export const productionRoutes = ({ stages, jobs, readBoard }: ProductionService): Implementation<Tenant>[] => [
  implement(productionStages.list, ({ ctx }) => stages.list(ctx)),
  implement(productionStages.create, ({ ctx, body }) => stages.create(ctx, body)),
  implement(productionStages.update, ({ ctx, params, body }) => stages.update(ctx, params.id, body)),
  implement(productionStages.delete, ({ ctx, params }) => stages.delete(ctx, params.id)),
  implement(productionJobs.list, ({ ctx, query }) => jobs.list(ctx, query)),
  implement(productionJobs.get, ({ ctx, params }) => jobs.get(ctx, params.id)),
  implement(productionJobs.create, ({ ctx, body }) => jobs.create(ctx, body.order_id)),
  implement(productionJobs.update, ({ ctx, params, body }) => jobs.update(ctx, params.id, body)),
  implement(productionJobs.move, ({ ctx, params, body }) => jobs.move(ctx, params.id, body)),
  implement(productionJobs.approveArtwork, ({ ctx, params, body }) => jobs.approveArtwork(ctx, params.id, body)),
  implement(productionJobs.done, ({ ctx, params, body }) => jobs.recordDone(ctx, params.id, body)),
  implement(productionJobs.scrap, ({ ctx, params, body }) => jobs.recordScrap(ctx, params.id, body)),
  implement(productionJobs.reprint, ({ ctx, params, body }) => jobs.reprint(ctx, params.id, body)),
  implement(productionJobs.history, ({ ctx, params, query }) => jobs.listHistory(ctx, params.id, query)),
  implement(productionBoard.get, ({ ctx }) => readBoard(ctx)),
];
