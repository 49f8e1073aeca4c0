import { jsonSelect } from '@platen/chassis/db/json-select';
import { Payment } from '@platen/schema/contracts/data/order-payments';
import { Order, OrderLine, OrderStatusChange, OrderSummary } from '@platen/schema/contracts/data/orders';
import { moneyJson, moneyOf } from '../documents/index.js';
import { linesJson, taxSharesJson } from '../priced-lines/index.js';
import { type PricedBasket, totalMembers } from '../pricing/index.js';
import type { OrderHead } from './write-order.js';

/** An order's JSON over a row of erp_orders, or of a CTE that wrote one, under the alias `row`. */
const head = (row: string) => {
  const money = moneyOf(row);
  return {
    id: `${row}.id`,
    number: `${row}.number`,
    status: `${row}.status`,
    payment_status: `${row}.payment_status`,
    quote_id: `${row}.quote_id`,
    customer_id: `${row}.customer_id`,
    organization_id: `${row}.organization_id`,
    workspace_id: `${row}.workspace_id`,
    store_id: `${row}.store_id`,
    currency: `${row}.currency`,
    subtotal: money('subtotal'),
    discount: money('discount'),
    tax: money('tax'),
    total: money('total'),
    charges: money('charges'),
    deposit_due: money('deposit_due'),
    due_on: `${row}.due_on`,
    version: `${row}.version`,
    created_at: `${row}.created_at`,
    updated_at: `${row}.updated_at`,
  };
};

/** SQL text of the order with its lines, over the alias `o`. */
export const orderJson = jsonSelect(Order, {
  ...head('o'),
  lines: linesJson('order', 'o', OrderLine),
  taxes: taxSharesJson('order', 'o'),
});
export const orderSummaryJson = (row: string): string => jsonSelect(OrderSummary, head(row));

/** Over a payment `p` and its order `o`. */
export const paymentJson = jsonSelect(Payment, {
  id: 'p.id',
  order_id: 'p.order_id',
  kind: 'p.kind',
  method: 'p.method',
  reference: 'p.reference',
  amount: moneyOf('o')('amount', 'p'),
  received_on: 'p.received_on',
  created_at: 'p.created_at',
});

/** Over the alias `t`. */
export const statusChangeJson = jsonSelect(OrderStatusChange, {
  id: 't.id',
  from: 't.from_status',
  to: 't.to_status',
  changed_by: 't.changed_by',
  reason: 't.reason',
  created_at: 't.created_at',
});

/** A draft as `erp.orders.get` would give it, without reading it back. */
export function draftJson(
  organizationId: string | null,
  order: OrderHead,
  priced: PricedBasket,
  lines: string,
): string {
  const { currency } = priced;
  return (
    `{"id":"${order.id}","number":null,"status":"draft","payment_status":"unpaid","quote_id":null` +
    `,"customer_id":"${order.customerId}","organization_id":${JSON.stringify(organizationId)}` +
    `,"workspace_id":${JSON.stringify(order.workspaceId)},"store_id":${JSON.stringify(order.storeId)}` +
    `,"currency":"${currency}",${totalMembers(priced)}` +
    `,"charges":${moneyJson('0.0000', currency)}` +
    `,"deposit_due":${order.depositDue === null ? 'null' : moneyJson(order.depositDue, currency)}` +
    `,"due_on":${JSON.stringify(order.dueOn)},"version":${order.version}` +
    `,"created_at":"${order.createdAt.toISOString()}","updated_at":"${order.updatedAt.toISOString()}",${lines}}`
  );
}
