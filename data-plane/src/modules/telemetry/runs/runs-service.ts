import { isUniqueViolation } from '@platen/chassis/db/errors';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { RawJson } from '@platen/chassis/http/types';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { jobRuns } from '@platen/schema/contracts/data/telemetry-job-runs';
import { foundJson } from '../../../stored-json.js';
import { requireStatus, requireVersion } from '../../documents/index.js';
import type { ModuleDeps, TenantCtx } from '../../module.js';
import { requirePermission } from '../../permission.js';
import { findWork } from '../../production/index.js';
import { putCount } from './count-due.js';
import { countRun } from './count-run.js';
import * as repo from './runs-repo.js';

export interface RunService {
  list(ctx: TenantCtx, query: QueryOf<typeof jobRuns.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  start(ctx: TenantCtx, body: BodyOf<typeof jobRuns.start>): Promise<RawJson>;
  end(ctx: TenantCtx, id: string, endedAt: string | undefined): Promise<RawJson>;
}

const dayMs = 86_400_000;
/** Of whoever asks, whose clock may be a little ahead. */
const skewMs = 60_000;

export function createRunService(deps: Pick<ModuleDeps, 'cursors' | 'openDb'>): RunService {
  const { cursors } = deps;
  return {
    list: (ctx, { limit, cursor, open, ...filters }) =>
      repo.listRuns(ctx, cursors, pageOf(limit, cursor), {
        ...filters,
        ...(open !== undefined && { open: `${open}` }),
      }),

    get: async (ctx, id) => foundJson(await repo.findRun(ctx.db, id)),

    async start(ctx, body) {
      requireRecording(ctx);
      const startedAt = momentOf(ctx, body.started_at, '/body/started_at');
      if (startedAt.getTime() < ctx.now().getTime() - dayMs)
        throw wrongMoment('/body/started_at', 'is more than a day ago');
      const work = await requireWork(deps, ctx, body);
      const parts = await repo.findParts(ctx.db, body.device_id, body.metric_id);
      if (!parts.device) throw unknown('device_id', 'names no device that is in use');
      if (parts.counter !== true)
        throw unknown('metric_id', parts.counter === null ? 'names no metric' : 'is no counter');
      const run: repo.NewRun = {
        id: ctx.newId(),
        workspaceId: work.workspace_id,
        deviceId: body.device_id,
        metricId: body.metric_id,
        jobId: body.job_id,
        jobNumber: work.number,
        piecesPerCount: body.pieces_per_count ?? 1,
        startedAt,
        nextStageId: body.next_stage_id ?? null,
      };
      return ctx.write(async (tx) => {
        await endOther(tx, ctx, run);
        const written = await insertOrConflict(tx, ctx, run);
        await countAndTell(tx, ctx, run.id);
        return foundJson(written);
      });
    },

    end(ctx, id, endedAt) {
      requireRecording(ctx);
      const at = momentOf(ctx, endedAt, '/body/ended_at');
      return ctx.write(async (tx) => {
        const run = await repo.lockRun(tx, id);
        if (run === undefined) throw new AppError('not_found');
        requireVersion(ctx, run.version);
        requireStatus(run.ended_ms === null ? 'open' : 'ended', ['open'], 'end');
        if (at.getTime() < run.started_ms) throw wrongMoment('/body/ended_at', 'is before its start');
        const written = await repo.endRun(tx, id, at, ctx.now());
        await countAndTell(tx, ctx, id);
        return foundJson(written);
      });
    },
  };
}

const pageOf = (limit: number | undefined, cursor: string | undefined) => ({
  ...(limit !== undefined && { limit }),
  ...(cursor !== undefined && { cursor }),
});

const requireRecording = (ctx: TenantCtx): void =>
  requirePermission(ctx, 'erp.production_job.record', 'What a machine counts is recorded in your name');

/** @throws AppError validation_failed for the future */
function momentOf(ctx: TenantCtx, given: string | undefined, path: string): Date {
  const now = ctx.now();
  if (given === undefined) return now;
  const at = new Date(given);
  if (at.getTime() > now.getTime() + skewMs) throw wrongMoment(path, 'is in the future');
  return at;
}
const wrongMoment = (path: string, message: string) =>
  new AppError('validation_failed', undefined, { fields: [{ path, message }] });
const unknown = (field: string, message: string) =>
  new AppError('unknown_reference', undefined, { fields: [{ path: `/body/${field}`, message }] });

/** The job and the stage, looked at in the other database as the caller. */
async function requireWork(
  { openDb }: Pick<ModuleDeps, 'openDb'>,
  ctx: TenantCtx,
  { job_id: jobId, next_stage_id: stageId = null }: BodyOf<typeof jobRuns.start>,
) {
  const { tenant, organizationId, workspaceId } = ctx;
  const db = openDb(tenant, { tenantId: tenant.id, organizationId, workspaceId });
  const work = await findWork(db, jobId, stageId);
  // A job of the whole organization is seen from a workspace, and is not that workspace's to record.
  if (!work || (workspaceId !== null && work.workspace_id !== workspaceId)) throw unknown('job_id', 'names no job');
  requireStatus(work.status, ['open'], 'machine');
  requireStatus(work.order_status, ['in_production'], 'machine');
  if (stageId !== null && !work.has_stage) throw unknown('next_stage_id', 'names no stage');
  return work;
}

/** What was on the machine ends where the new run begins, and nothing is counted twice. */
async function endOther(tx: Tx, ctx: TenantCtx, run: repo.NewRun): Promise<void> {
  const other = await repo.lockOpenRun(tx, run.deviceId);
  if (other === undefined) return;
  if (other.started_ms > run.startedAt.getTime()) {
    throw new AppError('conflict', 'Another job came onto this machine after that');
  }
  await repo.endRun(tx, other.id, run.startedAt, ctx.now());
  await countAndTell(tx, ctx, other.id);
}

async function insertOrConflict(tx: Tx, ctx: TenantCtx, run: repo.NewRun) {
  try {
    return await repo.insertRun(tx, ctx, run);
  } catch (error) {
    // Somebody else's, at the same moment or in a workspace that is not seen here.
    if (!isUniqueViolation(error, 'tel_job_runs_open_idx')) throw error;
    throw new AppError('conflict', 'Another job came onto this machine', { cause: error });
  }
}

async function countAndTell(tx: Tx, ctx: TenantCtx, id: string): Promise<void> {
  const run = await repo.lockRun(tx, id);
  if (run === undefined) throw new Error('a run that was written is there');
  await countRun(tx, ctx, run, true);
  putCount(tx, ctx, id, { inSeconds: 60 });
}
