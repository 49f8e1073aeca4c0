import type { Receipt } from '@platen/schema/contracts/data/pricing';
import fc from 'fast-check';
import t from 'tap';
import type { Basket, BasketLine, TaxSettings } from './basket.js';
import { add, compare, formatExact, isNegative, multiply, parseExact, roundHalfUp, subtract, zero } from './exact.js';
import { priceBasket } from './price-basket.js';
import { diceOf, randomBasket, randomContent, randomSettings } from './random-sets.fixture.js';
import { PricingRefusal } from './refusal.js';
import type { Rule } from './rule-set.js';
import { compiled, rule, sampleId } from './samples.js';

const settings: TaxSettings = {
  taxRounding: 'document',
  taxRates: new Map([
    ['standard', '19'],
    ['reduced', '7'],
  ]),
};
const amount = (max: number) => fc.integer({ min: 0, max }).map((units) => (units / 100).toFixed(2));
const percent = fc.integer({ min: 0, max: 10_000 }).map((units) => (units / 100).toFixed(2));
const product = fc.integer({ min: 0, max: 4 }).map((n) => sampleId(1, n));
const conditions = fc.oneof(
  fc.constant({}),
  product.map((id) => ({ product_ids: [id] })),
  fc.integer({ min: 0, max: 2 }).map((n) => ({ category_ids: [sampleId(2, n)] })),
);

/** Clean: later tiers begin later and take off more. */
const tierRule = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 }),
    fc.array(percent, { minLength: 5, maxLength: 5 }),
    conditions,
    fc.constantFrom('line', 'product'),
  )
  .map(([froms, values, target, count]) => {
    const from = [...froms].sort((a, b) => a - b);
    const off = [...values].sort((a, b) => Number(a) - Number(b));
    const steps = from.map((pieces, index): [number, string] => [pieces, off[index] ?? '100']);
    return rule.tiers('t', 'percent_off', steps, { ...target, count });
  });
const renamed = (rules: readonly Rule[]): Rule[] =>
  rules.map((given, index) => ({ ...given, code: `${given.code}-${index}`, id: sampleId(8, index) }));
const basketOf = (lines: readonly BasketLine[]): Basket => ({
  priceOn: '2026-03-01',
  dueOn: null,
  currency: 'EUR',
  customer: { id: sampleId(3, 1), group: 'club', taxExempt: false },
  lines,
});
/** A random rule set of all kinds with a basket for it. null: it has no price, which is a refusal and no wrong price. */
function randomCase(seed: number, lines?: number) {
  const dice = diceOf(seed);
  const content = randomContent(dice);
  const set = compiled(content.rules, content);
  const given = { set, basket: randomBasket(dice, content.currency, lines), settings: randomSettings(dice) };
  try {
    return { ...given, priced: priceBasket(set, given.basket, given.settings) };
  } catch (error) {
    if (error instanceof PricingRefusal) return null;
    throw error;
  }
}

t.test('prices are never negative, lines and tax sum to the document, in whole minor units', async (t) => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const given = randomCase(seed);
      if (!given) return;
      const { priced, set } = given;
      const amounts = [
        ...[priced.subtotal, priced.discount, priced.tax, priced.total, ...priced.taxes.map((share) => share.tax)],
        ...priced.lines.flatMap(({ lineTotal, feeTotal, fees }) => [
          lineTotal,
          feeTotal,
          ...fees.map((fee) => fee.amount),
        ]),
      ].map(parseExact);
      const prices = priced.lines.flatMap((line) => line.sizes.map((size) => parseExact(size.unitPrice)));
      t.ok(![...amounts, ...prices].some(isNegative), `seed ${seed}: not negative`);
      t.ok(
        amounts.every((amount) => compare(amount, roundHalfUp(amount, set.minorDigits)) === 0),
        `seed ${seed}: whole minor units of ${set.currency}`,
      );
      const sum = (texts: readonly string[]) => texts.map(parseExact).reduce(add, zero);
      const net = sum(priced.lines.map((line) => line.lineTotal));
      t.equal(formatExact(subtract(sum([priced.subtotal]), sum([priced.discount]))), formatExact(net), `seed ${seed}`);
      t.equal(formatExact(add(net, sum([priced.tax]))), priced.total, `seed ${seed}`);
      t.equal(formatExact(sum(priced.taxes.map((share) => share.tax))), priced.tax, `seed ${seed}`);
      for (const line of priced.lines) {
        t.equal(formatExact(sum(line.fees.map((fee) => fee.amount))), line.feeTotal, `seed ${seed}: fees`);
      }
    }),
    { numRuns: 400 },
  );
});

