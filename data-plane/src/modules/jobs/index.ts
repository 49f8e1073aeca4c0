import type { StorageProvider } from '../../storage/storage.js';
import type { EventFeed } from '../event-streams/index.js';
import type { Module, ModuleDeps } from '../module.js';
import { enterScope } from '../worker-scope.js';
import { runDueJob } from './due.js';
import { type DeleteFiles, expireJob } from './expire.js';
import { jobDue } from './places.js';
import { type EnterJob, jobRoutes, jobWorkRoutes } from './routes.js';
import { createJobService, type RequireRetry } from './service.js';
import { createJobWork } from './work-service.js';

export { reuseJobByContent } from './by-content.js';
export { findHeldJob, type JobHolder, lockHeldJob } from './held-job.js';
export { addJobMetrics } from './metrics.js';
export { lockPlaces } from './places.js';
export { type JobOrigin, type JobRequest, type RequestedJob, requestJob } from './request-job.js';
export type { RequireRetry } from './service.js';

/** Work that a worker does: asked for by other modules, followed and cancelled by people, taken up by workers. */
export function jobsModule(
  deps: ModuleDeps,
  own: {
    readonly events: EventFeed;
    readonly wakeDueWork: () => void;
    readonly storage: StorageProvider;
    readonly deleteFiles: DeleteFiles;
    readonly requireRetry: RequireRetry;
  },
): Module {
  const enter: EnterJob = (ctx, { tenant_id: tenantId, id }, scope) => ({
    tenantId,
    id,
    ids: ctx,
    db: enterScope(deps, tenantId, scope).db,
  });
  return {
    implementations: jobRoutes(createJobService({ ...deps, ...own }), own.events),
    internal: jobWorkRoutes(createJobWork(own.wakeDueWork), enter),
    dueWork: [
      { kinds: [jobDue.queued, jobDue.waiting, jobDue.running], leaseSeconds: 30, atOnce: 4, run: runDueJob },
      // Files may be many and their storage slow: what is queued does not wait for that.
      { kinds: [jobDue.finished], leaseSeconds: 300, atOnce: 2, run: (call) => expireJob(call, own) },
    ],
  };
}
