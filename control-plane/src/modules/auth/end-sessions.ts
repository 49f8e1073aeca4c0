import type { Tx } from '@platen/chassis/db/types';
import type { Ctx } from '@platen/chassis/http/types';
import { appendChange, revokedSession } from '../feed/index.js';

/** Tells the data planes; last in the transaction. */
export function announceEnded(tx: Tx, ctx: Pick<Ctx, 'tenant' | 'now'>, sessionIds: readonly string[]): void {
  for (const id of sessionIds) {
    appendChange(tx, ctx.tenant.id, revokedSession(ctx.tenant.id, id, ctx.now().getTime()));
  }
}
