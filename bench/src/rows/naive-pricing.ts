import type { Basket, TaxSettings } from '@platen/data-plane/modules/pricing/engine/basket';
import type { Rule } from '@platen/data-plane/modules/pricing/engine/rule-set';
import { Decimal } from 'decimal.js';

/**
 * How the same rules are applied without an engine: for every line, every rule in turn, in decimal.js, and no receipt.
 * Only what the measured rules use.
 */
export function priceNaively(rules: readonly Rule[], basket: Basket, settings: TaxSettings): Decimal {
  let net = new Decimal(0);
  for (const line of basket.lines) net = net.plus(lineTotal(rules, basket, line));
  const rate = new Decimal(settings.taxRates.get('standard') ?? '0').div(100);
  return net.plus(net.times(rate).toDecimalPlaces(2, Decimal.ROUND_HALF_UP));
}

function lineTotal(rules: readonly Rule[], basket: Basket, line: Basket['lines'][number]): Decimal {
  const quantity = line.sizes.reduce((sum, size) => sum + size.quantity, 0);
  let total = new Decimal(0);
  for (const size of line.sizes) {
    let price: Decimal | undefined;
    let hasTier = false;
    for (const rule of rules) {
      if (rule.conditions.product_ids && !rule.conditions.product_ids.includes(line.productId)) continue;
      if (rule.kind === 'base_price') {
        if (price === undefined && rule.effect.type === 'fixed') price = new Decimal(rule.effect.amount);
      } else if (rule.kind === 'quantity_tier') {
        const tier = rule.effect.tiers.filter(({ from }) => from <= quantity).at(-1);
        if (tier && !hasTier) price = percentOff(price, tier.value);
        hasTier ||= tier !== undefined;
      } else if (rule.kind === 'size_upcharge') {
        if (rule.conditions.values.includes(size.options['size'] ?? '')) price = price?.plus(rule.effect.value);
      } else if (rule.kind === 'discount' && rule.conditions.customer_groups?.includes(basket.customer?.group ?? '')) {
        price = percentOff(price, rule.effect.value);
      }
    }
    if (price === undefined) throw new Error(`${line.productId} has no price`);
    total = total.plus(price.toDecimalPlaces(2, Decimal.ROUND_HALF_UP).times(size.quantity));
  }
  return total.toDecimalPlaces(2, Decimal.ROUND_HALF_UP);
}

const percentOff = (price: Decimal | undefined, percent: string): Decimal | undefined =>
  price?.times(new Decimal(100).minus(percent).div(100));
