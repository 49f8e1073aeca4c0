import { Receipt } from '@platen/schema/contracts/data/pricing';
import t, { type Test } from 'tap';
import { Value } from 'typebox/value';
import type { Basket, BasketLine, BasketSize } from './basket.js';
import { canonicalJson } from './canonical.js';
import { priceBasket } from './price-basket.js';
import type { Rule } from './rule-set.js';
import { compiled, rule, sampleId } from './samples.js';
import { verifyReceipt } from './verify.js';

const size = (n: number, parts: Partial<BasketSize> = {}): BasketSize => ({
  variantId: sampleId(4, n),
  quantity: 10,
  priceDelta: '0.0000',
  cost: null,
  options: {},
  ...parts,
});
const line = (sizes: readonly BasketSize[]): BasketLine => ({
  productId: sampleId(1, 1),
  categoryId: null,
  taxClass: 'standard',
  basePrice: '10.0000',
  designId: null,
  decorations: [],
  sizes,
});

/** Prices one line and holds its receipt against its schema, its canonical form and itself. */
function receiptOf(t: Test, rules: readonly Rule[], sizes: readonly BasketSize[]): Receipt {
  const set = compiled(rules);
  const basket: Basket = { priceOn: '2026-03-01', dueOn: null, currency: 'EUR', customer: null, lines: [line(sizes)] };
  const taxes = { taxRounding: 'line' as const, taxRates: new Map([['standard', '19']]) };
  const [priced] = priceBasket(set, basket, taxes).lines;
  if (!priced) throw new Error('no line');
  const receipt: Receipt = JSON.parse(priced.receipt);
  t.equal(canonicalJson(receipt), priced.receipt, 'RFC 8785');
  t.same([...Value.Errors(Receipt, receipt)], [], 'as the contract says');
  t.ok(verifyReceipt(set, priced.receipt, priced.receiptHash).ok, 'verifies');
  return receipt;
}

t.test('the next break of a tier that is farther than a size may have pieces', async (t) => {
  const tiers = rule.tiers('bulk', 'percent_off', [[100_000_000, '5']]);
  t.match(receiptOf(t, [rule.catalogue('list'), tiers], [size(1)]).next_break, { more: 99_999_990 });
});

t.test('as many discounts as a shop likes leave as many decimals as they take', async (t) => {
  const discounts = Array.from({ length: 30 }, (_, n) => rule.discount(`off-${n}`, 'percent_off', '0.1234', {}));
  const { steps } = receiptOf(t, [rule.catalogue('list'), ...discounts], [size(1)]);
  t.equal(steps.length, 31);
});

t.test('options with the names that objects have anyway', async (t) => {
  for (const option of ['constructor', 'toString', '__proto__']) {
    const upcharge: Rule = { ...rule.upcharge('up', ['x'], '1.5'), conditions: { option, values: ['x'] } } as Rule;
    const rules = [rule.catalogue('list'), upcharge];
    t.same(receiptOf(t, rules, [size(1)]).sizes[0]?.options, {}, `${option} is not there`);
    const options: Record<string, string> = JSON.parse(`{"${option}":"x"}`);
    t.equal(receiptOf(t, rules, [size(1, { options })]).sizes[0]?.unit_price, '11.5000', `${option} is x`);
  }
});

t.test('sizes are not taken for each other, whatever their options hold', async (t) => {
  const upcharges = [
    { ...rule.upcharge('a', ['x'], '1'), conditions: { option: 'a', values: ['x'] } },
    { ...rule.upcharge('b', ['q'], '2'), conditions: { option: 'b', values: ['q'] } },
  ] as Rule[];
  const sizes = [size(1, { options: { a: 'x', b: 'x\nx\nq' } }), size(2, { options: { a: 'x\nx', b: 'q' } })];
  const receipt = receiptOf(t, [rule.catalogue('list'), ...upcharges], sizes);
  t.same(
    receipt.sizes.map((it) => it.unit_price),
    ['11.0000', '12.0000'],
  );
});

t.test('why a base price loses', async (t) => {
  const markup = rule.of('base_price', 'markup', { type: 'cost_markup', percent: '50' });
  const reasons = (rules: readonly Rule[], sizes: readonly BasketSize[]) =>
    receiptOf(t, rules, sizes).considered.map(({ rule_code, reason }) => `${rule_code}: ${reason}`);
  const known = [size(1, { cost: '4.0000' }), size(2, { cost: '4.0000', priceDelta: '1.0000' })];
  const earlier = ['markup: an earlier base price decided'];
  t.same(reasons([rule.fixed('flat', '5'), markup], known), earlier, 'its costs are known');
  t.same(reasons([rule.catalogue('list'), markup], known), earlier, 'also where sizes begin apart');
  const unknown = [size(1), size(2, { priceDelta: '1.0000' })];
  t.same(reasons([rule.catalogue('list'), markup], unknown), earlier, 'it would lose with costs too');
  t.same(reasons([markup, rule.catalogue('list')], unknown), ['markup: no size that it would decide has a known cost']);
  t.same(reasons([markup, rule.catalogue('list')], known), ['list: an earlier base price decided']);
});
