import { outboxRowSql, outboxRowValues } from '@platen/chassis/bus/outbox';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import type { OrderStatus, PaymentStatus } from '@platen/schema/states/order';
import type { WorkCtx } from '../module.js';
import { nextNumberSql, numberTextSql } from '../numbers/index.js';
import { requestedLinesOf } from '../priced-lines/index.js';
import { orderJson, orderSummaryJson, paymentJson } from './json.js';

export interface JsonDocument {
  readonly body: string;
  readonly version: number;
}

const selectOrder = statement<JsonDocument>(
  'orders.get',
  `select ${orderJson} as body, o.version from erp_orders o where o.id = $1::uuid`,
  { parse: { version: 'int' } },
);

export async function findOrder(db: Queryable, id: string): Promise<JsonDocument | undefined> {
  const [row] = await db.query(selectOrder, [id]);
  return row;
}

const selectExists = statement<{ found: string }>(
  'orders.exists',
  'select 1 as found from erp_orders where id = $1::uuid',
);

export async function isOrder(db: Queryable, id: string): Promise<boolean> {
  return (await db.query(selectExists, [id])).length > 0;
}

export interface LockedOrder {
  readonly status: OrderStatus;
  readonly version: number;
  readonly number: string | null;
  readonly workspace_id: string | null;
  readonly store_id: string | null;
  readonly quote_id: string | null;
  /** null: somebody else has made its prices, as of one that was imported. */
  readonly rule_set_version_id: string | null;
  readonly customer_id: string;
  readonly currency: string;
  readonly total: string;
  readonly deposit_due: string | null;
  readonly due_on: string | null;
  readonly created_at: Date;
}

const lockOrderRow = statement<LockedOrder>(
  'orders.lock',
  `select status, version, number, workspace_id, store_id, quote_id, rule_set_version_id, customer_id, currency, total,
    deposit_due, due_on::text, created_at
  from erp_orders where id = $1::uuid for no key update`,
  { parse: { version: 'int', created_at: 'date' } },
);

/**
 * The order's row, locked to the end of the transaction: before its event, its payments or its state change. Not its key:
 * entries of stock and jobs that refer to it are written without waiting.
 */
export async function lockOrder(tx: Tx, id: string): Promise<LockedOrder | undefined> {
  const [row] = await tx.query(lockOrderRow, [id]);
  return row;
}

