import type { Tx } from '@platen/chassis/db/types';
import { RawJson } from '@platen/chassis/http/types';
import { requireStatus } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import { insertDesigns } from './artwork-repo.js';
import { insertJobs, type JobRow, onNoMachine } from './jobs-repo.js';
import { type LineToMake, listLinesToMake, type SharedOrder, shareOrder } from './orders-repo.js';
import { findEnd } from './places-repo.js';
import { ranksAfter, tagOf } from './rank.js';
import { readCards } from './read-jobs.js';
import { requireRoom, unknownReference, writeOrConflict } from './requirements.js';
import { insertStandardStages, type LockedStage, lockFirstStage } from './stages-repo.js';
import { insertHistory, stateOf, tell } from './write-change.js';

/** One job for each line of the order that has none. The order's row is shared first, then the stage's is locked. */
export const createJobs = (ctx: TenantCtx, orderId: string): Promise<RawJson> =>
  writeOrConflict(ctx, async (tx) => {
    const [order, stage] = await Promise.all([shareOrder(tx, orderId), firstStage(tx, ctx)]);
    if (!order) throw unknownReference('order_id', 'names no order');
    requireStatus(order.status, ['confirmed', 'in_production'], 'jobs');
    const [lines, end] = await Promise.all([listLinesToMake(tx, orderId), findEnd(tx, stage.id, order.workspace_id)]);
    requireRoom(stage, end.count, lines.length);
    const ranks = ranksAfter(end.last, lines.length, tagOf(ctx.workspaceId, ctx.newId()));
    const jobs = lines.map((line, index) => newJob(ctx, order, stage, { line, rank: ranks[index] ?? '' }));
    insertJobs(tx, ctx, jobs);
    insertDesigns(
      tx,
      ctx,
      order.workspace_id,
      jobs.flatMap(({ id }, index) => (lines[index]?.designs ?? []).map((designId) => ({ jobId: id, designId }))),
    );
    for (const job of jobs) announceNew(tx, ctx, job);
    const cards = await readCards(
      tx,
      ctx,
      jobs.map(({ id }) => id),
    );
    return new RawJson(`{"items":[${cards.map(({ json }) => json).join(',')}]}`);
  });

/** Where new jobs come to, locked; made with the others of an organization that has no stages yet. */
export async function firstStage(tx: Tx, ctx: TenantCtx): Promise<LockedStage> {
  const stage = await lockFirstStage(tx);
  if (stage) return stage;
  await insertStandardStages(tx, ctx);
  const made = await lockFirstStage(tx);
  if (!made) throw new Error('an organization without stages was given some');
  return made;
}

function newJob(
  ctx: TenantCtx,
  order: SharedOrder,
  stage: LockedStage,
  { line, rank }: { readonly line: LineToMake; readonly rank: string },
): JobRow {
  return {
    id: ctx.newId(),
    workspace_id: order.workspace_id,
    number: `${order.number}-${line.position}`,
    status: 'open',
    order_id: order.id,
    order_line_id: line.id,
    stage_id: stage.id,
    rank,
    priority: 'normal',
    due_on: order.due_on,
    quantity: line.quantity,
    quantity_done: 0,
    quantity_scrapped: 0,
    reprint_of: null,
    note: null,
    quoted_minutes: null,
    ...onNoMachine,
    version: 1,
  };
}

function announceNew(tx: Tx, ctx: TenantCtx, job: JobRow): void {
  insertHistory(tx, ctx, job, { kind: 'created', toStageId: job.stage_id, quantity: job.quantity });
  tell(tx, ctx, job.workspace_id, { type: 'erp.production_job.created', aggregateId: job.id, data: stateOf(job) });
}
