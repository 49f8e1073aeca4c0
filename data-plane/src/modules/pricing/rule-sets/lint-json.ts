import type { Decoration } from '@platen/schema/contracts/data/pricing';
import type { Finding as FindingJson } from '@platen/schema/contracts/data/rule-sets';
import type { Basket, BasketLine } from '../engine/basket.js';
import type { Finding } from '../engine/lint.js';
import { decorationsJson } from '../json.js';

/** A finding as the API shows it. */
export const findingJson = ({ ruleCode, ruleId, witness, ...rest }: Finding): FindingJson => ({
  ...rest,
  rule_code: ruleCode,
  rule_id: ruleId,
  witness: witness.map(basketJson),
});

const basketJson = ({ priceOn, dueOn, customer, lines }: Basket): FindingJson['witness'][number] => ({
  price_on: priceOn,
  due_on: dueOn,
  customer: customer && { id: customer.id, customer_group: customer.group },
  lines: lines.map(lineJson),
});

const lineJson = (line: BasketLine): FindingJson['witness'][number]['lines'][number] => ({
  product_id: line.productId,
  category_id: line.categoryId,
  base_price: line.basePrice,
  // Written by the function that documents use.
  decorations: JSON.parse(decorationsJson(line.decorations)) as Decoration[],
  sizes: line.sizes.map((size) => ({
    variant_id: size.variantId,
    quantity: size.quantity,
    price_delta: size.priceDelta,
    cost: size.cost,
    options: { ...size.options },
  })),
});
