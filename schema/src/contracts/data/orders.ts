import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { orderStatuses, paymentStatuses } from '../../states/order.js';
import {
  CalendarDate,
  Currency,
  closed,
  Id,
  IdParams,
  literals,
  Money,
  nullable,
  PositiveMoney,
  page,
  pageQuery,
  stamps,
  Timestamp,
  Version,
} from '../shapes.js';
import { Decorations, PieceSum, PricedSize, Receipt, TaxShare } from './pricing.js';

export const paymentKinds = ['payment', 'refund'] as const;
export const paymentMethods = ['cash', 'card', 'bank_transfer', 'cheque', 'other'] as const;

export const OrderLine = closed({
  id: Id,
  position: Type.Integer({ minimum: 1 }),
  product_id: Id,
  design_id: nullable(Id),
  decorations: Decorations,
  quantity: PieceSum,
  unit_price: Money,
  fee_total: Money,
  line_total: Money,
  sizes: Type.Array(PricedSize),
  /** As the quote's line had it; null: an order from before receipts were kept with orders. */
  receipt: nullable(Receipt),
  receipt_hash: nullable(Type.String()),
});
const head = {
  id: Id,
  /** Given when the order is confirmed. */
  number: nullable(Type.String()),
  status: literals(orderStatuses),
  payment_status: literals(paymentStatuses),
  quote_id: nullable(Id),
  customer_id: Id,
  organization_id: Id,
  workspace_id: nullable(Id),
  /** Of the storefront at whose host it was made. */
  store_id: nullable(Id),
  currency: Currency,
  subtotal: Money,
  discount: Money,
  tax: Money,
  total: Money,
  deposit_due: nullable(Money),
  due_on: nullable(CalendarDate),
  version: Version,
  ...stamps,
};
export const OrderSummary = closed(head);
export const Order = closed({ ...head, lines: Type.Array(OrderLine), taxes: Type.Array(TaxShare) });
export const Payment = closed({
  id: Id,
  order_id: Id,
  kind: literals(paymentKinds),
  method: literals(paymentMethods),
  reference: nullable(Type.String()),
  amount: Money,
  received_on: CalendarDate,
  created_at: Timestamp,
});

export const orders = contracts('erp.orders', {
  list: {
    method: 'GET',
    path: '/api/erp/orders',
    access: requires('erp.order.read'),
    summary: 'List orders, newest first',
    query: closed({
      ...pageQuery,
      status: Type.Optional(literals(orderStatuses)),
      payment_status: Type.Optional(literals(paymentStatuses)),
      customer_id: Type.Optional(Id),
    }),
    status: 200,
    response: page(OrderSummary),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/orders/:id',
    access: requires('erp.order.read'),
    summary: 'Get an order with its lines',
    params: IdParams,
    status: 200,
    response: Order,
    versioned: true,
  },
  confirm: {
    method: 'POST',
    path: '/api/erp/orders/:id/confirm',
    access: requires('erp.order.confirm'),
    summary: 'Confirm a draft order and give it its number',
    params: IdParams,
    status: 200,
    response: Order,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch'],
  },
});

export const orderPayments = contracts('erp.orderPayments', {
  list: {
    method: 'GET',
    path: '/api/erp/orders/:id/payments',
    access: requires('erp.order_payment.read'),
    summary: 'List the payments of an order',
    params: IdParams,
    query: closed(pageQuery),
    status: 200,
    response: page(Payment),
    paged: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/orders/:id/payments',
    access: requires('erp.order_payment.write'),
    summary: 'Record a payment or a refund',
    description: 'Record-only: no money moves. `payment_status` of the order follows.',
    params: IdParams,
    body: closed({
      kind: literals(paymentKinds),
      method: literals(paymentMethods),
      reference: Type.Optional(nullable(Type.String({ minLength: 1, maxLength: 200 }))),
      amount: PositiveMoney,
      received_on: Type.Optional(CalendarDate),
    }),
    status: 201,
    response: closed({ payment: Payment, order: OrderSummary }),
    errors: [
      'illegal_transition',
      'currency_mismatch',
      'payment_exceeds_balance',
      'refund_exceeds_paid',
      'amount_out_of_range',
      'version_mismatch',
    ],
  },
});
