import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { productionJobs } from '@platen/schema/contracts/data/production-jobs';
import { keepsStock, openSheet, writeSheet } from '../inventory/index.js';
import type { TenantCtx } from '../module.js';
import { parseExact } from '../pricing/index.js';
import { copyDesigns, listDesigns } from './artwork-repo.js';
import { firstStage } from './create-jobs.js';
import { insertJobs, type JobRow, lockJob, onNoMachine } from './jobs-repo.js';
import { shareOrderOf } from './orders-repo.js';
import { findEnd } from './places-repo.js';
import { ranksAfter, tagOf } from './rank.js';
import { readJob } from './read-jobs.js';
import { type ChosenSize, countPieces, piecesOf, requireSizes, requireWork } from './record-pieces.js';
import { requireRoom, writeOrConflict } from './requirements.js';
import { type JobSize, listJobSizes } from './sizes-repo.js';
import { insertHistory, stateOf, tell, writeChange } from './write-change.js';

type Wanted = BodyOf<typeof productionJobs.reprint>;

/** A job that makes scrapped pieces again. Locked are the order, the first stage, the job, then its blanks. */
export const reprintJob = (ctx: TenantCtx, id: string, wanted: Wanted): Promise<RawJson> =>
  writeOrConflict(ctx, async (tx) => {
    const [order, stage, found, known, designs, number] = await Promise.all([
      shareOrderOf(tx, id),
      firstStage(tx, ctx),
      lockJob(tx, id),
      listJobSizes(tx, id),
      listDesigns(tx, id),
      nextReprintNumber(tx, id),
    ]);
    const job = requireWork(ctx, order, found);
    const end = await findEnd(tx, stage.id, job.workspace_id);
    const sizes = requireLost(known, wanted.sizes);
    requireRoom(stage, end.count, 1);
    const [rank = ''] = ranksAfter(end.last, 1, tagOf(ctx.workspaceId, ctx.newId()));
    const again: JobRow = {
      ...job,
      id: ctx.newId(),
      number,
      stage_id: stage.id,
      rank,
      quantity: countPieces(sizes),
      quantity_done: 0,
      quantity_scrapped: 0,
      reprint_of: id,
      note: null,
      quoted_minutes: null,
      ...onNoMachine,
      version: 1,
    };
    if (keepsStock(ctx)) await takeBlanks(tx, ctx, again, sizes);
    const { reason } = wanted;
    writeReprint(tx, ctx, { job, again, sizes, ...(reason !== undefined && { reason }) });
    copyDesigns(tx, ctx, id, again.id, designs);
    return readJob(tx, ctx, again.id);
  });

/** What was scrapped and is not made again: all of it, or the part that is asked for. */
function requireLost(known: readonly JobSize[], wanted: Wanted['sizes']): ChosenSize[] {
  const left = ({ scrapped, reprinted }: JobSize): number => scrapped - reprinted;
  if (wanted) return requireSizes(known, wanted, left);
  const lost = known.filter((size) => left(size) > 0).map((size) => ({ ...size, quantity: left(size) }));
  if (lost.length > 0) return lost;
  throw new AppError('quantity_exceeded', 'Nothing is scrapped that is not made again', { extensions: { allowed: 0 } });
}

/** @throws AppError stock_short: what orders were promised is not taken */
async function takeBlanks(tx: Tx, ctx: TenantCtx, job: JobRow, sizes: readonly ChosenSize[]): Promise<void> {
  const sheet = await openSheet(tx, ctx, { variantIds: sizes.map(({ variant_id }) => variant_id) });
  for (const { variant_id, size_id, quantity } of sizes) {
    sheet.take(variant_id, parseExact(String(quantity)), sheet.outside('production'), {
      kind: 'reprint',
      type: 'production_job',
      id: job.id,
      orderId: job.order_id,
      orderLineSizeId: size_id,
      workspaceId: job.workspace_id,
    });
  }
  writeSheet(tx, ctx, sheet);
}

function writeReprint(
  tx: Tx,
  ctx: TenantCtx,
  made: {
    readonly job: JobRow;
    readonly again: JobRow;
    readonly sizes: readonly ChosenSize[];
    readonly reason?: string;
  },
): void {
  const { job, again, reason } = made;
  const entry = { quantity: again.quantity, sizes: piecesOf(made.sizes), ...(reason !== undefined && { reason }) };
  insertJobs(tx, ctx, [again]);
  insertHistory(tx, ctx, again, { kind: 'created', toStageId: again.stage_id, ...entry });
  tell(tx, ctx, again.workspace_id, {
    type: 'erp.production_job.created',
    aggregateId: again.id,
    data: stateOf(again),
  });
  const changed = writeChange(tx, ctx, job, {}, { kind: 'reprint_made', ...entry });
  tell(tx, ctx, job.workspace_id, { type: 'erp.production_job.changed', aggregateId: job.id, data: stateOf(changed) });
}

// Counted over the line, so that a reprint of a reprint is the next of them.
const selectNumber = statement<{ number: string }>(
  'production.next_reprint_number',
  `select concat(o.number, '-', l.position, '-R',
    1 + (select count(*) from erp_production_jobs r where r.order_line_id = l.id and r.reprint_of is not null)) as number
  from erp_production_jobs j join erp_orders o on o.id = j.order_id join erp_order_lines l on l.id = j.order_line_id
  where j.id = $1::uuid`,
);
async function nextReprintNumber(tx: Tx, jobId: string): Promise<string> {
  const [row] = await tx.query(selectNumber, [jobId]);
  return row?.number ?? '';
}
