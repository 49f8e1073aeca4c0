import type { Basket, LineAmounts, PricedBasket, PricedLine, TaxSettings } from './basket.js';
import type { CompiledRuleSet } from './compile.js';
import { add, compare, type Exact, formatExact, zero } from './exact.js';
import { priceLine } from './price-line.js';
import { PricingRefusal } from './refusal.js';
import { computeTax } from './tax.js';

const limit: Exact = { units: 10 ** 14, scale: 0 };

/**
 * Prices and receipts of a basket. The same rule-set version, basket and settings give the same bytes; the order of the
 * lines changes no line's price and no sum. Throws PricingRefusal when no price can be given.
 */
export function priceBasket(compiled: CompiledRuleSet, basket: Basket, settings: TaxSettings): PricedBasket {
  if (basket.currency !== compiled.currency) {
    const message = `The price list in force is in ${compiled.currency}, the basket in ${basket.currency}`;
    throw new PricingRefusal('currency_mismatch', null, message);
  }
  const combined = countByProduct(basket);
  const lines: PricedLine[] = [];
  const amounts: LineAmounts[] = [];
  let net = zero;
  let discount = zero;
  for (const [index, line] of basket.lines.entries()) {
    const combinedQuantity = combined.get(line.productId) ?? 0;
    const { priceOn, customer } = basket;
    const priced = priceLine(line, { compiled, customer, priceOn, combinedQuantity, index });
    lines.push(priced.line);
    amounts.push({ total: priced.total, discount: priced.discount, taxClass: line.taxClass });
    net = add(net, priced.total);
    discount = add(discount, priced.discount);
  }
  const { tax, shares } = computeTax(amounts, settings, basket.customer?.taxExempt ?? false, compiled.minorDigits);
  const total = add(net, tax);
  const subtotal = add(net, discount);
  if (compare(total, limit) >= 0 || compare(subtotal, limit) >= 0) {
    throw new PricingRefusal('amount_out_of_range', null, 'The total has more than 14 digits');
  }
  return {
    currency: basket.currency,
    ruleSetVersionId: compiled.id,
    lines,
    subtotal: formatExact(subtotal),
    discount: formatExact(discount),
    tax: formatExact(tax),
    total: formatExact(total),
    taxes: shares,
  };
}

function countByProduct(basket: Basket): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of basket.lines) {
    let pieces = counts.get(line.productId) ?? 0;
    for (const size of line.sizes) pieces += size.quantity;
    counts.set(line.productId, pieces);
  }
  return counts;
}
