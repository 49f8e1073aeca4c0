import type { Basket, TaxSettings } from './basket.js';
import type { Rule } from './rule-set.js';
import { rule, sampleId } from './samples.js';

/**
 * The measured case: 300 rules (a base price and a tier table for each of 120 products, 5 size surcharges, 55 customer
 * discounts) and a basket of 20 lines of six sizes.
 */
export function loadRules(): Rule[] {
  const products = Array.from({ length: 120 }, (_, n) => sampleId(1, n));
  return [
    ...products.map((id, n) => rule.fixed(`base-${n}`, `${3 + n / 10}`, { product_ids: [id] })),
    ...products.map((id, n) =>
      rule.tiers(
        `tier-${n}`,
        'percent_off',
        [
          [12, '5'],
          [24, '10'],
          [48, '15'],
          [144, '20'],
        ],
        { product_ids: [id] },
      ),
    ),
    ...Array.from({ length: 5 }, (_, n) => rule.upcharge(`size-${n}`, [`${n + 2}XL`], `${n + 1}.50`)),
    ...Array.from({ length: 55 }, (_, n) =>
      rule.discount(`group-${n}`, 'percent_off', `${1 + (n % 9)}`, { customer_groups: [`group-${n % 30}`] }),
    ),
  ];
}

export function loadBasket(): Basket {
  const sizes = ['S', 'M', 'L', 'XL', '2XL', '3XL'];
  return {
    priceOn: '2026-03-01',
    dueOn: null,
    currency: 'EUR',
    customer: { id: sampleId(3, 1), group: 'group-7', taxExempt: false },
    lines: Array.from({ length: 20 }, (_, n) => ({
      productId: sampleId(1, n * 5),
      categoryId: sampleId(2, n % 4),
      taxClass: 'standard',
      basePrice: '5.0000',
      designId: null,
      decorations: [],
      sizes: sizes.map((size, index) => ({
        variantId: sampleId(4, n * 10 + index),
        quantity: 1 + ((n + index) % 7),
        priceDelta: '0.0000',
        cost: null,
        options: { size, colour: 'black' },
      })),
    })),
  };
}

export const loadSettings: TaxSettings = { taxRounding: 'document', taxRates: new Map([['standard', '19']]) };
