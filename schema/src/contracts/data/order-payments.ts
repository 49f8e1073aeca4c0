import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import {
  CalendarDate,
  closed,
  Id,
  IdParams,
  literals,
  Money,
  nullable,
  PositiveMoney,
  page,
  pageQuery,
  Timestamp,
} from '../shapes.js';
import { OrderSummary } from './orders.js';

export const paymentKinds = ['payment', 'refund'] as const;
export const paymentMethods = ['cash', 'card', 'bank_transfer', 'cheque', 'other'] as const;

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
    description:
      'Record-only: no money moves. Never more than the total is paid, never more than was paid is refunded. The `payment_status` of the order follows. A cancelled order takes refunds only.',
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
