import { AppError } from '@platen/chassis/http/app-error';
import type { EventFeed } from '../event-streams/index.js';
import type { Module, ModuleDeps } from '../module.js';
import { type EnterJob, jobRoutes, jobWorkRoutes } from './routes.js';
import { createJobService } from './service.js';
import { createJobWork } from './work-service.js';

export { reuseJobByContent } from './by-content.js';
export { findHeldJob, type JobHolder, lockHeldJob } from './held-job.js';
export { type JobOrigin, type JobRequest, type RequestedJob, requestJob } from './request-job.js';

/** Work that a worker does: asked for by other modules, followed and cancelled by people, taken up by workers. */
export function jobsModule(
  deps: ModuleDeps,
  own: { readonly events: EventFeed; readonly wakeDueWork: () => void },
): Module {
  const enter: EnterJob = (ctx, { tenant_id: tenantId, id }, scope) => {
    const tenant = deps.feed.tenantById(tenantId);
    if (!tenant) throw new AppError('not_found');
    const { organization_id: organizationId, workspace_id: workspaceId = null } = scope;
    return {
      tenantId,
      id,
      newId: () => ctx.newId(),
      db: deps.openDb(tenant, { tenantId, organizationId, workspaceId }),
    };
  };
  return {
    implementations: jobRoutes(createJobService(deps), own.events),
    internal: jobWorkRoutes(createJobWork(own.wakeDueWork), enter),
  };
}
