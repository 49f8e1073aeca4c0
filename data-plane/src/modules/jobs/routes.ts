import { readLastEventId } from '@platen/chassis/http/event-stream';
import { implementSite } from '@platen/chassis/http/implement';
import type { CallCtx, Implementation, SiteImplementation } from '@platen/chassis/http/types';
import { jobs } from '@platen/schema/contracts/data/jobs';
import { jobs as jobWork } from '@platen/schema/contracts/internal/jobs';
import type { Tenant } from '../../feed/tenant.js';
import type { EventFeed } from '../event-streams/index.js';
import { implement } from '../module.js';
import { followJob, jobEventTypes } from './follow-job.js';
import type { JobService } from './service.js';
import type { JobWork, WorkCall } from './work-service.js';

export const jobRoutes = (service: JobService, events: EventFeed): Implementation<Tenant>[] => [
  implement(jobs.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(jobs.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(jobs.cancel, ({ ctx, params }) => service.cancel(ctx, params.id)),
  implement(jobs.retry, ({ ctx, params }) => service.retry(ctx, params.id)),
  implement(jobs.events, ({ ctx, params, query, request }) =>
    followJob(events, ctx, params.id, readLastEventId(request, query)),
  ),
  implement(jobs.allEvents, ({ ctx, query, request }) =>
    events.open(ctx, jobEventTypes, readLastEventId(request, query)),
  ),
];

/** Enters the scope that a worker names. @throws AppError not_found */
export type EnterJob = (
  ctx: Pick<CallCtx, 'newId'>,
  params: { readonly tenant_id: string; readonly id: string },
  scope: { readonly organization_id: string; readonly workspace_id?: string | null },
) => WorkCall;

export const jobWorkRoutes = (work: JobWork, enter: EnterJob): SiteImplementation[] => [
  implementSite(jobWork.claim, async ({ ctx, params, body }) => work.claim(enter(ctx, params, body), body)),
  implementSite(jobWork.progress, async ({ ctx, params, body }) => work.progress(enter(ctx, params, body), body)),
  implementSite(jobWork.complete, async ({ ctx, params, body }) => work.complete(enter(ctx, params, body), body)),
  implementSite(jobWork.fail, async ({ ctx, params, body }) => work.fail(enter(ctx, params, body), body)),
  implementSite(jobWork.release, async ({ ctx, params, body }) => work.release(enter(ctx, params, body), body)),
];
