import { jsonArray, jsonSelect } from '@platen/chassis/db/json-select';
import {
  PurchaseOrder,
  PurchaseOrderLine,
  PurchaseOrderStatusChange,
  PurchaseOrderSummary,
} from '@platen/schema/contracts/data/purchase-orders';
import { moneyOf } from '../documents/index.js';

/** A purchase order's JSON over a row of erp_purchase_orders, or of a CTE that wrote one, under the alias `row`. */
const head = (row: string) => ({
  id: `${row}.id`,
  number: `${row}.number`,
  status: `${row}.status`,
  supplier_id: `${row}.supplier_id`,
  location_id: `${row}.location_id`,
  organization_id: `${row}.organization_id`,
  workspace_id: `${row}.workspace_id`,
  currency: `${row}.currency`,
  total: moneyOf(row)('total'),
  expected_on: `${row}.expected_on`,
  note: `${row}.note`,
  submitted_by: `${row}.submitted_by`,
  submitted_at: `${row}.submitted_at`,
  approved_by: `${row}.approved_by`,
  approved_at: `${row}.approved_at`,
  version: `${row}.version`,
  created_at: `${row}.created_at`,
  updated_at: `${row}.updated_at`,
});

/** Without the zeros that numeric(18,4) keeps: `144`, `2.5`. */
export const quantityOf = (column: string): string => `trim_scale(${column})::text`;

const money = moneyOf('p');
const line = jsonSelect(PurchaseOrderLine, {
  id: 'l.id',
  position: 'l.position',
  variant_id: 'l.variant_id',
  supplier_sku: 'l.supplier_sku',
  ordered_quantity: quantityOf('l.ordered_quantity'),
  received_quantity: quantityOf('l.received_quantity'),
  billed_quantity: quantityOf('l.billed_quantity'),
  unit_cost: money('unit_cost', 'l'),
  line_total: money('line_total', 'l'),
});

/** SQL text of the purchase order with its lines, over the alias `p`. */
export const purchaseOrderJson = jsonSelect(PurchaseOrder, {
  ...head('p'),
  lines: jsonArray(line, 'erp_purchase_order_lines l where l.purchase_order_id = p.id order by l.position'),
});
export const summaryJson = jsonSelect(PurchaseOrderSummary, head('t'));

/** Over the alias `t`. */
export const statusChangeJson = jsonSelect(PurchaseOrderStatusChange, {
  id: 't.id',
  from: 't.from_status',
  to: 't.to_status',
  changed_by: 't.changed_by',
  reason: 't.reason',
  created_at: 't.created_at',
});
