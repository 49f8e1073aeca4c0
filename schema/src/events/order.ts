import { Type } from 'typebox';
import { closed, Id, literals, Money, nullable, Quantity } from '../contracts/shapes.js';
import { orderStatuses } from '../states/order.js';

export const topic = 'erp.order';

export const OrderCreated = closed({
  order_id: Id,
  /** Of which it was made; null: it was made directly. */
  quote_id: nullable(Id),
  customer_id: Id,
  total: Money,
});
export const OrderConfirmed = closed({ order_id: Id, number: Type.String(), total: Money });
const OrderMoved = closed({ order_id: Id, number: Type.String() });
export const OrderCancelled = closed({
  order_id: Id,
  /** null: it was a draft. */
  number: nullable(Type.String()),
  /** The state that it was in. */
  from: literals(orderStatuses),
  reason: Type.String(),
});
export const OrderPaymentRecorded = closed({ order_id: Id, payment_id: Id, kind: Type.String(), amount: Money });

/** What is missing from stock for these lines, now; 0: nothing. */
export const OrderBlanksChanged = closed({
  order_id: Id,
  lines: Type.Array(closed({ order_line_id: Id, short: Quantity })),
});

export const orderEvents = {
  'erp.order.created': OrderCreated,
  'erp.order.confirmed': OrderConfirmed,
  'erp.order.started': OrderMoved,
  'erp.order.ready': OrderMoved,
  'erp.order.shipped': OrderMoved,
  'erp.order.completed': OrderMoved,
  'erp.order.cancelled': OrderCancelled,
  'erp.order.blanks_changed': OrderBlanksChanged,
  'erp.order.payment_recorded': OrderPaymentRecorded,
} as const;
