import type { Rule, RuleKind, RuleSetContent } from '@platen/schema/contracts/data/pricing-rules';
import type { LintCatalogue, LintProduct } from './lint.js';
import { contentOf, sampleId } from './samples.js';

/** A small shop, and rule sets for it: sound ones, and any. */
export type Random = () => number;

/** mulberry32: small, and the same everywhere. */
export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
export const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
export const between = (random: Random, from: number, to: number): number =>
  from + Math.floor(random() * (to - from + 1));

export const shirts = sampleId(2, 1);
export const caps = sampleId(2, 2);
const product = (n: number, categoryId: string, basePrice: string, cost: string): LintProduct => ({
  id: sampleId(1, n),
  code: `product-${n}`,
  categoryId,
  basePrice,
  variants: [
    { id: sampleId(4, n * 10), priceDelta: '0.0000', cost, options: { size: 'M', colour: 'white' } },
    { id: sampleId(4, n * 10 + 1), priceDelta: '0.0000', cost, options: { size: '2XL', colour: 'black' } },
  ],
});
const products = [product(1, shirts, '20.0000', '8.0000'), product(2, caps, '12.0000', '5.0000')];
export const regular = { id: sampleId(3, 1), group: 'schools' };
export const own = { id: sampleId(3, 2), group: null };
export const catalogue: LintCatalogue = {
  products,
  customers: [regular, own],
  known: {
    products: new Set(products.map(({ id }) => id)),
    categories: new Set([shirts, caps]),
    customers: new Set([regular.id, own.id]),
    groups: new Set(['schools']),
  },
};

let made = 0;
/** Parts are loose so that sets stay short to write; compiling holds them against their schema. */
export function make(kind: RuleKind, conditions: object, effect: object, more: object = {}): Rule {
  made += 1;
  return {
    id: sampleId(5, made),
    code: `${kind.replaceAll('_', '-')}-${made}`,
    kind,
    conditions,
    effect,
    ...more,
  } as Rule;
}

/** Prices in cents that fall so gently from tier to tier that more pieces never cost less in all. */
function gentle(random: Random, first: number, starts: readonly number[]): string[] {
  let price = first;
  return starts.map((from, place) => {
    if (place > 0) price -= Math.floor((price / from) * random() * 0.9);
    return (price / 100).toFixed(2);
  });
}

const starts = (random: Random): number[] => [
  1,
  between(random, 10, 20),
  between(random, 40, 60),
  between(random, 150, 300),
];
const perhaps = (random: Random, likely: number, rule: () => Rule): Rule[] => (random() < likely ? [rule()] : []);
export const counts = ['line', 'product', 'design', 'rule'] as const;

/** Nothing to find in it. */
export function soundSet(random: Random): RuleSetContent {
  const from = starts(random);
  const count = pick(random, counts);
  const tiers = gentle(random, 2000, from);
  const printed = gentle(random, 300, from);
  const stitched = gentle(random, 500, from);
  const printedMore = gentle(random, 420, from);
  const lead = between(random, 1, 3);
  return contentOf([
    make('base_price', {}, { type: 'catalogue' }),
    make(
      'quantity_tier',
      { category_ids: [shirts], count },
      { type: 'unit_price', tiers: from.map((start, n) => ({ from: start, value: tiers[n] })) },
    ),
    ...perhaps(random, 0.5, () =>
      make(
        'quantity_tier',
        { category_ids: [caps], count },
        {
          type: 'percent_off',
          tiers: [
            { from: 12, value: '3' },
            { from: 48, value: '4.5' },
          ],
        },
      ),
    ),
    make('size_upcharge', { option: 'size', values: ['2XL', '3XL'] }, { type: 'amount', value: '1.50' }),
    make(
      'screen_print',
      { count },
      {
        tiers: from.map((start, n) => ({ from: start, prices: [printed[n], printedMore[n], printedMore[n]] })),
        screen_fee: '18',
        reorder_screen_discount_percent: '100',
      },
    ),
    make(
      'embroidery',
      { count },
      {
        included_stitches: 5000,
        tiers: from.map((start, n) => ({ from: start, price: stitched[n], per_thousand: '0.40' })),
        digitizing_fee: '35',
      },
    ),
    ...perhaps(random, 0.5, () =>
      make(
        'area_price',
        { processes: ['transfer', 'direct_print'], count },
        {
          tiers: [
            { from: 1, per_square_cm: '0.0300' },
            { from: 100, per_square_cm: '0.0299' },
          ],
          minimum: '1',
        },
      ),
    ),
    ...perhaps(random, 0.5, () => make('setup_fee', { processes: ['transfer'] }, { amount: '12' })),
    ...perhaps(random, 0.5, () =>
      make('customer_price', { customer_ids: [own.id], product_ids: [products[1]?.id] }, { amount: '11' }),
    ),
    make(
      'discount',
      { customer_groups: ['schools'] },
      { type: 'percent_off', value: String(between(random, 2, 9)) },
      { stackable: random() < 0.5 },
    ),
    make(
      'rush',
      {},
      {
        lead_times: [
          { within_days: lead, percent: '40' },
          { within_days: lead + 4, percent: '15' },
        ],
      },
    ),
    ...perhaps(random, 0.5, () => make('margin_floor', {}, { percent: '10' })),
    make('minimum_charge', {}, { amount: String(between(random, 1, 9)) }),
  ]);
}

