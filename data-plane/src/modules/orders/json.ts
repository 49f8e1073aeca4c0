import { jsonArray, jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { Order, OrderLine, OrderSummary, Payment } from '@platen/schema/contracts/data/orders';
import { PricedSize, TaxShare } from '@platen/schema/contracts/data/pricing';
import { moneyOf } from '../documents/index.js';

/** An order's JSON over a row of erp_orders, or of a CTE that wrote one, under the alias `row`. */
const head = (row: string) => {
  const money = moneyOf(row);
  return {
    id: `${row}.id`,
    number: `${row}.number`,
    status: `${row}.status`,
    payment_status: `${row}.payment_status`,
    quote_id: `${row}.quote_id`,
    customer_id: `${row}.customer_id`,
    organization_id: `${row}.organization_id`,
    workspace_id: `${row}.workspace_id`,
    store_id: `${row}.store_id`,
    currency: `${row}.currency`,
    subtotal: money('subtotal'),
    discount: money('discount'),
    tax: money('tax'),
    total: money('total'),
    deposit_due: money('deposit_due'),
    due_on: `${row}.due_on`,
    version: `${row}.version`,
    created_at: `${row}.created_at`,
    updated_at: `${row}.updated_at`,
  };
};

const money = moneyOf('o');
const size = jsonSelect(PricedSize, {
  variant_id: 's.variant_id',
  quantity: 'trunc(s.quantity)',
  unit_price: money('unit_price', 's'),
});
const line = jsonSelect(OrderLine, {
  id: 'l.id',
  position: 'l.position',
  product_id: 'l.product_id',
  design_id: 'l.design_id',
  decorations: jsonExpression('l.decorations'),
  quantity: 'trunc(l.quantity)',
  unit_price: money('unit_price', 'l'),
  fee_total: money('fee_total', 'l'),
  line_total: money('line_total', 'l'),
  // In order of creation: ids are UUIDv7.
  sizes: jsonArray(size, 'erp_order_line_sizes s where s.order_line_id = l.id order by s.id'),
  receipt: jsonExpression("coalesce(l.receipt, 'null')"),
  receipt_hash: 'l.receipt_hash',
});

const share = jsonSelect(TaxShare, {
  tax_class: 'x.tax_class',
  percent: 'trim_scale(x.rate_percent)::text',
  taxable: money('taxable', 'x'),
  tax: money('tax', 'x'),
});

/** SQL text of the order with its lines, over the alias `o`. */
export const orderJson = jsonSelect(Order, {
  ...head('o'),
  lines: jsonArray(line, 'erp_order_lines l where l.order_id = o.id order by l.position'),
  taxes: jsonArray(share, 'erp_order_taxes x where x.order_id = o.id order by x.tax_class'),
});
export const orderSummaryJson = (row: string): string => jsonSelect(OrderSummary, head(row));

/** Over a payment `p` and its order `o`. */
export const paymentJson = jsonSelect(Payment, {
  id: 'p.id',
  order_id: 'p.order_id',
  kind: 'p.kind',
  method: 'p.method',
  reference: 'p.reference',
  amount: money('amount', 'p'),
  received_on: 'p.received_on',
  created_at: 'p.created_at',
});
