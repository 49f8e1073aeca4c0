import { Receipt } from '@platen/schema/contracts/data/pricing';
import fc from 'fast-check';
import t from 'tap';
import { Value } from 'typebox/value';
import type { Basket, BasketLine, TaxSettings } from './basket.js';
import { canonicalJson, sha256 } from './canonical.js';
import { add, compare, formatExact, isNegative, multiply, parseExact, roundHalfUp, subtract, zero } from './exact.js';
import { priceBasket } from './price-basket.js';
import type { Rule } from './rule-set.js';
import { compiled, rule, sampleId } from './samples.js';
import { verifyReceipt } from './verify.js';

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
const discountRule = fc
  .tuple(fc.constantFrom('percent_off' as const, 'amount_off' as const), percent, conditions, fc.boolean())
  .map(([type, value, target, stackable]) =>
    rule.discount('d', type, value, { ...target, customer_groups: ['club'] }, stackable),
  );
const renamed = (rules: readonly Rule[]): Rule[] =>
  rules.map((given, index) => ({ ...given, code: `${given.code}-${index}`, id: sampleId(8, index) }));
const rules = fc
  .tuple(fc.array(tierRule, { maxLength: 4 }), fc.array(discountRule, { maxLength: 4 }), amount(900))
  .map(([tierRules, discounts, upcharge]) =>
    renamed([
      rule.catalogue('base'),
      ...tierRules,
      rule.upcharge('xl', ['2XL', 'Ünter "x"\n'], upcharge),
      ...discounts,
    ]),
  );

const line = fc
  .tuple(
    product,
    amount(5_000_00),
    fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.constantFrom('M', '2XL', 'Ünter "x"\n'), amount(200)), {
      minLength: 1,
      maxLength: 4,
    }),
    fc.constantFrom('standard', 'reduced'),
  )
  .map(
    ([productId, basePrice, sizes, taxClass]): BasketLine => ({
      productId,
      categoryId: sampleId(2, Number(productId.slice(-1)) % 3),
      taxClass,
      basePrice,
      designId: null,
      decorations: [],
      sizes: sizes.map(([quantity, size, priceDelta], index) => ({
        variantId: sampleId(4, index),
        quantity,
        priceDelta,
        cost: null,
        options: { size },
      })),
    }),
  );
const basketOf = (lines: readonly BasketLine[]): Basket => ({
  priceOn: '2026-03-01',
  dueOn: null,
  currency: 'EUR',
  customer: { id: sampleId(3, 1), group: 'club', taxExempt: false },
  lines,
});
const basket = fc.array(line, { minLength: 1, maxLength: 6 }).map(basketOf);

t.test('prices are never negative, lines sum to the document', async () => {
  fc.assert(
    fc.property(rules, basket, (given, asked) => {
      const priced = priceBasket(compiled(given), asked, settings);
      const amounts = [
        priced.subtotal,
        priced.discount,
        priced.tax,
        priced.total,
        ...priced.lines.map((l) => l.lineTotal),
      ];
      const sum = priced.lines.reduce((total, l) => add(total, parseExact(l.lineTotal)), zero);
      const net = subtract(parseExact(priced.subtotal), parseExact(priced.discount));
      return (
        amounts.every((text) => !isNegative(parseExact(text))) &&
        compare(sum, net) === 0 &&
        compare(add(net, parseExact(priced.tax)), parseExact(priced.total)) === 0
      );
    }),
  );
});

t.test('the order of lines changes nothing', async (t) => {
  fc.assert(
    fc.property(rules, basket, (given, asked) => {
      const forward = priceBasket(compiled(given), asked, settings);
      const backward = priceBasket(compiled(given), basketOf([...asked.lines].reverse()), settings);
      t.same([...backward.lines].reverse(), forward.lines);
      t.equal(backward.total, forward.total);
    }),
    { numRuns: 50 },
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

t.test('a receipt is canonical, follows its schema and verifies; a changed one does not', async (t) => {
  fc.assert(
    fc.property(rules, basket, (given, asked) => {
      const set = compiled(given);
      for (const { receipt, receiptHash } of priceBasket(set, asked, settings).lines) {
        const value: unknown = JSON.parse(receipt);
        t.equal(canonicalJson(value), receipt, 'RFC 8785');
        if (!Value.Check(Receipt, value)) t.fail(JSON.stringify(Value.Errors(Receipt, value)[0]));
        const verified = verifyReceipt(set, receipt, receiptHash);
        t.equal(verified.ok, true, verified.ok ? '' : verified.reason);
        const forged = receipt.replace(/"line_total":"\d+/, '"line_total":"777777');
        t.equal(verifyReceipt(set, forged, receiptHash).ok, false);
        t.equal(verifyReceipt(set, forged, sha256(forged)).ok, false);
      }
    }),
    { numRuns: 50 },
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
