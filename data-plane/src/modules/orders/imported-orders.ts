import { insertEvent } from '@platen/chassis/bus/outbox';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { Decoration } from '@platen/schema/contracts/data/pricing';
import type { OrderStatus } from '@platen/schema/states/order';
import { actorOf } from '../documents/index.js';
import { keepsStock } from '../inventory/index.js';
import type { ActorCtx, WorkCtx } from '../module.js';
import { compare, parseExact, zero } from '../pricing/index.js';
import { reserveStock } from './order-stock.js';
import { paymentStatusOf } from './payment-status.js';
import { insertStatusChange } from './repo.js';

// Orders whose prices somebody else has made: they are kept as they came, without receipts. The caller has read every
// reference again under row-level security.

export interface ImportedSize {
  readonly variant_id: string;
  readonly quantity: number;
  readonly unit_price: string;
}
export interface ImportedLine {
  readonly product_id: string;
  readonly decorations: readonly Decoration[];
  readonly quantity: number;
  readonly unit_price: string;
  readonly line_total: string;
  readonly sizes: readonly ImportedSize[];
}
/** Amounts are decimal text with four decimals. */
export interface ImportedContent {
  readonly currency: string;
  readonly subtotal: string;
  readonly discount: string;
  readonly charges: string;
  readonly tax: string;
  readonly total: string;
  readonly lines: readonly ImportedLine[];
}
export interface ImportedOrder extends ImportedContent {
  readonly customer_id: string;
  readonly status: OrderStatus;
  readonly due_on: string | null;
  readonly paid: string;
}

const insertHead = statement<never>(
  'orders.insert_imported',
  `insert into erp_orders (tenant_id, organization_id, workspace_id, id, number, status, payment_status, customer_id, currency,
     subtotal, discount, charges, tax, total, due_on, created_at, updated_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)`,
);
const insertLines = statement<never>(
  'orders.insert_imported_lines',
  `insert into erp_order_lines (tenant_id, organization_id, workspace_id, order_id, created_at, updated_at, id, position,
     product_id, quantity, unit_price, line_total, decorations)
   select $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::timestamptz, $5::timestamptz, l.id, l.position, l.product_id, l.quantity,
     l.unit_price, l.line_total, l.decorations::jsonb
   from unnest($6::uuid[], $7::int[], $8::uuid[], $9::numeric[], $10::numeric[], $11::numeric[], $12::text[])
     as l (id, position, product_id, quantity, unit_price, line_total, decorations)`,
);
const insertSizes = statement<never>(
  'orders.insert_imported_sizes',
  `insert into erp_order_line_sizes (tenant_id, organization_id, workspace_id, created_at, updated_at, id, order_line_id,
     variant_id, quantity, unit_price)
   select $1::uuid, $2::uuid, $3::uuid, $4::timestamptz, $4::timestamptz, s.*
   from unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::numeric[], $9::numeric[]) as s`,
);
const insertPaid = statement<never>(
  'orders.insert_imported_payment',
  `insert into erp_order_payments (tenant_id, organization_id, workspace_id, id, order_id, kind, method, reference, amount,
     received_on, created_at)
   values ($1, $2, $3, $4, $5, 'payment', 'other', $6, $7, $8, $9)`,
);

export interface ImportedIdentity {
  readonly id: string;
  readonly workspaceId: string | null;
  /** What it is known by; a draft gets its own when it is confirmed. */
  readonly number: string;
  /** Of its payments. */
  readonly reference: string;
  readonly receivedOn: string;
}

/** As it stands, wherever on its way: only one that is confirmed is promised stock. Nobody is written to about it. */
export async function insertImportedOrder(
  tx: Tx,
  ctx: ActorCtx,
  { id, workspaceId, number, reference, receivedOn }: ImportedIdentity,
  order: ImportedOrder,
): Promise<void> {
  const { tenant, organizationId } = ctx;
  const now = ctx.now();
  const isDraft = order.status === 'draft';
  const paid = parseExact(order.paid);
  const paymentStatus = isDraft ? 'unpaid' : paymentStatusOf(parseExact(order.total), { paid, refunded: false });
  tx.defer(insertHead, [
    tenant.id,
    organizationId,
    workspaceId,
    id,
    isDraft ? null : number,
    order.status,
    paymentStatus,
    order.customer_id,
    order.currency,
    order.subtotal,
    order.discount,
    order.charges,
    order.tax,
    order.total,
    order.due_on,
    now,
  ]);
  writeLines(tx, ctx, { id, workspaceId }, order.lines);
  insertStatusChange(tx, ctx, { orderId: id, workspaceId, from: null, to: order.status, by: actorOf(ctx) });
  const { currency } = order;
  insertEvent(tx, ctx, {
    type: 'erp.order.created',
    aggregateId: id,
    data: { order_id: id, quote_id: null, customer_id: order.customer_id, total: { amount: order.total, currency } },
  });
  if (compare(paid, zero) > 0) {
    const paymentId = ctx.newId();
    const row = [tenant.id, organizationId, workspaceId, paymentId, id, reference, order.paid, receivedOn, now];
    tx.defer(insertPaid, row);
    const amount = { amount: order.paid, currency };
    const data = { order_id: id, payment_id: paymentId, kind: 'payment' as const, amount };
    insertEvent(tx, ctx, { type: 'erp.order.payment_recorded', aggregateId: id, data });
  }
  if (order.status === 'confirmed' && order.lines.length > 0 && keepsStock(ctx)) await reserveStock(tx, ctx, id);
}

interface Owner {
  readonly id: string;
  readonly workspaceId: string | null;
}

export function writeLines(tx: Tx, ctx: WorkCtx, { id, workspaceId }: Owner, lines: readonly ImportedLine[]): void {
  if (lines.length === 0) return;
  const scope = [ctx.tenant.id, ctx.organizationId, workspaceId];
  const now = ctx.now();
  const ids = lines.map(() => ctx.newId());
  tx.defer(insertLines, [
    ...scope,
    id,
    now,
    ids,
    lines.map((_, index) => index + 1),
    lines.map((line) => line.product_id),
    lines.map(({ quantity }) => quantity),
    lines.map((line) => line.unit_price),
    lines.map((line) => line.line_total),
    lines.map(({ decorations }) => JSON.stringify(decorations)),
  ]);
  const sizes = lines.flatMap((line, index) => line.sizes.map((size) => ({ ...size, lineId: ids[index] ?? null })));
  if (sizes.length === 0) return;
  tx.defer(insertSizes, [
    ...scope,
    now,
    sizes.map(() => ctx.newId()),
    sizes.map(({ lineId }) => lineId),
    sizes.map((size) => size.variant_id),
    sizes.map(({ quantity }) => quantity),
    sizes.map((size) => size.unit_price),
  ]);
}
