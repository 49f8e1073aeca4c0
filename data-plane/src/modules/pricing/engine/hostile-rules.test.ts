import t from 'tap';
import type { BasketLine } from './basket.js';
import { priceBasket } from './price-basket.js';
import { PricingRefusal } from './refusal.js';
import type { Rule } from './rule-set.js';
import { compiled, rule, sampleId } from './samples.js';

const line = (n: number): BasketLine => ({
  productId: sampleId(1, n),
  categoryId: null,
  taxClass: 'standard',
  basePrice: '10.0000',
  designId: null,
  decorations: [],
  sizes: [{ variantId: sampleId(4, n), quantity: 10, priceDelta: '0.0000', cost: null, options: {} }],
});
const price = (rules: readonly Rule[], lines: readonly BasketLine[]) =>
  priceBasket(
    compiled([rule.catalogue('list'), ...rules]),
    { priceOn: '2026-03-01', dueOn: null, currency: 'EUR', customer: null, lines },
    { taxRounding: 'line', taxRates: new Map([['standard', '19']]) },
  );

// Everybody is priced in the same process: a list that takes minutes for one basket is refused, not worked off.
t.test('thousands of discounts on each other, each with more decimals than the last', async (t) => {
  const discounts = Array.from({ length: 9_999 }, (_, n) => rule.discount(`off-${n}`, 'percent_off', '0.1234', {}));
  t.throws(() => price(discounts, [line(1)]), { code: 'price_unavailable', line: 0 });
});

t.test('a list with thousands of rules that lose on every line of a large basket', async (t) => {
  const tiers = Array.from({ length: 2_000 }, (_, n) => rule.tiers(`tier-${n}`, 'percent_off', [[1, '5']]));
  t.ok(price(tiers, [line(1)]).lines[0], 'one line is priced');
  const lines = Array.from({ length: 50 }, (_, n) => line(n));
  t.throws(
    () => price(tiers, lines),
    new PricingRefusal('price_unavailable', null, 'The receipts of these lines are too long; price them in parts'),
  );
});

const planOf = (set: ReturnType<typeof compiled>, product: number) =>
  set.planFor({ productId: sampleId(1, product), categoryId: null, buyer: null, decorations: [] });

// Receipts that are to be verified come from anybody: what they say must not stay behind in what others are priced by.
t.test('an option that says NUL is not taken for one that is absent, nor the other way round', async (t) => {
  const upcharge = rule.upcharge('2xl', ['2XL'], '1.50');
  const second = { ...rule.upcharge('long', ['long'], '1'), conditions: { option: 'fit', values: ['long'] } } as Rule;
  for (const rules of [[upcharge], [upcharge, second]]) {
    const { sizeOf } = planOf(compiled([rule.catalogue('list'), ...rules]), 1);
    t.match(sizeOf({ size: '\u0000' }).optionsText, '\\u0000');
    t.equal(sizeOf({}).optionsText, '');
    t.match(sizeOf({ size: '\u0000' }).optionsText, '\\u0000');
  }
});

t.test('options of any length and products of any number leave no memory behind', async (t) => {
  const set = compiled([rule.catalogue('list'), rule.upcharge('2xl', ['2XL'], '1.50')]);
  const plan = planOf(set, 1);
  t.equal(plan.sizeOf({ size: '2XL' }), plan.sizeOf({ size: '2XL' }), 'what shops sell is kept');
  const long = 'x'.repeat(100_000);
  t.not(plan.sizeOf({ size: long }), plan.sizeOf({ size: long }), 'what is no size is not');
  t.equal(plan, planOf(set, 1));
  for (let product = 2; product < 10; product += 1) {
    const { sizeOf } = planOf(set, product);
    for (let n = 0; n < 4_000; n += 1) sizeOf({ size: `${product} ${n}` });
  }
  t.not(plan, planOf(set, 1), 'all of it begins anew');
});
