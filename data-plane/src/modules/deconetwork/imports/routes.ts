import { dnImportJobs, dnSync } from '@platen/schema/contracts/data/dn-imports';
import { implement, type Module } from '../../module.js';
import type { ImportService } from './service.js';

export const importRoutes = (service: ImportService): Module['implementations'] => [
  implement(dnImportJobs.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(dnImportJobs.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(dnImportJobs.create, ({ ctx, body }) => service.create(ctx, body)),
  implement(dnImportJobs.rows, ({ ctx, params, query }) => service.rows(ctx, params.id, query)),
  implement(dnImportJobs.row, ({ ctx, params }) => service.row(ctx, params.id, params.row_id)),
  implement(dnImportJobs.retry, ({ ctx, params }) => service.rework(ctx, params.id, 'retry')),
  implement(dnImportJobs.undo, ({ ctx, params }) => service.rework(ctx, params.id, 'undo')),
  implement(dnSync.start, ({ ctx, body }) => service.sync(ctx, body.connection_id)),
];
