import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { purchaseOrderStatuses } from '../../states/purchase-order.js';
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
  partial,
  Quantity,
  stamps,
  Text,
  Timestamp,
  Version,
} from '../shapes.js';

export const Reason = Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' });

export const PurchaseOrderLine = closed({
  id: Id,
  position: Type.Integer({ minimum: 1 }),
  variant_id: Id,
  /** The supplier's article number when the line was written. */
  supplier_sku: nullable(Type.String()),
  ordered_quantity: Quantity,
  received_quantity: Quantity,
  billed_quantity: Quantity,
  unit_cost: Money,
  line_total: Money,
});
const head = {
  id: Id,
  /** Given when it is first submitted, and kept. */
  number: nullable(Type.String()),
  status: literals(purchaseOrderStatuses),
  supplier_id: Id,
  /** Where the goods are to go. */
  location_id: Id,
  organization_id: Id,
  workspace_id: nullable(Id),
  /** The supplier's, as it was when the lines were written. */
  currency: Currency,
  /** Of the lines, net. */
  total: Money,
  expected_on: nullable(CalendarDate),
  note: nullable(Text),
  submitted_by: nullable(Id),
  submitted_at: nullable(Timestamp),
  approved_by: nullable(Id),
  approved_at: nullable(Timestamp),
  version: Version,
  ...stamps,
};
export const PurchaseOrderSummary = closed(head);
export const PurchaseOrder = closed({ ...head, lines: Type.Array(PurchaseOrderLine) });

/** One move of a purchase order through its states. */
export const PurchaseOrderStatusChange = closed({
  id: Id,
  /** null: it was made in this state. */
  from: nullable(literals(purchaseOrderStatuses)),
  to: literals(purchaseOrderStatuses),
  /** The user or API key. */
  changed_by: Id,
  /** Of a rejection or a cancellation. */
  reason: nullable(Type.String()),
  created_at: Timestamp,
});

export const purchaseOrderLimits = { lines: 500 } as const;
export const RequestedPurchaseLine = closed({
  variant_id: Id,
  quantity: Quantity,
  /** Default: the supplier's cost of the variant. */
  unit_cost: Type.Optional(PositiveMoney),
});
const fields = {
  supplier_id: Id,
  /** Default: the first location that holds stock. */
  location_id: Type.Optional(Id),
  expected_on: Type.Optional(nullable(CalendarDate)),
  note: Type.Optional(nullable(Text)),
  lines: Type.Array(RequestedPurchaseLine, { minItems: 1, maxItems: purchaseOrderLimits.lines }),
};
const draftErrors = ['unknown_reference', 'price_unavailable', 'currency_mismatch', 'amount_out_of_range'] as const;
const moveErrors = ['illegal_transition', 'version_mismatch'] as const;

export const purchaseOrders = contracts('erp.purchaseOrders', {
  list: {
    method: 'GET',
    path: '/api/erp/purchase-orders',
    access: requires('erp.purchase_order.read'),
    summary: 'List purchase orders, newest first',
    query: closed({
      ...pageQuery,
      status: Type.Optional(literals(purchaseOrderStatuses)),
      supplier_id: Type.Optional(Id),
      number_prefix: Type.Optional(Type.String({ minLength: 1, maxLength: 64, examples: ['PO-2026-'] })),
    }),
    status: 200,
    response: page(PurchaseOrderSummary),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/purchase-orders/:id',
    access: requires('erp.purchase_order.read'),
    summary: 'Get a purchase order with its lines',
    params: IdParams,
    status: 200,
    response: PurchaseOrder,
    versioned: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/purchase-orders',
    access: requires('erp.purchase_order.write'),
    summary: 'Draft a purchase order',
    description:
      'In the currency of the supplier. A line without `unit_cost` takes the cost that the supplier asks for the variant.',
    body: closed(fields),
    status: 201,
    response: PurchaseOrder,
    versioned: true,
    errors: draftErrors,
  },
  update: {
    method: 'PATCH',
    path: '/api/erp/purchase-orders/:id',
    access: requires('erp.purchase_order.write'),
    summary: 'Change a draft purchase order',
    description:
      '`lines` take the place of those that are there. With another supplier and no `lines`, the lines are written again at the costs of the new one.',
    params: IdParams,
    body: partial(fields),
    status: 200,
    response: PurchaseOrder,
    versioned: true,
    errors: [...moveErrors, ...draftErrors],
  },
  submit: {
    method: 'POST',
    path: '/api/erp/purchase-orders/:id/submit',
    access: requires('erp.purchase_order.submit'),
    summary: 'Submit a draft for approval and give it its number',
    params: IdParams,
    status: 200,
    response: PurchaseOrder,
    versioned: true,
    errors: moveErrors,
  },
  approve: {
    method: 'POST',
    path: '/api/erp/purchase-orders/:id/approve',
    access: requires('erp.purchase_order.approve'),
    consults: ['erp.purchase_order.approve_own'],
    summary: 'Approve a submitted purchase order',
    description: 'What one submitted oneself only with `erp.purchase_order.approve_own`.',
    params: IdParams,
    status: 200,
    response: PurchaseOrder,
    versioned: true,
    errors: [...moveErrors, 'own_document'],
  },
  reject: {
    method: 'POST',
    path: '/api/erp/purchase-orders/:id/reject',
    access: requires('erp.purchase_order.reject'),
    summary: 'Reject a submitted purchase order',
    params: IdParams,
    body: closed({ reason: Reason }),
    status: 200,
    response: PurchaseOrder,
    versioned: true,
    errors: moveErrors,
  },
  reopen: {
    method: 'POST',
    path: '/api/erp/purchase-orders/:id/reopen',
    access: requires('erp.purchase_order.write'),
    summary: 'Make a rejected purchase order a draft again',
    description: 'It keeps its number, and may be changed and submitted again.',
    params: IdParams,
    status: 200,
    response: PurchaseOrder,
    versioned: true,
    errors: moveErrors,
  },
  close: {
    method: 'POST',
    path: '/api/erp/purchase-orders/:id/close',
    access: requires('erp.purchase_order.close'),
    summary: 'Close a purchase order of which nothing more is to come',
    params: IdParams,
    status: 200,
    response: PurchaseOrder,
    versioned: true,
    errors: moveErrors,
  },
  cancel: {
    method: 'POST',
    path: '/api/erp/purchase-orders/:id/cancel',
    access: requires('erp.purchase_order.cancel'),
    summary: 'Cancel a purchase order of which nothing was received',
    params: IdParams,
    body: closed({ reason: Reason }),
    status: 200,
    response: PurchaseOrder,
    versioned: true,
    errors: moveErrors,
  },
  history: {
    method: 'GET',
    path: '/api/erp/purchase-orders/:id/history',
    access: requires('erp.purchase_order.read'),
    summary: 'List who moved a purchase order from state to state, oldest first',
    params: IdParams,
    query: closed(pageQuery),
    status: 200,
    response: page(PurchaseOrderStatusChange),
    paged: true,
  },
});
