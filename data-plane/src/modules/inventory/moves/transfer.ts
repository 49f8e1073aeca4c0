import { AppError } from '@platen/chassis/http/app-error';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { stockMoves } from '@platen/schema/contracts/data/stock';
import type { TenantCtx } from '../../module.js';
import { compare, parseExact, zero } from '../../pricing/index.js';
import { openHeldSheet } from '../open-sheet.js';
import { requireDistinct, requireInternal, requireVariants } from '../references.js';
import type { EntrySource } from '../sheet.js';
import { lockWaitingOrders } from '../waiting-orders.js';
import { writeSheet } from '../write-sheet.js';
import { listMovesJson } from './repo.js';

type Body = BodyOf<typeof stockMoves.transfer>;

/** From one place of the shop to another. What arrives is promised to those who wait for it. */
export async function transferStock(ctx: TenantCtx, body: Body): Promise<RawJson> {
  const lines = readLines(body);
  const variantIds = body.lines.map(({ variant_id }) => variant_id);
  const source: EntrySource = {
    kind: 'transfer',
    type: 'transfer',
    id: ctx.newId(),
    ...(body.reason !== undefined && { reason: body.reason }),
  };
  return ctx.write(async (tx) => {
    const [, orderIds] = await Promise.all([
      requireVariants(tx, body.lines),
      lockWaitingOrders(tx, ctx, variantIds, body.to_location_id),
    ]);
    const sheet = await openHeldSheet(tx, ctx, { variantIds, orderIds });
    const from = requireInternal(sheet, body.from_location_id, '/body/from_location_id');
    const to = requireInternal(sheet, body.to_location_id, '/body/to_location_id');
    for (const { variantId, quantity } of lines) sheet.move(variantId, quantity, from, to, source);
    sheet.reserve(orderIds);
    writeSheet(tx, ctx, sheet);
    return new RawJson(`{"id":"${source.id}","moves":${await listMovesJson(tx, source.id)}}`);
  });
}

/** @throws AppError validation_failed */
function readLines({ from_location_id: from, to_location_id: to, lines }: Body) {
  requireDistinct(lines);
  const read = lines.map(({ variant_id, quantity }) => ({ variantId: variant_id, quantity: parseExact(quantity) }));
  const fields = read.flatMap(({ quantity }, index) =>
    compare(quantity, zero) > 0 ? [] : [{ path: `/body/lines/${index}/quantity`, message: 'is nothing' }],
  );
  if (from === to) fields.push({ path: '/body/to_location_id', message: 'is where it is already' });
  if (fields.length > 0) throw new AppError('validation_failed', undefined, { fields });
  return read;
}
