import { jsonArray, jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { Order, OrderLine, OrderSummary } from '@platen/schema/contracts/data/orders';
import { PricedSize, TaxShare } from '@platen/schema/contracts/data/pricing';

/**
 * The orders' JSON as the data plane selects it, for whoever reads without row-level security: the owner is named in the
 * conditions instead. The answers are held against the product's byte by byte before anything is timed.
 */
const money = (column: string, row = 'o') => ({ amount: `${row}.${column}`, currency: 'o.currency' });

const head = {
  id: 'o.id',
  number: 'o.number',
  status: 'o.status',
  payment_status: 'o.payment_status',
  quote_id: 'o.quote_id',
  customer_id: 'o.customer_id',
  organization_id: 'o.organization_id',
  workspace_id: 'o.workspace_id',
  store_id: 'o.store_id',
  currency: 'o.currency',
  subtotal: money('subtotal'),
  discount: money('discount'),
  tax: money('tax'),
  total: money('total'),
  charges: money('charges'),
  deposit_due: money('deposit_due'),
  due_on: 'o.due_on',
  version: 'o.version',
  created_at: 'o.created_at',
  updated_at: 'o.updated_at',
};

function orderJson(ofOwner: (row: string) => string): string {
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
    sizes: jsonArray(size, `erp_order_line_sizes s where ${ofOwner('s')} s.order_line_id = l.id order by s.id`),
    receipt: jsonExpression("coalesce(l.receipt, 'null')"),
    receipt_hash: 'l.receipt_hash',
  });
  const share = jsonSelect(TaxShare, {
    tax_class: 'x.tax_class',
    percent: 'trim_scale(x.rate_percent)::text',
    taxable: money('taxable', 'x'),
    tax: money('tax', 'x'),
  });
  const lines = jsonArray(line, `erp_order_lines l where ${ofOwner('l')} l.order_id = o.id order by l.position`);
  const taxes = jsonArray(share, `erp_order_taxes x where ${ofOwner('x')} x.order_id = o.id order by x.tax_class`);
  return jsonSelect(Order, { ...head, lines, taxes });
}

const sameOwner = (row: string) => `${row}.tenant_id = o.tenant_id and ${row}.organization_id = o.organization_id and`;

/** Under row-level security. $1: the order. */
export const securedOrderJson = orderJson(() => '');
export const securedOrder = `select ${securedOrderJson} as body, o.version from erp_orders o where o.id = $1::uuid`;

/** Without. $1: the order, $2 and $3: its owner. */
export const plainOrder = `select ${orderJson(sameOwner)} as body, o.version from erp_orders o
  where o.tenant_id = $2::uuid and o.organization_id = $3::uuid and o.id = $1::uuid`;

/** The newest orders as JSON, as the data plane's lists are built. $1: limit, $2 and $3: the owner. */
export const plainListJson = `select string_agg(item, ',') filter (where n <= $1::int) as items, count(*) > $1::int as more
  from (select row_number() over () as n, ${jsonSelect(OrderSummary, head)} as item
    from (select * from erp_orders o where o.tenant_id = $2::uuid and o.organization_id = $3::uuid
      order by o.created_at desc, o.id desc limit $1::int + 1) o) page`;

/** The newest orders as rows, as a service without anything special would read them. */
export const plainListRows = `select id, number, status, payment_status, quote_id, customer_id, organization_id, workspace_id,
    store_id, currency, subtotal, discount, tax, total, charges, deposit_due, due_on::text as due_on, version, created_at, updated_at
  from erp_orders where tenant_id = $2::uuid and organization_id = $3::uuid
  order by created_at desc, id desc limit $1::int + 1`;
