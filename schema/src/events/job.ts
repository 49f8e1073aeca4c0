import { type Static, Type } from 'typebox';
import { closed, Id, literals, nullable, Version } from '../contracts/shapes.js';
import { jobKinds, jobStatuses } from '../states/job.js';

export const topic = 'erp.job';

/** The job as it is now. A reader that knows this version or a later one leaves it: events may come twice. */
const JobState = closed({
  job_id: Id,
  version: Version,
  kind: literals(jobKinds),
  status: literals(jobStatuses),
  attempts: Type.Integer({ minimum: 0 }),
  progress: Type.Integer({ minimum: 0 }),
  progress_total: nullable(Type.Integer({ minimum: 0 })),
});
export type JobState = Static<typeof JobState>;

export const jobEvents = {
  /** May be taken up: it is new, its time has come again, or whoever had it is gone. */
  'erp.job.queued': JobState,
  'erp.job.started': JobState,
  'erp.job.progressed': JobState,
  'erp.job.succeeded': JobState,
  'erp.job.failed': JobState,
  'erp.job.cancelled': JobState,
} as const;
