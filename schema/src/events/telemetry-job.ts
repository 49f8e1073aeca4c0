import { ToldRun } from '../contracts/internal/production-runs.js';
import { closed, Id } from '../contracts/shapes.js';

export const topic = 'telemetry.job';

export const telemetryJobEvents = {
  /** A run began, counted or ended. Its key is the run's. */
  'telemetry.job.progressed': closed({ job_id: Id, run: ToldRun }),
} as const;
