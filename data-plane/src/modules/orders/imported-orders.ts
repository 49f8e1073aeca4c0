import { insertEvent } from '@platen/chassis/bus/outbox';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { Decoration } from '@platen/schema/contracts/data/pricing';
import type { OrderStatus } from '@platen/schema/states/order';
import { actorOf } from '../documents/index.js';
import { keepsStock } from '../inventory/index.js';
import type { ActorCtx, WorkCtx } from '../module.js';
import { lineWriter } from '../priced-lines/index.js';
import { compare, formatExact, negate, parseExact, subtract, zero } from '../pricing/index.js';
import { giveBackStock, replaceNeeds, reserveStock } from './order-stock.js';
import { paymentStatusOf } from './payment-status.js';
import { insertPayment, insertStatusChange, lockOrder, type PaymentRows, sumPayments } from './repo.js';

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

function writeLines(tx: Tx, ctx: WorkCtx, { id, workspaceId }: Owner, lines: readonly ImportedLine[]): void {
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

/** An order of ours by the fields that an import sets. */
export interface OrderState extends ImportedOrder {
  readonly version: number;
  readonly workspace_id: string | null;
  readonly refunds: number;
  /** Of its sizes, what is still needed from stock. */
  readonly has_needs: boolean;
  /** Production has it on its board, or something of the stock went into it: its lines stay as they are. */
  readonly is_in_production: boolean;
}

const stateSql = `select o.version, o.workspace_id, o.status, o.customer_id, o.currency, o.subtotal, o.discount, o.charges,
    o.tax, o.total, o.due_on::text,
    (select coalesce(sum(case p.kind when 'payment' then p.amount else -p.amount end), 0)::numeric(18, 4)::text
     from erp_order_payments p where p.order_id = o.id) as paid,
    (select count(*) from erp_order_payments p where p.order_id = o.id and p.kind = 'refund') as refunds,
    (select coalesce(json_agg(json_build_object('product_id', l.product_id, 'decorations', l.decorations,
       'quantity', trunc(l.quantity), 'unit_price', l.unit_price::text, 'line_total', l.line_total::text, 'sizes',
       (select coalesce(json_agg(json_build_object('variant_id', s.variant_id, 'quantity', trunc(s.quantity),
          'unit_price', s.unit_price::text) order by s.id), '[]')
        from erp_order_line_sizes s where s.order_line_id = l.id)) order by l.position), '[]')
     from erp_order_lines l where l.order_id = o.id) as lines,
    exists (select from erp_order_lines l where l.order_id = o.id and exists (
      select from erp_order_line_sizes s where s.order_line_id = l.id and s.open_quantity > 0)) as has_needs,
    exists (select from erp_production_jobs j where j.order_id = o.id)
      or exists (select from erp_stock_moves m where m.order_id = o.id) as is_in_production
  from erp_orders o where o.id = any($1::uuid[])`;
const parseState = {
  version: 'int',
  refunds: 'int',
  lines: 'json',
  has_needs: 'bool',
  is_in_production: 'bool',
} as const;
const selectState = statement<OrderState & { readonly id: string }>(
  'orders.list_states',
  stateSql.replace('select ', 'select o.id, '),
  { parse: parseState },
);

/** Orders by the fields that an import sets, by id. */
export async function listOrderStates(
  db: Pick<Tx, 'query'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, OrderState>> {
  if (ids.length === 0) return new Map();
  return new Map((await db.query(selectState, [ids])).map(({ id, ...state }) => [id, state]));
}

/** The same of one, its row locked. */
export async function lockOrderState(tx: Tx, id: string): Promise<OrderState | undefined> {
  const [locked, states] = await Promise.all([lockOrder(tx, id), listOrderStates(tx, [id])]);
  return locked && states.get(id);
}

const updateHead = statement<never>(
  'orders.update_imported',
  `update erp_orders set customer_id = $2, currency = $3, subtotal = $4, discount = $5, charges = $6, tax = $7, total = $8,
     due_on = $9, payment_status = $10, version = version + 1, updated_at = $11
   where id = $1`,
);
const orderLines = lineWriter('order');

/**
 * Of an order whose row is locked, everything but its state and what was paid. Other lines take the place of those that
 * were there only while nothing was made of them, which the caller has looked at.
 */
export async function updateImportedOrder(
  tx: Tx,
  ctx: ActorCtx,
  id: string,
  state: OrderState,
  next: ImportedOrder,
  withLines: boolean,
): Promise<void> {
  const sums = { paid: parseExact(state.paid), refunded: state.refunds > 0 };
  tx.defer(updateHead, [
    id,
    next.customer_id,
    next.currency,
    next.subtotal,
    next.discount,
    next.charges,
    next.tax,
    next.total,
    next.due_on,
    state.status === 'draft' ? 'unpaid' : paymentStatusOf(parseExact(next.total), sums),
    ctx.now(),
  ]);
  if (!withLines) return;
  const order = { id, workspaceId: state.workspace_id };
  const replace = () => {
    orderLines.delete(tx, id);
    writeLines(tx, ctx, order, next.lines);
  };
  const needs = state.status === 'confirmed' || state.has_needs;
  if (!needs || !keepsStock(ctx)) return replace();
  const variantIds = next.lines.flatMap(({ sizes }) => sizes.map((size) => size.variant_id));
  await replaceNeeds(tx, ctx, id, variantIds, replace);
}

/** A payment or a refund that makes it so. */
export async function settlePaid(
  tx: Tx,
  ctx: ActorCtx,
  order: { readonly id: string; readonly total: string; readonly reference: string; readonly receivedOn: string },
  target: string,
): Promise<void> {
  const sums: PaymentRows = await sumPayments(tx, order.id);
  const paid = parseExact(target);
  const difference = subtract(paid, parseExact(sums.paid));
  if (compare(difference, zero) === 0) return;
  const kind = compare(difference, zero) > 0 ? 'payment' : 'refund';
  await insertPayment(tx, ctx, {
    orderId: order.id,
    kind,
    method: 'other',
    reference: order.reference,
    amount: formatExact(kind === 'payment' ? difference : negate(difference)),
    receivedOn: order.receivedOn,
    paymentStatus: paymentStatusOf(parseExact(order.total), { paid, refunded: kind === 'refund' || sums.refunds > 0 }),
  });
}

const deleteRows = (['erp_order_payments', 'erp_order_status_changes'] as const).map((table) =>
  statement<never>(`orders.delete_imported_${table}`, `delete from ${table} where order_id = $1::uuid`),
);
const deleteHead = statement<{ id: string }>(
  'orders.delete_imported',
  'delete from erp_orders where id = $1::uuid returning id',
);

/**
 * An order that an import had made and nobody has touched is gone again, with what it was promised. The database refuses
 * that of any other. Its row is locked by the caller.
 */
export async function deleteImportedOrder(tx: Tx, ctx: ActorCtx, id: string, state: OrderState): Promise<void> {
  const order = { id, workspaceId: state.workspace_id };
  if (state.has_needs && keepsStock(ctx)) await giveBackStock(tx, ctx, order, 'return');
  orderLines.delete(tx, id);
  for (const each of deleteRows) tx.defer(each, [id]);
  if ((await tx.query(deleteHead, [id])).length === 0) throw new Error(`The order ${id} is not an import's to delete`);
}
