import { isUniqueViolation } from '@platen/chassis/db/errors';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { requireStatus, requireVersion } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import type { JobRow } from './jobs-repo.js';
import type { LockedStage } from './stages-repo.js';

/** @throws AppError not_found; illegal_transition for a job that left the board; version_mismatch */
export function requireOpenJob(ctx: TenantCtx, job: JobRow | undefined): JobRow {
  if (!job) throw new AppError('not_found');
  requireStatus(job.status, ['open'], 'changes');
  requireVersion(ctx, job.version);
  return job;
}

export interface Wip {
  readonly limit: number | null;
  readonly count: number;
  readonly exceeded: boolean;
}
/**
 * How full a stage gets by this many more jobs of one workspace.
 * @throws AppError wip_limit_reached where the stage does not take them
 */
export function requireRoom(stage: LockedStage, present: number, more: number): Wip {
  const { wip_limit: limit } = stage;
  const count = present + more;
  if (!hasRoom(stage, present, more)) {
    const detail = `${stage.name} takes ${limit} jobs and has ${present}`;
    throw new AppError('wip_limit_reached', detail, { extensions: { limit, count: present } });
  }
  return { limit, count, exceeded: isExceeded(stage, count) };
}

const isExceeded = ({ wip_limit: limit }: LockedStage, count: number): boolean => limit !== null && count > limit;
/** Does it take this many more jobs of one workspace, whatever it warns of? */
export const hasRoom = (stage: LockedStage, present: number, more: number): boolean =>
  more === 0 || stage.wip_policy !== 'block' || !isExceeded(stage, present + more);

/** @throws AppError unknown_reference at a field of the body */
export function unknownReference(path: string, message: string): AppError {
  return new AppError('unknown_reference', undefined, { fields: [{ path: `/body/${path}`, message }] });
}

/**
 * A write that gives ranks or numbers, which are unique also among what the caller does not see.
 * @throws AppError conflict for one that is taken: the next attempt gets another
 */
export async function writeOrConflict<R>(ctx: TenantCtx, work: (tx: Tx) => Promise<R>): Promise<R> {
  try {
    return await ctx.write(work);
  } catch (error) {
    if (!isUniqueViolation(error, rankKey) && !isUniqueViolation(error, numberKey)) throw error;
    throw new AppError('conflict', undefined, { cause: error });
  }
}
const rankKey = 'erp_production_jobs_rank_key';
const numberKey = 'erp_production_jobs_number_key';
