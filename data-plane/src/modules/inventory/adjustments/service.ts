import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { stockAdjustments } from '@platen/schema/contracts/data/stock';
import type { ActorCtx, TenantCtx } from '../../module.js';
import { add, compare, formatExact, negate, parseExact, subtract, zero } from '../../pricing/index.js';
import { listMovesJson } from '../moves/repo.js';
import { openHeldSheet } from '../open-sheet.js';
import { requireDistinct, requireInternal, requireVariants } from '../references.js';
import { type EntrySource, type Location, refuseShort, type Sheet } from '../sheet.js';
import { listShortJson } from '../shortages/repo.js';
import { lockWaitingOrders } from '../waiting-orders.js';
import { writeSheet } from '../write-sheet.js';
import { type Counted, hasOtherHolders, lockHoldingOrders, sortAsServed } from './repo.js';

type Body = BodyOf<typeof stockAdjustments.create>;

/** Counts, and what came and went beside all documents, with what that does to the promises made of it. */
export async function adjustStock(ctx: TenantCtx, body: Body): Promise<RawJson> {
  const lines = readLines(body.lines);
  const variantIds = lines.map(({ variantId }) => variantId);
  const source: EntrySource = { kind: 'adjustment', type: 'adjustment', id: ctx.newId(), reason: body.reason };
  return ctx.write(async (tx) => {
    const counting = { locationId: body.location_id, lines, source };
    const [, { sheet, at }] = await Promise.all([requireVariants(tx, body.lines), countStock(tx, ctx, counting)]);
    const [moves, short] = await Promise.all([listMovesJson(tx, source.id), listShortJson(tx, variantIds)]);
    const levels = variantIds.map((variantId) => levelJson(sheet, at, variantId));
    return new RawJson(`{"id":"${source.id}","moves":${moves},"levels":${JSON.stringify(levels)},"short":${short}}`);
  });
}

/** The same in a transaction that is open. The variants were read under row-level security. */
export async function countStock(
  tx: Tx,
  ctx: ActorCtx,
  {
    locationId,
    lines,
    source,
  }: { readonly locationId: string; readonly lines: readonly Counted[]; readonly source: EntrySource },
): Promise<{ readonly sheet: Sheet; readonly at: Location }> {
  const variantIds = lines.map(({ variantId }) => variantId);
  const [holding, waiting] = await Promise.all([
    lockHoldingOrders(tx, ctx, locationId, lines),
    lockWaitingOrders(tx, ctx, variantIds, locationId),
  ]);
  const orderIds = holding.length === 0 ? waiting : await sortAsServed(tx, [...new Set([...holding, ...waiting])]);
  const sheet = await openHeldSheet(tx, ctx, { variantIds, orderIds });
  const at = requireInternal(sheet, locationId, '/body/location_id');
  try {
    for (const line of lines) countLine(sheet, at, line, source);
  } catch (error) {
    await refuseRaced(tx, ctx, error, { at, variantIds, orderIds });
    throw error;
  }
  // What came, and what lies elsewhere for those who lost their promise here.
  sheet.reserve(orderIds);
  writeSheet(tx, ctx, sheet);
  return { sheet, at };
}

/** @throws AppError validation_failed for a line that says both or neither */
function readLines(lines: Body['lines']): Counted[] {
  requireDistinct(lines);
  const fields = lines.flatMap(({ counted, delta }, index) =>
    (counted === undefined) === (delta === undefined)
      ? [{ path: `/body/lines/${index}`, message: 'says either counted or delta' }]
      : [],
  );
  if (fields.length > 0) throw new AppError('validation_failed', undefined, { fields });
  return lines.map(({ variant_id, counted = null, delta = null }) => ({ variantId: variant_id, counted, delta }));
}

function countLine(sheet: Sheet, at: Location, { variantId, counted, delta }: Counted, source: EntrySource): void {
  const { onHand } = sheet.level(at.id, variantId);
  const there = counted === null ? add(onHand, parseExact(delta ?? '0')) : parseExact(counted);
  if (compare(there, zero) < 0 && !at.allowNegative) refuseShort([{ variantId, quantity: negate(there) }]);
  sheet.count(variantId, at, there, source);
}

/** Orders that were promised something while this one waited are not beyond the caller's reach: trying again finds them. */
async function refuseRaced(
  tx: Tx,
  ctx: ActorCtx,
  error: unknown,
  held: { readonly at: Location; readonly variantIds: readonly string[]; readonly orderIds: readonly string[] },
): Promise<void> {
  if (!(error instanceof AppError) || error.code !== 'stock_reserved') return;
  if (await hasOtherHolders(tx, ctx, held.at.id, held.variantIds, held.orderIds)) {
    throw new AppError('conflict', undefined, { cause: error });
  }
}

function levelJson(sheet: Sheet, at: Location, variantId: string): object {
  const { onHand, reserved } = sheet.level(at.id, variantId);
  return {
    location_id: at.id,
    variant_id: variantId,
    on_hand: formatExact(onHand),
    reserved: formatExact(reserved),
    available: formatExact(subtract(onHand, reserved)),
  };
}