const amount = (random: Random, most: number): string => (between(random, 0, most * 100) / 100).toFixed(2);
const targetsOf = (random: Random): object =>
  pick(random, [
    {},
    {},
    { category_ids: [shirts] },
    { category_ids: [shirts, caps] },
    { product_ids: [products[0]?.id] },
  ]);
const buyersOf = (random: Random): object =>
  pick(random, [{}, { customer_groups: ['schools'] }, { customer_ids: [own.id] }, { customer_ids: [regular.id] }]);
const placesOf = (random: Random): object =>
  pick(random, [{}, { locations: ['front'] }, { locations: ['front', 'back'] }]);
const anyStarts = (random: Random): number[] =>
  Array.from({ length: between(random, 1, 4) }, () => between(random, 1, 60));

/** Anything that has the right shape. */
export function anySet(random: Random): RuleSetContent {
  const rules = Array.from({ length: between(random, 3, 14) }, () => anyRule(random));
  return contentOf([...(random() < 0.9 ? [make('base_price', {}, { type: 'catalogue' })] : []), ...rules]);
}

function anyRule(random: Random): Rule {
  const targets = targetsOf(random);
  const count = pick(random, counts);
  const tiersOf = <T>(value: () => T) => anyStarts(random).map((from) => ({ from, ...value() }));
  switch (between(random, 0, 11)) {
    case 0:
      return make(
        'base_price',
        targets,
        pick(random, [
          { type: 'fixed', amount: amount(random, 30) },
          { type: 'cost_markup', percent: '80' },
        ]),
      );
    case 1:
      return make(
        'size_upcharge',
        { ...targets, option: 'size', values: pick(random, [['2XL'], ['M', '2XL']]) },
        {
          type: pick(random, ['amount', 'percent']),
          value: amount(random, 5),
        },
      );
    case 2:
      return make(
        'screen_print',
        { ...targets, ...placesOf(random), count },
        {
          tiers: tiersOf(() => ({ prices: Array.from({ length: between(random, 1, 4) }, () => amount(random, 4)) })),
          screen_fee: amount(random, 20),
          reorder_screen_discount_percent: '50',
          ...(random() < 0.5 && { underbase: { option: 'colour', values: ['black'] } }),
        },
      );
    case 3:
      return make(
        'embroidery',
        { ...targets, ...placesOf(random), count },
        {
          included_stitches: 4000,
          tiers: tiersOf(() => ({ price: amount(random, 5), per_thousand: amount(random, 1) })),
          digitizing_fee: amount(random, 40),
        },
      );
    case 4:
      return make(
        'area_price',
        { ...targets, ...placesOf(random), processes: pick(random, [['transfer'], ['transfer', 'engraving']]), count },
        { tiers: tiersOf(() => ({ per_square_cm: amount(random, 1) })), minimum: amount(random, 3) },
      );
    case 5:
      return make('setup_fee', targets, { amount: amount(random, 30) });
    case 6:
      return make('customer_price', { ...targets, ...buyersOf(random) }, { amount: amount(random, 20) });
    case 7:
      return make('rush', targets, {
        lead_times: Array.from({ length: between(random, 1, 3) }, () => ({
          within_days: between(random, 0, 9),
          percent: amount(random, 60),
        })),
      });
    case 8:
      return make('minimum_charge', targets, { amount: amount(random, 60) });
    case 9:
      return make('margin_floor', targets, { percent: String(between(random, 0, 60)) });
    case 10:
      return make(
        'quantity_tier',
        { ...targets, count },
        {
          type: pick(random, ['percent_off', 'amount_off', 'unit_price']),
          tiers: tiersOf(() => ({ value: amount(random, 30) })),
        },
      );
    default:
      return make(
        'discount',
        { ...targets, ...buyersOf(random), ...(random() < 0.3 && { min_quantity: between(random, 1, 50) }) },
        pick(random, [
          { type: 'percent_off', value: amount(random, 100) },
          { type: 'amount_off', value: amount(random, 15) },
        ]),
        { stackable: random() < 0.5 },
      );
  }
}
