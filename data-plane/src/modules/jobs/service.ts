import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { RawJson } from '@platen/chassis/http/types';
import type { QueryOf } from '@platen/schema/contract';
import type { jobs } from '@platen/schema/contracts/data/jobs';
import { jobMachine } from '@platen/schema/states/job';
import { foundJson } from '../../stored-json.js';
import { actorOf, requireMove, requireVersion } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import { finishJob, reopenJob, requestCancelOfJob } from './moves-repo.js';
import { lockPlaces } from './places.js';
import { findJob, type JobRow, listJobs, lockJob } from './repo.js';
import { requirePlace } from './request-job.js';
import { tellMove } from './tell.js';

export interface JobService {
  list(ctx: TenantCtx, query: QueryOf<typeof jobs.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  cancel(ctx: TenantCtx, id: string): Promise<RawJson>;
  retry(ctx: TenantCtx, id: string): Promise<RawJson>;
}

/** Asked before a job is tried again. @throws AppError when the caller may not do what the job does */
export type RequireRetry = (ctx: TenantCtx, job: Pick<JobRow, 'kind' | 'payload'>) => void;

export const createJobService = (deps: {
  readonly cursors: Cursors;
  readonly requireRetry: RequireRetry;
}): JobService => ({
  list(ctx, { kind, status, mine, ...query }) {
    const by = mine === true ? actorOf(ctx) : undefined;
    return listJobs(ctx, deps.cursors, query, {
      ...(kind !== undefined && { kind }),
      ...(status !== undefined && { status }),
      ...(by !== undefined && { requested_by: by }),
    });
  },

  get: async (ctx, id) => foundJson(await findJob(ctx.db, id)),

  cancel: (ctx, id) =>
    ctx.write(async (tx) => {
      const job = foundRow(await lockJob(tx, id));
      requireVersion(ctx, job.version);
      // Told once; its worker hears it with its next report.
      if (job.status === 'running') return jsonOf(job.is_cancelling ? job : await requestCancelOfJob(tx, id));
      requireMove(jobMachine, job.status, 'cancelled');
      const cancelled = await finishJob(tx, id, 'cancelled');
      tellMove(tx, ctx, cancelled);
      return jsonOf(cancelled);
    }),

  retry: (ctx, id) =>
    ctx.write(async (tx) => {
      const [, found] = await Promise.all([lockPlaces(tx, ctx.tenant.id), lockJob(tx, id)]);
      const job = foundRow(found);
      requireVersion(ctx, job.version);
      // A running job goes back to the queue too, but not because somebody asks for it.
      if (job.status === 'running') throw notFailed(job);
      requireMove(jobMachine, job.status, 'queued');
      deps.requireRetry(ctx, job);
      await requirePlace(tx, ctx.tenant.id);
      const queued = await reopenJob(tx, id);
      tellMove(tx, ctx, queued);
      return jsonOf(queued);
    }),
});

const jsonOf = ({ json, version }: JobRow): RawJson => new RawJson(json, version);

const notFailed = (job: JobRow): AppError =>
  new AppError('illegal_transition', 'Only what failed is tried again', {
    extensions: { current: job.status, allowed: jobMachine.moves[job.status].filter((status) => status !== 'queued') },
  });

/** @throws AppError not_found */
export function foundRow(job: JobRow | undefined): JobRow {
  if (!job) throw new AppError('not_found');
  return job;
}