t.test('the order of lines changes no line and no sum', async (t) => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const given = randomCase(seed, 8);
      if (!given) return;
      const { set, basket, settings, priced } = given;
      const rotated = [...basket.lines.slice(1), ...basket.lines.slice(0, 1)];
      for (const lines of [[...basket.lines].reverse(), rotated]) {
        const again = priceBasket(set, { ...basket, lines }, settings);
        t.equal(again.total, priced.total, `seed ${seed}`);
        t.same(again.taxes, priced.taxes, `seed ${seed}`);
        // Equal lines are told apart by nothing: which of them bears a fee can't be said.
        const receipts = (lot: typeof priced) => lot.lines.map((line) => line.receipt).sort();
        t.same(receipts(again), receipts(priced), `seed ${seed}`);
      }
    }),
    { numRuns: 200 },
  );
});

t.test('more pieces are never dearer where the rules are clean', async () => {
  const single = fc.tuple(
    tierRule,
    amount(5_000_00),
    fc.integer({ min: 1, max: 350 }),
    fc.integer({ min: 1, max: 350 }),
  );
  fc.assert(
    fc.property(single, ([tier, basePrice, a, b]) => {
      const set = renamed([rule.catalogue('base'), tier]);
      const priceOf = (quantity: number) =>
        parseExact(
          priceBasket(
            compiled(set),
            basketOf([
              {
                productId: sampleId(1, 0),
                categoryId: sampleId(2, 0),
                taxClass: 'standard',
                basePrice,
                designId: null,
                decorations: [],
                sizes: [{ variantId: sampleId(4, 0), quantity, priceDelta: '0.0000', cost: null, options: {} }],
              },
            ]),
            settings,
          ).lines[0]?.unitPrice ?? '',
        );
      return compare(priceOf(Math.max(a, b)), priceOf(Math.min(a, b))) <= 0;
    }),
  );
});

t.test('the next break holds what it says', async () => {
  fc.assert(
    fc.property(tierRule, amount(5_000_00), fc.integer({ min: 1, max: 350 }), (tier, basePrice, quantity) => {
      const set = compiled(renamed([rule.catalogue('base'), tier]));
      const price = (count: number) => {
        const size = { variantId: sampleId(4, 0), quantity: count, priceDelta: '0.0000', cost: null, options: {} };
        const [priced] = priceBasket(
          set,
          basketOf([
            {
              productId: sampleId(1, 0),
              categoryId: sampleId(2, 0),
              taxClass: 'standard',
              basePrice,
              designId: null,
              decorations: [],
              sizes: [size],
            },
          ]),
          settings,
        ).lines;
        return JSON.parse(priced?.receipt ?? '') as Receipt;
      };
      const next = price(quantity).next_break;
      if (!next) return true;
      const unitPrice = (receipt: Receipt) => receipt.sizes[0]?.unit_price;
      return (
        unitPrice(price(quantity + next.more)) === next.unit_price &&
        unitPrice(price(quantity + next.more - 1)) === unitPrice(price(quantity))
      );
    }),
  );
});

t.test('exact arithmetic agrees with bigints', async (t) => {
  const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 8 }));
  const textOf = ([units, scale]: [bigint, number]) => {
    const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
    const body = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
    return units < 0n ? `-${body}` : body;
  };
  fc.assert(
    fc.property(decimal, decimal, fc.integer({ min: 0, max: 8 }), (a, b, scale) => {
      const at = (x: [bigint, number], to: number) => x[0] * 10n ** BigInt(to - x[1]);
      const product = multiply(parseExact(textOf(a)), parseExact(textOf(b)));
      t.equal(compare(product, parseExact(textOf([a[0] * b[0], a[1] + b[1]]))), 0);
      const sum = add(parseExact(textOf(a)), parseExact(textOf(b)));
      t.equal(compare(sum, parseExact(textOf([at(a, 8) + at(b, 8), 8]))), 0);
      const rounded = roundHalfUp(parseExact(textOf(a)), scale);
      const by = 10n ** BigInt(Math.max(0, a[1] - scale));
      const magnitude = a[0] < 0n ? -a[0] : a[0];
      const half = ((magnitude * 2n + by) / (by * 2n)) * (a[0] < 0n ? -1n : 1n);
      t.equal(compare(rounded, parseExact(textOf(a[1] > scale ? [half, scale] : a))), 0);
      t.equal(compare(parseExact(formatExact(sum)), sum), 0);
    }),
  );
});
