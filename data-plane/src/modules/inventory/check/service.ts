import type { Tx } from '@platen/chassis/db/types';
import type { Cursors, CursorUse } from '@platen/chassis/http/cursor';
import { firstId, lastId } from '@platen/chassis/http/paging';
import type { Contract, OutputOf } from '@platen/schema/contract';
import { stock } from '@platen/schema/contracts/data/stock';
import type { TenantCtx } from '../../module.js';
import { openSheet } from '../open-sheet.js';
import { announceBlanks, writeChanges } from '../write-sheet.js';
import { changesOf } from './changes.js';
import { findSuspects } from './find-suspects.js';
import { type Mended, mend } from './mend.js';
import { listBlanks, lockOrders, updateAllowances } from './repo.js';

export interface CheckService {
  check(ctx: TenantCtx, cursor: string | undefined): Promise<OutputOf<typeof stock.check>>;
  repair(
    ctx: TenantCtx,
    body: { readonly cursor?: string; readonly reason: string },
  ): Promise<OutputOf<typeof stock.repair>>;
}

export function createCheckService({ cursors }: { readonly cursors: Cursors }): CheckService {
  // The check's cursor says to the repair where to go on, and the other way round.
  const use = ({ tenant, organizationId, workspaceId }: TenantCtx, { name }: Contract = stock.check): CursorUse => ({
    list: name,
    tenantId: tenant.id,
    organizationId,
    workspaceId,
  });
  const startOf = (ctx: TenantCtx, cursor: string | undefined): string => {
    const [after = firstId] = cursor === undefined ? [] : cursors.decode(use(ctx), cursor);
    return after;
  };
  const next = (ctx: TenantCtx, until: string): string | null =>
    until === lastId ? null : cursors.encode(use(ctx), [until]);

  return {
    async check(ctx, cursor) {
      const after = startOf(ctx, cursor);
      const { until, checked, suspects } = await findSuspects(ctx.db.leased, { after, workspaceId: ctx.workspaceId });
      const differences = suspects.flatMap((suspect) => mend(suspect).differences);
      return { checked, differences, next_cursor: next(ctx, until) };
    },

    async repair(ctx, { cursor, reason }) {
      const after = startOf(ctx, cursor);
      return ctx.write(async (tx) => {
        const { until, suspects } = await findSuspects(tx, { after, workspaceId: ctx.workspaceId });
        const variantIds = suspects.map(({ variant_id }) => variant_id);
        const orderIds = suspects.flatMap(({ needs }) => needs.map(({ order_id }) => order_id));
        const locked = { variantIds, orderIds: await lockOrders(tx, ctx, [...new Set(orderIds)]) };
        const repaired = variantIds.length === 0 ? [] : await repairLocked(tx, ctx, { after, until, locked, reason });
        return { repaired: repaired.flatMap(({ differences }) => differences), next_cursor: next(ctx, until) };
      });
    },
  };
}

/** Looks again at what is held still now, and writes it as it should be. */
async function repairLocked(
  tx: Tx,
  ctx: TenantCtx,
  given: {
    readonly after: string;
    readonly until: string;
    readonly locked: { readonly variantIds: readonly string[]; readonly orderIds: ReadonlySet<string> };
    readonly reason: string;
  },
): Promise<Mended[]> {
  const { after, until, locked, reason } = given;
  const sheet = await openSheet(tx, ctx, { variantIds: locked.variantIds });
  const { suspects } = await findSuspects(tx, { after, until, workspaceId: ctx.workspaceId });
  const mended = suspects
    // What came between is left to the next look.
    .filter(
      ({ variant_id, needs }) =>
        locked.variantIds.includes(variant_id) && needs.every(({ order_id }) => locked.orderIds.has(order_id)),
    )
    .map(mend);
  const source = { id: ctx.newId(), reason, loss: sheet.outside('loss'), location: sheet.location };
  const lineIds = new Set<string>();
  for (const variant of mended) {
    const changes = changesOf(variant, source);
    writeChanges(tx, ctx, changes);
    for (const { lineId } of changes.sizes) lineIds.add(lineId);
  }
  updateAllowances(tx, locked.variantIds, ctx.now());
  if (lineIds.size > 0) announceBlanks(tx, ctx, { blanks: await listBlanks(tx, [...lineIds]) });
  return mended;
}
