import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { CalendarDate, closed, Id, IdParams, nullable, page, pageQuery, Quantity, Timestamp } from '../shapes.js';
import { PurchaseOrder, purchaseOrderLimits } from './purchase-orders.js';

export const Reference = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S', examples: ['DN-20418'] });

export const PurchaseReceiptLine = closed({ id: Id, purchase_order_line_id: Id, quantity: Quantity });
/** A delivery as it was counted; never changed. */
export const PurchaseReceipt = closed({
  id: Id,
  purchase_order_id: Id,
  location_id: Id,
  /** The number on the delivery note. */
  reference: nullable(Type.String()),
  received_on: CalendarDate,
  /** The user or API key. */
  received_by: Id,
  created_at: Timestamp,
  lines: Type.Array(PurchaseReceiptLine),
});

export const purchaseReceipts = contracts('erp.purchaseReceipts', {
  list: {
    method: 'GET',
    path: '/api/erp/purchase-orders/:id/receipts',
    access: requires('erp.purchase_order.read'),
    summary: 'List the deliveries of a purchase order, oldest first',
    params: IdParams,
    query: closed(pageQuery),
    status: 200,
    response: page(PurchaseReceipt),
    paged: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/purchase-orders/:id/receipts',
    access: requires('erp.purchase_order.receive'),
    summary: 'Record a delivery, whole or in part',
    description:
      'The goods enter stock and are promised to the orders that wait for them, the earliest due first. More than ordered only within the tolerance of the organization: `lines` in the refusal says what is still allowed.',
    params: IdParams,
    body: closed({
      lines: Type.Array(closed({ purchase_order_line_id: Id, quantity: Quantity }), {
        minItems: 1,
        maxItems: purchaseOrderLimits.lines,
      }),
      reference: Type.Optional(nullable(Reference)),
      /** Default: today. */
      received_on: Type.Optional(CalendarDate),
      /** Default: the purchase order's. */
      location_id: Type.Optional(Id),
    }),
    status: 201,
    response: closed({ receipt: PurchaseReceipt, purchase_order: PurchaseOrder }),
    errors: [
      'illegal_transition',
      'version_mismatch',
      'unknown_reference',
      'amount_out_of_range',
      'over_receipt',
      'conflict',
    ],
  },
});
