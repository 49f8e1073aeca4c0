import { AppError } from '@platen/chassis/http/app-error';
import type { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { productionJobs } from '@platen/schema/contracts/data/production-jobs';
import { requireStatus } from '../documents/index.js';
import { keepsStock, openSheet, writeSheet } from '../inventory/index.js';
import type { TenantCtx } from '../module.js';
import { parseExact } from '../pricing/index.js';
import { type JobRow, lockJob } from './jobs-repo.js';
import { type SharedOrder, shareOrderOf } from './orders-repo.js';
import { readJob } from './read-jobs.js';
import { requireOpenJob, unknownReference } from './requirements.js';
import { type JobSize, listJobSizes } from './sizes-repo.js';
import { type SizePieces, stateOf, tell, writeChange } from './write-change.js';

/** A job of an order in production; nothing is made before that. */
export function requireWork(ctx: TenantCtx, order: SharedOrder | undefined, job: JobRow | undefined): JobRow {
  const open = requireOpenJob(ctx, job);
  if (!order) throw new AppError('not_found');
  requireStatus(order.status, ['in_production'], 'pieces');
  return open;
}

export const recordDone = (
  ctx: TenantCtx,
  id: string,
  { quantity: pieces }: BodyOf<typeof productionJobs.done>,
): Promise<RawJson> =>
  ctx.write(async (tx) => {
    const [order, found] = await Promise.all([shareOrderOf(tx, id), lockJob(tx, id)]);
    const job = requireWork(ctx, order, found);
    requireLeft(job, pieces);
    const changes = { quantity_done: job.quantity_done + pieces };
    const changed = writeChange(tx, ctx, job, changes, { kind: 'pieces_done', quantity: pieces });
    const data = { ...stateOf(changed), pieces };
    tell(tx, ctx, job.workspace_id, { type: 'erp.production_job.pieces_done', aggregateId: id, data });
    return readJob(tx, ctx, id);
  });

/** What was spoilt leaves production for good. */
export const recordScrap = (
  ctx: TenantCtx,
  id: string,
  { sizes, reason }: BodyOf<typeof productionJobs.scrap>,
): Promise<RawJson> =>
  ctx.write(async (tx) => {
    const [order, found, known] = await Promise.all([shareOrderOf(tx, id), lockJob(tx, id), listJobSizes(tx, id)]);
    const job = requireWork(ctx, order, found);
    const lost = requireSizes(known, sizes, ({ quantity, scrapped }) => quantity - scrapped);
    const pieces = countPieces(lost);
    requireLeft(job, pieces);
    if (keepsStock(ctx)) {
      const sheet = await openSheet(tx, ctx, { variantIds: lost.map(({ variant_id }) => variant_id) });
      for (const { variant_id, size_id, quantity } of lost) {
        sheet.move(variant_id, parseExact(String(quantity)), sheet.outside('production'), sheet.outside('loss'), {
          kind: 'scrap',
          type: 'production_job',
          id,
          orderId: job.order_id,
          orderLineSizeId: size_id,
          reason,
          workspaceId: job.workspace_id,
        });
      }
      writeSheet(tx, ctx, sheet);
    }
    const changes = { quantity_scrapped: job.quantity_scrapped + pieces };
    const entry = { kind: 'pieces_scrapped', quantity: pieces, sizes: piecesOf(lost), reason } as const;
    const data = { ...stateOf(writeChange(tx, ctx, job, changes, entry)), pieces };
    tell(tx, ctx, job.workspace_id, { type: 'erp.production_job.pieces_scrapped', aggregateId: id, data });
    return readJob(tx, ctx, id);
  });

/** @throws AppError quantity_exceeded, with what may still be recorded */
function requireLeft(job: JobRow, pieces: number): void {
  const allowed = job.quantity - job.quantity_done - job.quantity_scrapped;
  if (pieces <= allowed) return;
  throw new AppError('quantity_exceeded', `${allowed} pieces of the job are left`, { extensions: { allowed } });
}

export type ChosenSize = SizePieces & Pick<JobSize, 'size_id'>;

/**
 * The sizes that a request names, each once.
 * @throws AppError unknown_reference; quantity_exceeded beyond what is allowed of a size
 */
export function requireSizes(
  known: readonly JobSize[],
  asked: readonly SizePieces[],
  allowedOf: (size: JobSize) => number,
): ChosenSize[] {
  const sums = new Map<JobSize, number>();
  for (const [index, { variant_id, quantity }] of asked.entries()) {
    const size = known.find((row) => row.variant_id === variant_id);
    if (!size) throw unknownReference(`sizes/${index}/variant_id`, 'is no size of this job');
    const sum = (sums.get(size) ?? 0) + quantity;
    const allowed = allowedOf(size);
    if (sum > allowed) {
      throw new AppError('quantity_exceeded', `${allowed} pieces of this size are left`, {
        extensions: { allowed, variant_id },
      });
    }
    sums.set(size, sum);
  }
  return [...sums].map(([{ variant_id, size_id }, quantity]) => ({ variant_id, size_id, quantity }));
}

export const countPieces = (sizes: readonly SizePieces[]): number =>
  sizes.reduce((sum, { quantity }) => sum + quantity, 0);
export const piecesOf = (sizes: readonly SizePieces[]): SizePieces[] =>
  sizes.map(({ variant_id, quantity }) => ({ variant_id, quantity }));
