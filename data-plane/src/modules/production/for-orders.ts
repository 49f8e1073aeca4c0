import type { Tx } from '@platen/chassis/db/types';
import type { ActorCtx } from '../module.js';
import { listPieces, lockOpenJobs, onNoMachine } from './jobs-repo.js';
import { stateOf, tell, writeChange } from './write-change.js';

// What orders ask and tell of their jobs. The order's row is locked by the caller: nobody records pieces meanwhile.

export interface OpenPieces {
  readonly order_line_id: string;
  /** Of the line's quantity, not done yet by any of its jobs. */
  readonly open: number;
}

/** Lines with jobs whose pieces are not all done: what was scrapped counts until it is made again. */
export async function openPieces(tx: Tx, orderId: string): Promise<OpenPieces[]> {
  const lines = await listPieces(tx, orderId);
  return lines
    .map(({ order_line_id, quantity, done }) => ({ order_line_id, open: quantity - done }))
    .filter(({ open }) => open > 0);
}

/** Pieces of the order that were done or scrapped: their blanks are not what they were. */
export async function workedPieces(tx: Tx, orderId: string): Promise<number> {
  const lines = await listPieces(tx, orderId);
  return lines.reduce((sum, { done, scrapped }) => sum + done + scrapped, 0);
}

/** Takes the order's open jobs off the board. */
export async function closeJobs(tx: Tx, ctx: ActorCtx, orderId: string, status: 'done' | 'cancelled'): Promise<void> {
  for (const job of await lockOpenJobs(tx, orderId)) {
    const closed = writeChange(tx, ctx, job, { status, rank: null, ...onNoMachine }, { kind: status });
    tell(tx, ctx, closed.workspace_id, {
      type: `erp.production_job.${status}`,
      aggregateId: closed.id,
      data: stateOf(closed),
    });
  }
}
