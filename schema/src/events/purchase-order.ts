import { Type } from 'typebox';
import { closed, Id, literals, Money, nullable, Quantity } from '../contracts/shapes.js';
import { purchaseOrderStatuses } from '../states/purchase-order.js';

export const topic = 'erp.purchase_order';

const named = { purchase_order_id: Id, number: Type.String(), supplier_id: Id };
export const PurchaseOrderCreated = closed({ purchase_order_id: Id, supplier_id: Id, total: Money });
const PurchaseOrderMoved = closed(named);
export const PurchaseOrderSubmitted = closed({ ...named, total: Money });
export const PurchaseOrderRejected = closed({ ...named, reason: Type.String() });
export const PurchaseOrderCancelled = closed({
  purchase_order_id: Id,
  /** null: it was a draft that was never submitted. */
  number: nullable(Type.String()),
  supplier_id: Id,
  /** The state that it was in. */
  from: literals(purchaseOrderStatuses),
  reason: Type.String(),
});
export const PurchaseOrderReceived = closed({
  ...named,
  receipt_id: Id,
  location_id: Id,
  /** Afterwards. */
  status: literals(purchaseOrderStatuses),
  lines: Type.Array(closed({ purchase_order_line_id: Id, variant_id: Id, quantity: Quantity })),
});
export const PurchaseOrderBilled = closed({ ...named, bill_id: Id, reference: Type.String(), total: Money });

export const purchaseOrderEvents = {
  'erp.purchase_order.created': PurchaseOrderCreated,
  'erp.purchase_order.submitted': PurchaseOrderSubmitted,
  'erp.purchase_order.approved': PurchaseOrderSubmitted,
  'erp.purchase_order.rejected': PurchaseOrderRejected,
  'erp.purchase_order.reopened': PurchaseOrderMoved,
  'erp.purchase_order.received': PurchaseOrderReceived,
  'erp.purchase_order.billed': PurchaseOrderBilled,
  'erp.purchase_order.closed': PurchaseOrderMoved,
  'erp.purchase_order.cancelled': PurchaseOrderCancelled,
} as const;
