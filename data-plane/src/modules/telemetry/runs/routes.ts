import type { Implementation } from '@platen/chassis/http/types';
import { jobRuns } from '@platen/schema/contracts/data/telemetry-job-runs';
import type { Tenant } from '../../../feed/tenant.js';
import { implement } from '../../module.js';
import type { RunService } from './runs-service.js';

export const runRoutes = (runs: RunService): Implementation<Tenant>[] => [
  implement(jobRuns.list, ({ ctx, query }) => runs.list(ctx, query)),
  implement(jobRuns.get, ({ ctx, params }) => runs.get(ctx, params.id)),
  implement(jobRuns.start, ({ ctx, body }) => runs.start(ctx, body)),
  implement(jobRuns.end, ({ ctx, params, body }) => runs.end(ctx, params.id, body.ended_at)),
];
