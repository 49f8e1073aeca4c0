import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { purchaseOrderStatuses } from '../../states/purchase-order.js';
import { closed, Id, IdParams, literals, Money, nullable, Quantity } from '../shapes.js';

/**
 * - `received_short`, `received_over`: less or more came than was ordered.
 * - `unbilled`, `billed_over`: less or more was billed than came.
 * - `cost_higher`, `cost_lower`: a piece was billed at another cost than was ordered.
 */
export const matchDifferenceKinds = [
  'received_short',
  'received_over',
  'unbilled',
  'billed_over',
  'cost_higher',
  'cost_lower',
] as const;
/**
 * - `differs`: a bill asks for more than came, or at another cost: settle it with the supplier.
 * - `open`: nothing is wrong so far, and goods or bills are still to come.
 * - `matched`: what came was billed, as ordered.
 */
export const matchVerdicts = ['matched', 'open', 'differs'] as const;

const MatchDifference = closed({
  kind: literals(matchDifferenceKinds),
  /** Pieces that it is about. */
  quantity: Quantity,
  /** What it is worth: pieces at the cost ordered; of another cost, what it makes in money. */
  amount: Money,
});
export const PurchaseMatchLine = closed({
  purchase_order_line_id: Id,
  position: Type.Integer({ minimum: 1 }),
  variant_id: Id,
  supplier_sku: nullable(Type.String()),
  ordered_quantity: Quantity,
  received_quantity: Quantity,
  billed_quantity: Quantity,
  unit_cost: Money,
  ordered_total: Money,
  /** What came, at the cost ordered. */
  received_total: Money,
  billed_total: Money,
  bills: Type.Array(
    closed({ bill_id: Id, reference: Type.String(), quantity: Quantity, unit_cost: Money, line_total: Money }),
  ),
  differences: Type.Array(MatchDifference),
});
export const PurchaseMatch = closed({
  purchase_order_id: Id,
  number: nullable(Type.String()),
  status: literals(purchaseOrderStatuses),
  verdict: literals(matchVerdicts),
  ordered_total: Money,
  received_total: Money,
  billed_total: Money,
  /** What was billed, less what came at the cost ordered: more than zero is asked without a ground. */
  difference: Money,
  lines: Type.Array(PurchaseMatchLine),
});

export const purchaseMatch = contracts('erp.purchaseOrders', {
  match: {
    method: 'GET',
    path: '/api/erp/purchase-orders/:id/match',
    access: requires('erp.purchase_order.read'),
    summary: 'Hold what was ordered, received and billed against each other',
    params: IdParams,
    status: 200,
    response: PurchaseMatch,
  },
});
