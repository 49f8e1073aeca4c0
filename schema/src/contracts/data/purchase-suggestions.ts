import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { CalendarDate, Currency, closed, Id, Money, nullable, Quantity } from '../shapes.js';
import { purchaseOrderLimits, RequestedPurchaseLine } from './purchase-orders.js';

/** An order that waits for a variant, the earliest due first. */
const EndangeredOrder = closed({
  order_id: Id,
  number: Type.String(),
  customer_id: Id,
  customer_name: Type.String(),
  due_on: nullable(CalendarDate),
  /** What it lacks. */
  quantity: Quantity,
  /** Of that, on its way or submitted for approval. */
  awaited_quantity: Quantity,
  /** Would what is bought today arrive by the day it is due? null: it is due on no day, or nobody delivers the variant. */
  in_time: nullable(Type.Boolean()),
});
const Shortage = {
  variant_id: Id,
  sku: Type.String(),
  product_name: Type.String(),
  short_quantity: Quantity,
  /** Of approved purchase orders, not received yet. */
  on_the_way_quantity: Quantity,
  /** Of purchase orders that wait for approval. */
  submitted_quantity: Quantity,
  /** Of drafts, which nobody asked for yet: not counted as coming. */
  drafted_quantity: Quantity,
  orders: Type.Array(EndangeredOrder),
};
const SuggestedLine = closed({
  ...Shortage,
  /** What to order. */
  quantity: Quantity,
  supplier_sku: nullable(Type.String()),
  unit_cost: Money,
  line_total: Money,
  lead_days: Type.Integer(),
  /** If it is ordered today. */
  arrives_on: CalendarDate,
  /** Whether it comes in time for every order that has a day. */
  in_time: Type.Boolean(),
});
const SuggestedPurchaseOrder = closed({
  supplier_id: Id,
  supplier_code: Type.String(),
  supplier_name: Type.String(),
  currency: Currency,
  total: Money,
  /** As `erp.purchaseOrders.create` takes it. */
  draft: closed({
    supplier_id: Id,
    expected_on: CalendarDate,
    lines: Type.Array(RequestedPurchaseLine, { minItems: 1, maxItems: purchaseOrderLimits.lines }),
  }),
  lines: Type.Array(SuggestedLine),
});
export const PurchaseSuggestions = closed({
  /** The day that lead times are counted from: today, where the organization is. */
  on: CalendarDate,
  purchase_orders: Type.Array(SuggestedPurchaseOrder),
  /** Short, and nobody is known who delivers it. */
  without_supplier: Type.Array(closed(Shortage)),
  /** Short, and enough is on its way or submitted already. */
  awaited: Type.Array(closed(Shortage)),
  /** false: there are more shortages than are looked at in one call; those of the orders that are due first are here. */
  complete: Type.Boolean(),
});

export const purchaseSuggestions = contracts('erp.purchaseOrders', {
  suggestions: {
    method: 'GET',
    path: '/api/erp/purchase-orders/suggestions',
    access: requires('erp.purchase_order.read'),
    summary: 'Propose purchase orders for what orders lack',
    description:
      'For each variant the cheapest supplier who delivers in time for the earliest order that is not covered, else the fastest. Where costs are in several currencies, those in the currency of the organization come first: they are not converted.',
    rateClass: 'compute',
    status: 200,
    response: PurchaseSuggestions,
  },
});
