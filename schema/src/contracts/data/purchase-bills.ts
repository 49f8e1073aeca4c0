import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import {
  CalendarDate,
  closed,
  Id,
  IdParams,
  Money,
  nullable,
  PositiveMoney,
  page,
  pageQuery,
  Quantity,
  Timestamp,
} from '../shapes.js';
import { PurchaseOrder, purchaseOrderLimits } from './purchase-orders.js';
import { Reference } from './purchase-receipts.js';

export const PurchaseBillLine = closed({
  id: Id,
  purchase_order_line_id: Id,
  quantity: Quantity,
  unit_cost: Money,
  line_total: Money,
});
/** A supplier's invoice as it came, right or wrong; never changed. */
export const PurchaseBill = closed({
  id: Id,
  purchase_order_id: Id,
  /** The supplier's invoice number. */
  reference: Type.String(),
  billed_on: CalendarDate,
  due_on: nullable(CalendarDate),
  /** Of the lines, net. */
  total: Money,
  /** The user or API key. */
  recorded_by: Id,
  created_at: Timestamp,
  lines: Type.Array(PurchaseBillLine),
});

export const purchaseBills = contracts('erp.purchaseBills', {
  list: {
    method: 'GET',
    path: '/api/erp/purchase-orders/:id/bills',
    access: requires('erp.purchase_order.read'),
    summary: 'List the bills of a purchase order, oldest first',
    params: IdParams,
    query: closed(pageQuery),
    status: 200,
    response: page(PurchaseBill),
    paged: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/purchase-orders/:id/bills',
    access: requires('erp.purchase_order.bill'),
    summary: 'Record a bill of the supplier',
    description:
      'As it came: quantities and costs may differ from what was ordered and received, and `match` shows where. A supplier uses an invoice number once.',
    params: IdParams,
    body: closed({
      reference: Reference,
      /** Default: today. */
      billed_on: Type.Optional(CalendarDate),
      due_on: Type.Optional(nullable(CalendarDate)),
      lines: Type.Array(
        closed({
          purchase_order_line_id: Id,
          quantity: Quantity,
          /** Default: as ordered. */
          unit_cost: Type.Optional(PositiveMoney),
        }),
        { minItems: 1, maxItems: purchaseOrderLimits.lines },
      ),
    }),
    status: 201,
    response: closed({ bill: PurchaseBill, purchase_order: PurchaseOrder }),
    errors: [
      'illegal_transition',
      'version_mismatch',
      'unknown_reference',
      'currency_mismatch',
      'amount_out_of_range',
      'duplicate',
    ],
  },
});
