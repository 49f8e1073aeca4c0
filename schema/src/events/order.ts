import { Type } from 'typebox';
import { closed, Id, Money } from '../contracts/shapes.js';

export const topic = 'erp.order';

export const OrderConfirmed = closed({ order_id: Id, number: Type.String(), total: Money });
export const OrderPaymentRecorded = closed({ order_id: Id, payment_id: Id, kind: Type.String(), amount: Money });

export const orderEvents = {
  'erp.order.confirmed': OrderConfirmed,
  'erp.order.payment_recorded': OrderPaymentRecorded,
} as const;
