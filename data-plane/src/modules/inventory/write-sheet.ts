import { insertEvent } from '@platen/chassis/bus/outbox';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { actorOf } from '../documents/index.js';
import type { ActorCtx } from '../module.js';
import { compare, formatExact, zero } from '../pricing/index.js';
import type { Sheet, SheetChanges } from './sheet.js';

const updateLevels = statement<never>(
  'stock.update_levels',
  `update erp_stock_levels l
  set on_hand = l.on_hand + d.on_hand, reserved = l.reserved + d.reserved, updated_at = $1::timestamptz
  from unnest($2::uuid[], $3::uuid[], $4::numeric[], $5::numeric[]) as d (location_id, variant_id, on_hand, reserved)
  where l.variant_id = d.variant_id and l.location_id = d.location_id`,
);
// Somebody else may have been first to bring the variant there: then it is added to theirs.
const insertLevels = statement<never>(
  'stock.insert_levels',
  `insert into erp_stock_levels as l (tenant_id, organization_id, created_at, updated_at, workspace_id, id, location_id,
    variant_id, on_hand, reserved, allow_negative)
  select $1::uuid, $2::uuid, $3::timestamptz, $3::timestamptz, d.*
  from unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::numeric[], $9::numeric[], $10::bool[])
    as d (workspace_id, id, location_id, variant_id, on_hand, reserved, allow_negative)
  order by d.variant_id, d.location_id
  on conflict (tenant_id, organization_id, variant_id, location_id)
    do update set on_hand = l.on_hand + excluded.on_hand, reserved = l.reserved + excluded.reserved,
      updated_at = excluded.updated_at`,
);
const insertEntries = statement<never>(
  'stock.insert_moves',
  `insert into erp_stock_moves (tenant_id, organization_id, created_at, made_by, workspace_id, id, variant_id,
    from_location_id, to_location_id, quantity, kind, source_type, source_id, order_id, order_line_size_id, reason)
  select $1::uuid, $2::uuid, $3::timestamptz, $4::uuid, m.*
  from unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::uuid[], $10::numeric[], $11::text[], $12::text[],
    $13::uuid[], $14::uuid[], $15::uuid[], $16::text[]) as m`,
);
const upsertReservations = statement<never>(
  'stock.upsert_reservations',
  `insert into erp_stock_reservations as r (tenant_id, organization_id, created_at, updated_at, workspace_id, id,
    order_line_size_id, location_id, variant_id, quantity)
  select $1::uuid, $2::uuid, $3::timestamptz, $3::timestamptz, n.*
  from unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::numeric[]) as n
  on conflict (tenant_id, organization_id, order_line_size_id, location_id)
    do update set quantity = excluded.quantity, updated_at = excluded.updated_at`,
);
const deleteReservations = statement<never>(
  'stock.delete_reservations',
  `delete from erp_stock_reservations r
  using unnest($1::uuid[], $2::uuid[]) as gone (size_id, location_id)
  where r.order_line_size_id = gone.size_id and r.location_id = gone.location_id`,
);
const updateSizes = statement<never>(
  'stock.update_sizes',
  `update erp_order_line_sizes s
  set open_quantity = n.open, reserved_quantity = n.reserved, updated_at = $1::timestamptz
  from unnest($2::uuid[], $3::numeric[], $4::numeric[]) as n (id, open, reserved)
  where s.id = n.id`,
);

/** Writes what was done to the sheet: statements that travel with the next query or the COMMIT. */
export const writeSheet = (tx: Tx, ctx: ActorCtx, sheet: Sheet): void => writeChanges(tx, ctx, sheet.changes());

