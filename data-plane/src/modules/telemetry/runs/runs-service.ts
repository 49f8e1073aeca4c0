import { isUniqueViolation } from '@platen/chassis/db/errors';
import type { Tx } from '@platen/chassis/db/types';
import { dayMs } from '@platen/chassis/durations';
import { AppError, invalidField } from '@platen/chassis/http/app-error';
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

type NewRun = Omit<repo.NewRun, 'startedAt'>;

/** Of whoever asks, whose clock may be a little ahead. */
const skewMs = 60_000;

export function createRunService(deps: Pick<ModuleDeps, 'cursors' | 'openDb' | 'openTelemetryDb'>): RunService {
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
      if (body.next_stage_id != null)
        requirePermission(ctx, 'erp.production_job.move', 'The card goes on in your name once every piece is done');
      const given = momentOf(ctx, body.started_at, '/body/started_at');
      if (given !== null && given < ctx.now().getTime() - dayMs)
        throw wrongMoment('/body/started_at', 'is more than a day ago');
      const work = await requireWork(deps, ctx, body);
      const run: NewRun = {
        id: ctx.newId(),
        workspaceId: work.workspace_id,
        deviceId: body.device_id,
        metricId: body.metric_id,
        jobId: body.job_id,
        jobNumber: work.number,
        piecesPerCount: body.pieces_per_count ?? 1,
        nextStageId: body.next_stage_id ?? null,
      };
      await requireCounter(ctx, run);
      const freeMs = await findFree(deps, ctx, run.deviceId);
      return ctx.write(async (tx) => {
        const startedAt = await clearMachine(tx, ctx, run.deviceId, given, freeMs);
        const written = await insertOrConflict(tx, ctx, { ...run, startedAt });
        await countAndTell(tx, ctx, run.id);
        return foundJson(written);
      });
    },

    end(ctx, id, endedAt) {
      requireRecording(ctx);
      const given = momentOf(ctx, endedAt, '/body/ended_at');
      return ctx.write(async (tx) => {
        const run = await repo.lockRun(tx, id);
        if (run === undefined) throw new AppError((await repo.findRun(tx, id)) ? 'context_not_allowed' : 'not_found');
        requireVersion(ctx, run.version);
        requireStatus(run.ended_ms === null ? 'open' : 'ended', ['open'], 'end');
        const at = given ?? afterCounted(ctx, run);
        if (at < run.started_ms) throw wrongMoment('/body/ended_at', 'is before its start');
        return foundJson(await endAt(tx, ctx, id, at));
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

/** In milliseconds; null: none was given. @throws AppError validation_failed for the future */
function momentOf(ctx: TenantCtx, given: string | undefined, path: string): number | null {
  if (given === undefined) return null;
  const at = new Date(given).getTime();
  if (at > ctx.now().getTime() + skewMs) throw wrongMoment(path, 'is in the future');
  return at;
}
/** Now, by the clock of a machine that is ahead of ours: after what was counted. */
const afterCounted = (ctx: TenantCtx, run: repo.RunRow): number =>
  Math.max(ctx.now().getTime(), run.started_ms, (run.counted_until_ms ?? 0) + 1);
const wrongMoment = (path: string, message: string) => invalidField(path, message);
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

/** A device in use, of the job's workspace or of all, and a counter. */
async function requireCounter(ctx: TenantCtx, run: NewRun): Promise<void> {
  const { device, counter } = await repo.findParts(ctx.db, run);
  if (!device) throw unknown('device_id', 'names no device that is in use where the job is');
  if (counter !== true) throw unknown('metric_id', counter === null ? 'names no metric' : 'is no counter');
}

/** When the machine became free, whichever workspace's job was on it. */
const findFree = ({ openTelemetryDb }: Pick<ModuleDeps, 'openTelemetryDb'>, ctx: TenantCtx, deviceId: string) => {
  const { tenant, organizationId } = ctx;
  const db = openTelemetryDb(tenant, { tenantId: tenant.id, organizationId, workspaceId: null });
  return repo.findLastEnd(db, deviceId);
};

/**
 * What is on the machine ends where the new run begins, and nothing is counted twice.
 * @returns where that is: as was given, else now
 */
async function clearMachine(
  tx: Tx,
  ctx: TenantCtx,
  deviceId: string,
  given: number | null,
  freeMs: number | null,
): Promise<Date> {
  const other = await repo.lockOpenRun(tx, deviceId);
  // Once more: it may have come off meanwhile.
  const sinceMs = Math.max(freeMs ?? 0, (await repo.findLastEnd(tx, deviceId)) ?? 0, other?.started_ms ?? 0);
  const startMs = given ?? Math.max(other ? afterCounted(ctx, other) : ctx.now().getTime(), sinceMs);
  if (startMs < sinceMs) throw new AppError('conflict', 'Another job was on this machine then');
  if (other) await endAt(tx, ctx, other.id, startMs);
  return new Date(startMs);
}

/** @throws AppError conflict: the job was told of pieces that came after that */
async function endAt(tx: Tx, ctx: TenantCtx, id: string, at: number) {
  const written = await repo.endRun(tx, id, new Date(at), ctx.now());
  if (await countAndTell(tx, ctx, id)) {
    throw new AppError('conflict', 'What the machine counted after that is done of the job that is on it');
  }
  return written;
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

/** True: more was told of it than there is before its end. */
async function countAndTell(tx: Tx, ctx: TenantCtx, id: string): Promise<boolean> {
  const run = await repo.lockRun(tx, id);
  if (run === undefined) throw new Error('a run that was written is there');
  const isOvertold = await countRun(tx, ctx, run, true);
  putCount(tx, ctx, id, { inSeconds: 60 });
  return isOvertold;
}
