import { type JsonExpression, jsonArray, jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import type { OrderLine } from '@platen/schema/contracts/data/orders';
import { PricedSize, TaxShare } from '@platen/schema/contracts/data/pricing';
import type { QuoteLine } from '@platen/schema/contracts/data/quotes';
import { moneyOf } from '../documents/index.js';

type DocumentKind = 'quote' | 'order';

/** The document's lines in order, over `document`: the alias of its row. */
export function linesJson(
  kind: DocumentKind,
  document: string,
  schema: typeof QuoteLine | typeof OrderLine,
): JsonExpression {
  const money = moneyOf(document);
  const size = jsonSelect(PricedSize, {
    variant_id: 's.variant_id',
    quantity: 'trunc(s.quantity)',
    unit_price: money('unit_price', 's'),
  });
  const line = jsonSelect(schema, {
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
    sizes: jsonArray(size, `erp_${kind}_line_sizes s where s.${kind}_line_id = l.id order by s.id`),
    // An order from before receipts were kept with orders has none.
    receipt: jsonExpression("coalesce(l.receipt, 'null')"),
    receipt_hash: 'l.receipt_hash',
  });
  return jsonArray(line, `erp_${kind}_lines l where l.${kind}_id = ${document}.id order by l.position`);
}

/** The document's tax by class. */
export function taxSharesJson(kind: DocumentKind, document: string): JsonExpression {
  const money = moneyOf(document);
  const share = jsonSelect(TaxShare, {
    tax_class: 'x.tax_class',
    percent: 'trim_scale(x.rate_percent)::text',
    taxable: money('taxable', 'x'),
    tax: money('tax', 'x'),
  });
  return jsonArray(share, `erp_${kind}_taxes x where x.${kind}_id = ${document}.id order by x.tax_class`);
}
