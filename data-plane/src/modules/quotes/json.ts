import { jsonArray, jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { PricedSize, TaxShare } from '@platen/schema/contracts/data/pricing';
import { Quote, QuoteLine, QuoteSummary } from '@platen/schema/contracts/data/quotes';
import { moneyOf } from '../documents/index.js';

const head = (row: string) => {
  const money = moneyOf(row);
  return {
    id: `${row}.id`,
    number: `${row}.number`,
    status: `${row}.status`,
    revision: `${row}.revision`,
    supersedes_id: `${row}.supersedes_id`,
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
    valid_until: `${row}.valid_until`,
    due_on: `${row}.due_on`,
    rule_set_version_id: `${row}.rule_set_version_id`,
    version: `${row}.version`,
    created_at: `${row}.created_at`,
    updated_at: `${row}.updated_at`,
  };
};

const money = moneyOf('q');
const size = jsonSelect(PricedSize, {
  variant_id: 's.variant_id',
  quantity: 'trunc(s.quantity)',
  unit_price: money('unit_price', 's'),
});
const line = jsonSelect(QuoteLine, {
  id: 'l.id',
  position: 'l.position',
  product_id: 'l.product_id',
  design_id: 'l.design_id',
  decorations: jsonExpression('l.decorations'),
  quantity: 'trunc(l.quantity)',
  unit_price: money('unit_price', 'l'),
  fee_total: money('fee_total', 'l'),
  line_total: money('line_total', 'l'),
  // In order of creation: ids are UUIDv7. A receipt speaks of its sizes by their place.
  sizes: jsonArray(size, 'erp_quote_line_sizes s where s.quote_line_id = l.id order by s.id'),
  receipt: jsonExpression('l.receipt'),
  receipt_hash: 'l.receipt_hash',
});

const share = jsonSelect(TaxShare, {
  tax_class: 'x.tax_class',
  percent: 'trim_scale(x.rate_percent)::text',
  taxable: money('taxable', 'x'),
  tax: money('tax', 'x'),
});

/** SQL text of a quote with its lines, over the alias `q`: erp_quotes, or a CTE that wrote the row. */
export const quoteJson = jsonSelect(Quote, {
  ...head('q'),
  lines: jsonArray(line, 'erp_quote_lines l where l.quote_id = q.id order by l.position'),
  taxes: jsonArray(share, 'erp_quote_taxes x where x.quote_id = q.id order by x.tax_class'),
});
export const quoteSummaryJson = jsonSelect(QuoteSummary, head('t'));
