import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { keepsStock } from '../inventory/index.js';
import type { ActorCtx } from '../module.js';
import { lineWriter } from '../priced-lines/index.js';
import { compare, formatExact, negate, parseExact, subtract, zero } from '../pricing/index.js';
import { type ImportedOrder, writeLines } from './imported-orders.js';
import { giveBackStock, replaceNeeds } from './order-stock.js';
import { paymentStatusOf } from './payment-status.js';
import { insertPayment, lockOrder, type PaymentRows, sumPayments } from './repo.js';

// What becomes of an imported order afterwards: read as an import sees it, changed, settled, gone again.

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

const selectState = statement<OrderState & { readonly id: string }>(
  'orders.list_states',
  `select o.id, o.version, o.workspace_id, o.status, o.customer_id, o.currency, o.subtotal, o.discount, o.charges,
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
  from erp_orders o where o.id = any($1::uuid[])`,
  { parse: { version: 'int', refunds: 'int', lines: 'json', has_needs: 'bool', is_in_production: 'bool' } },
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