/** The rows of these changes are locked. */
export function writeChanges(tx: Tx, ctx: ActorCtx, changes: SheetChanges): void {
  const now = ctx.now();
  const owner = [ctx.tenant.id, ctx.organizationId, now] as const;
  writeLevels(tx, ctx, changes);
  const { entries, sizes } = changes;
  if (entries.length > 0) {
    tx.defer(insertEntries, [
      ...owner,
      actorOf(ctx),
      entries.map((entry) => entry.workspaceId),
      entries.map(() => ctx.newId()),
      entries.map((entry) => entry.variantId),
      entries.map((entry) => entry.fromLocationId),
      entries.map((entry) => entry.toLocationId),
      entries.map((entry) => formatExact(entry.quantity)),
      entries.map((entry) => entry.kind),
      entries.map((entry) => entry.type),
      entries.map((entry) => entry.id),
      entries.map((entry) => entry.orderId ?? null),
      entries.map((entry) => entry.orderLineSizeId ?? null),
      entries.map((entry) => entry.reason ?? null),
    ]);
  }
  writeReservations(tx, ctx, changes);
  if (sizes.length > 0) {
    tx.defer(updateSizes, [
      now,
      sizes.map((size) => size.id),
      sizes.map((size) => formatExact(size.open)),
      sizes.map((size) => formatExact(size.reserved)),
    ]);
  }
  announceBlanks(tx, ctx, changes);
}

function writeLevels(tx: Tx, ctx: ActorCtx, { levels }: SheetChanges): void {
  const known = levels.filter(({ isNew }) => !isNew);
  if (known.length > 0) {
    tx.defer(updateLevels, [
      ctx.now(),
      known.map((level) => level.locationId),
      known.map((level) => level.variantId),
      known.map((level) => formatExact(level.onHand)),
      known.map((level) => formatExact(level.reserved)),
    ]);
  }
  const made = levels.filter(({ isNew }) => isNew);
  if (made.length > 0) {
    tx.defer(insertLevels, [
      ctx.tenant.id,
      ctx.organizationId,
      ctx.now(),
      made.map(({ location }) => location.workspaceId),
      made.map(() => ctx.newId()),
      made.map((level) => level.locationId),
      made.map((level) => level.variantId),
      made.map((level) => formatExact(level.onHand)),
      made.map((level) => formatExact(level.reserved)),
      made.map(({ location }) => location.allowNegative),
    ]);
  }
}

function writeReservations(tx: Tx, ctx: ActorCtx, { reservations }: SheetChanges): void {
  const kept = reservations.filter(({ quantity }) => compare(quantity, zero) > 0);
  if (kept.length > 0) {
    tx.defer(upsertReservations, [
      ctx.tenant.id,
      ctx.organizationId,
      ctx.now(),
      kept.map(({ location }) => location.workspaceId),
      kept.map(() => ctx.newId()),
      kept.map((row) => row.sizeId),
      kept.map((row) => row.locationId),
      kept.map((row) => row.variantId),
      kept.map((row) => formatExact(row.quantity)),
    ]);
  }
  const gone = reservations.filter(({ quantity }) => compare(quantity, zero) === 0);
  if (gone.length > 0) {
    tx.defer(deleteReservations, [gone.map((row) => row.sizeId), gone.map((row) => row.locationId)]);
  }
}

/** For boards: the blanks of these lines are there now, or are missing. Said where the order is seen. */
export function announceBlanks(tx: Tx, ctx: ActorCtx, { blanks }: Pick<SheetChanges, 'blanks'>): void {
  const { tenant, organizationId, correlationId, traceparent } = ctx;
  for (const orderId of new Set(blanks.map((line) => line.orderId))) {
    const ofOrder = blanks.filter((line) => line.orderId === orderId);
    const workspaceId = ofOrder[0]?.workspaceId ?? null;
    const origin = { tenant, organizationId, workspaceId, correlationId, traceparent, newId: () => ctx.newId() };
    const lines = ofOrder.map(({ lineId, short }) => ({ order_line_id: lineId, short: formatExact(short) }));
    insertEvent(tx, origin, {
      type: 'erp.order.blanks_changed',
      aggregateId: orderId,
      data: { order_id: orderId, lines },
    });
  }
}