const insertChange = statement<never>(
  'orders.status_change',
  `insert into erp_order_status_changes
    (tenant_id, organization_id, workspace_id, id, order_id, from_status, to_status, changed_by, reason, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
);

export function insertStatusChange(
  tx: Tx,
  ctx: WorkCtx,
  change: {
    readonly orderId: string;
    readonly workspaceId: string | null;
    readonly from: OrderStatus | null;
    readonly to: OrderStatus;
    readonly by: string;
    readonly reason?: string;
  },
): void {
  const { orderId, workspaceId, from, to, by, reason = null } = change;
  tx.defer(insertChange, [
    ctx.tenant.id,
    ctx.organizationId,
    workspaceId,
    ctx.newId(),
    orderId,
    from,
    to,
    by,
    reason,
    ctx.now(),
  ]);
}

const confirm = statement<JsonDocument>(
  'orders.confirm',
  `with next as (${nextNumberSql({ kind: 'order', tenantId: '$1', organizationId: '$2', year: '$3' })}),
  o as (
    update erp_orders set number = ${numberTextSql('next', '$4')}, status = 'confirmed', payment_status = $7,
      version = version + 1, updated_at = $6::timestamptz
    from next where id = $5::uuid returning erp_orders.*
  ), event as (${outboxRowSql({
    firstParameter: 8,
    from: 'o',
    payload: `jsonb_build_object('order_id', id, 'number', number,
      'total', jsonb_build_object('amount', total::text, 'currency', currency))`,
  })})
  select ${orderJson} as body, o.version from o`,
  { parse: { version: 'int' } },
);

/** Number, state and event in one statement; the transaction's last. */
export async function confirmOrder(
  tx: Tx,
  ctx: WorkCtx,
  order: { readonly id: string; readonly prefix: string; readonly year: number; readonly paymentStatus: PaymentStatus },
): Promise<JsonDocument | undefined> {
  const event = outboxRowValues(ctx, { type: 'erp.order.confirmed', aggregateId: order.id });
  const [row] = await tx.query(confirm, [
    ctx.tenant.id,
    ctx.organizationId,
    order.year,
    order.prefix,
    order.id,
    ctx.now(),
    order.paymentStatus,
    ...event.values,
  ]);
  return row;
}

const move = statement<JsonDocument>(
  'orders.move',
  `with o as (
    update erp_orders set status = $2, version = version + 1, updated_at = $3::timestamptz where id = $1::uuid returning *
  ) select ${orderJson} as body, o.version from o`,
  { parse: { version: 'int' } },
);

export async function moveOrder(
  tx: Tx,
  ctx: WorkCtx,
  order: { readonly id: string; readonly to: OrderStatus },
): Promise<JsonDocument | undefined> {
  const [row] = await tx.query(move, [order.id, order.to, ctx.now()]);
  return row;
}

const updateTermsRow = statement<JsonDocument>(
  'orders.update_terms',
  `with o as (
    update erp_orders set due_on = $2::date, deposit_due = $3::numeric, version = version + 1, updated_at = $4::timestamptz
    where id = $1::uuid returning *
  ) select ${orderJson} as body, o.version from o`,
  { parse: { version: 'int' } },
);

/** What of an order changes without a new price. */
export async function updateTerms(
  tx: Tx,
  ctx: WorkCtx,
  order: { readonly id: string; readonly dueOn: string | null; readonly depositDue: string | null },
): Promise<JsonDocument | undefined> {
  const [row] = await tx.query(updateTermsRow, [order.id, order.dueOn, order.depositDue, ctx.now()]);
  return row;
}

/** What was asked for, without its prices. */
export const listRequestedLines = requestedLinesOf('order');

export interface PaymentRows {
  /** Payments less refunds, decimal text. */
  readonly paid: string;
  readonly refunds: number;
}

const selectPaid = statement<PaymentRows>(
  'orders.paid',
  `select coalesce(sum(case kind when 'payment' then amount else -amount end), 0)::text as paid,
    count(*) filter (where kind = 'refund') as refunds
  from erp_order_payments where order_id = $1::uuid`,
  { parse: { refunds: 'int' } },
);

/** What was paid and not refunded. A statement after the lock, so that it sees what the lock's previous holder committed. */
export async function sumPayments(tx: Tx, orderId: string): Promise<PaymentRows> {
  const [row] = await tx.query(selectPaid, [orderId]);
  return row ?? { paid: '0', refunds: 0 };
}

const payment = statement<{ body: string }>(
  'orders.pay',
  `with o as (
    update erp_orders set payment_status = $2, version = version + 1, updated_at = $3::timestamptz
    where id = $1::uuid returning *
  ), p as (
    insert into erp_order_payments
      (tenant_id, organization_id, workspace_id, id, order_id, kind, method, reference, amount, received_on, created_at)
    select tenant_id, organization_id, workspace_id, $4::uuid, id, $5, $6, $7, $8::numeric, $9::date, $3::timestamptz from o
    returning *
  ), event as (${outboxRowSql({
    firstParameter: 10,
    from: 'p cross join (select currency from o) as of_order',
    payload: `jsonb_build_object('order_id', order_id, 'payment_id', id, 'kind', kind,
      'amount', jsonb_build_object('amount', amount::text, 'currency', currency))`,
  })})
  select concat('{"payment":', ${paymentJson}, ',"order":', ${orderSummaryJson('o')}, '}') as body from o, p`,
);

export interface NewPayment {
  readonly orderId: string;
  readonly kind: string;
  readonly method: string;
  readonly reference: string | null;
  readonly amount: string;
  readonly receivedOn: string;
  readonly paymentStatus: PaymentStatus;
}

/** The payment, the order's payment status and the event; answers `{payment, order}`. */
export async function insertPayment(tx: Tx, ctx: WorkCtx, given: NewPayment): Promise<string | undefined> {
  const event = outboxRowValues(ctx, { type: 'erp.order.payment_recorded', aggregateId: given.orderId });
  const [row] = await tx.query(payment, [
    given.orderId,
    given.paymentStatus,
    ctx.now(),
    ctx.newId(),
    given.kind,
    given.method,
    given.reference,
    given.amount,
    given.receivedOn,
    ...event.values,
  ]);
  return row?.body;
}
