import t from 'tap';
import type { Basket, BasketLine, TaxSettings } from './basket.js';
import { priceBasket } from './price-basket.js';
import type { Rule, RuleSetContent } from './rule-set.js';
import { compiled, rule, sampleId } from './samples.js';

/**
 * Worked by hand. A case: rules, `pieces × size @ base price` per line, and the arithmetic that the figures come from.
 */
const club = { id: sampleId(3, 1), group: 'club', taxExempt: false };
const sizeOf = (size: string, quantity: number, index: number, priceDelta = '0.0000') => ({
  variantId: sampleId(4, index),
  quantity,
  priceDelta,
  cost: null,
  options: { size },
});
const lineOf = (sizes: BasketLine['sizes'], basePrice = '10.0000', product = 1, taxClass = 'standard'): BasketLine => ({
  productId: sampleId(1, product),
  categoryId: null,
  taxClass,
  basePrice,
  designId: null,
  decorations: [],
  sizes,
});
const pieces = (quantity: number, basePrice?: string, product?: number) =>
  lineOf([sizeOf('M', quantity, product ?? 1)], basePrice, product);

interface Case {
  readonly name: string;
  readonly rules: readonly Rule[];
  readonly lines: readonly BasketLine[];
  readonly customer?: Basket['customer'];
  readonly content?: Partial<RuleSetContent>;
  readonly tax?: Partial<TaxSettings>;
  /** Unit price and line total of each line; then the document. */
  readonly lineTotals: readonly string[];
  readonly document: string;
}
const tiers = rule.tiers('tiers', 'percent_off', [
  [12, '5'],
  [24, '10'],
]);

const cases: readonly Case[] = [
  {
    // 4.20 × 6 = 25.20; 19 % of 25.20 = 4.788 → 4.79; 25.20 + 4.79 = 29.99
    name: 'catalogue price',
    rules: [rule.catalogue('base')],
    lines: [pieces(6, '4.20')],
    lineTotals: ['4.2000 25.2000'],
    document: '25.2000 - 0.0000 + 4.7900 = 29.9900',
  },
  {
    // 4.20 × 0.95 = 3.99; × 12 = 47.88; 19 % = 9.0972 → 9.10
    name: 'the first tier',
    rules: [rule.catalogue('base'), tiers],
    lines: [pieces(12, '4.20')],
    lineTotals: ['3.9900 47.8800'],
    document: '47.8800 - 0.0000 + 9.1000 = 56.9800',
  },
  {
    // 4.25 × 0.95 = 4.0375 → 4.04 (half up at the unit price); × 12 = 48.48; 19 % = 9.2112 → 9.21
    name: 'a unit price is rounded once, half up',
    rules: [rule.catalogue('base'), tiers],
    lines: [pieces(12, '4.25')],
    lineTotals: ['4.0400 48.4800'],
    document: '48.4800 - 0.0000 + 9.2100 = 57.6900',
  },
  {
    // 10 × 0.95 = 9.50 for 8 M; 9.50 + 2 = 11.50 for 4 2XL: 76 + 46 = 122; average 122 / 12 = 10.1667; 19 % = 23.18
    name: 'a size up-charge after the tier',
    rules: [rule.catalogue('base'), tiers, rule.upcharge('xl', ['2XL'], '2')],
    lines: [lineOf([sizeOf('M', 8, 1), sizeOf('2XL', 4, 2)])],
    lineTotals: ['10.1667 122.0000'],
    document: '122.0000 - 0.0000 + 23.1800 = 145.1800',
  },
  {
    // up-charge first: (10 + 2) × 0.95 = 11.40; × 12 = 136.80; 19 % = 25.992 → 25.99
    name: 'the declared order decides',
    rules: [rule.catalogue('base'), rule.upcharge('xl', ['2XL'], '2'), tiers],
    lines: [lineOf([sizeOf('2XL', 12, 1)])],
    lineTotals: ['11.4000 136.8000'],
    document: '136.8000 - 0.0000 + 25.9900 = 162.7900',
  },
  {
    // 10 + 0.30 = 10.30 × 3 = 30.90; 19 % = 5.871 → 5.87
    name: "a variant's difference belongs to the catalogue price",
    rules: [rule.catalogue('base')],
    lines: [lineOf([sizeOf('M', 3, 1, '0.3000')])],
    lineTotals: ['10.3000 30.9000'],
    document: '30.9000 - 0.0000 + 5.8700 = 36.7700',
  },
  {
    // stackable: 10 × 0.9 = 9; 9 - 0.50 = 8.50; × 10 = 85. Gross 100, so 15 of discount. 19 % of 85 = 16.15
    name: 'stackable discounts follow each other',
    rules: [
      rule.catalogue('base'),
      rule.discount('ten', 'percent_off', '10', { customer_groups: ['club'] }),
      rule.discount('half', 'amount_off', '0.50', { customer_ids: [club.id] }),
    ],
    lines: [pieces(10)],
    customer: club,
    lineTotals: ['8.5000 85.0000'],
    document: '100.0000 - 15.0000 + 16.1500 = 101.1500',
  },
  {
    // exclusive first: 10 × 0.8 = 8 alone; × 10 = 80; 19 % = 15.20
    name: 'an exclusive discount that comes first stays alone',
    rules: [
      rule.catalogue('base'),
      rule.discount('alone', 'percent_off', '20', { customer_groups: ['club'] }, false),
      rule.discount('ten', 'percent_off', '10', { customer_groups: ['club'] }),
    ],
    lines: [pieces(10)],
    customer: club,
    lineTotals: ['8.0000 80.0000'],
    document: '100.0000 - 20.0000 + 15.2000 = 95.2000',
  },
  {
    // 6 + 6 = 12 pieces of one product: both lines 10 × 0.95 = 9.50 × 6 = 57; 114; 19 % = 21.66. The third: 6 alone.
    name: 'pieces of one product count together where it is declared',
    rules: [rule.catalogue('base'), rule.tiers('together', 'percent_off', [[12, '5']], { count: 'product' })],
    lines: [pieces(6), pieces(6), pieces(6, '10', 2)],
    lineTotals: ['9.5000 57.0000', '9.5000 57.0000', '10.0000 60.0000'],
    document: '174.0000 - 0.0000 + 33.0600 = 207.0600',
  },
  {
    // 0.13 × 1 each: tax 0.0247 → 0.02 a line, 0.04; 0.26 + 0.04
    name: 'tax rounded by line',
    rules: [rule.catalogue('base')],
    lines: [pieces(1, '0.13'), pieces(1, '0.13', 2)],
    tax: { taxRounding: 'line' },
    lineTotals: ['0.1300 0.1300', '0.1300 0.1300'],
    document: '0.2600 - 0.0000 + 0.0400 = 0.3000',
  },
  {
    // 0.26 × 0.19 = 0.0494 → 0.05
    name: 'tax rounded over the document',
    rules: [rule.catalogue('base')],
    lines: [pieces(1, '0.13'), pieces(1, '0.13', 2)],
    lineTotals: ['0.1300 0.1300', '0.1300 0.1300'],
    document: '0.2600 - 0.0000 + 0.0500 = 0.3100',
  },
  {
    name: 'an exempt customer pays no tax, whatever the class',
    rules: [rule.catalogue('base')],
    lines: [lineOf([sizeOf('M', 2, 1)], '10', 1, 'no-such-class')],
    customer: { ...club, taxExempt: true },
    lineTotals: ['10.0000 20.0000'],
    document: '20.0000 - 0.0000 + 0.0000 = 20.0000',
  },
  {
    // JPY has no minor unit: 995 × 0.95 = 945.25 → 945; × 12 = 11340; 10 % = 1134
    name: 'yen',
    rules: [rule.catalogue('base'), tiers],
    lines: [pieces(12, '995')],
    content: { currency: 'JPY', unit_price_decimals: 0 },
    tax: { taxRates: new Map([['standard', '10']]) },
    lineTotals: ['945.0000 11340.0000'],
    document: '11340.0000 - 0.0000 + 1134.0000 = 12474.0000',
  },
  {
    // KWD has fils, three digits: 1.235 × 0.95 = 1.17325 → 1.173; × 12 = 14.076; 5 % = 0.7038 → 0.704
    name: 'Kuwaiti dinar',
    rules: [rule.catalogue('base'), tiers],
    lines: [pieces(12, '1.235')],
    content: { currency: 'KWD', unit_price_decimals: 3 },
    tax: { taxRates: new Map([['standard', '5']]) },
    lineTotals: ['1.1730 14.0760'],
    document: '14.0760 - 0.0000 + 0.7040 = 14.7800',
  },
  {
    // 10 - 25 is less than nothing: 0
    name: 'a price never goes below zero',
    rules: [rule.catalogue('base'), rule.discount('all', 'amount_off', '25', { customer_groups: ['club'] })],
    lines: [pieces(4)],
    customer: club,
    lineTotals: ['0.0000 0.0000'],
    document: '40.0000 - 40.0000 + 0.0000 = 0.0000',
  },
  {
    // unit price at four decimals: 0.0125 × 1000 = 12.50; 0.0125 × 3 = 0.0375 → 0.04; tax 19 % of 12.54 = 2.3826
    name: 'unit prices finer than a cent; the line total is rounded',
    rules: [rule.catalogue('base')],
    lines: [pieces(1000, '0.0125'), pieces(3, '0.0125', 2)],
    content: { unit_price_decimals: 4 },
    lineTotals: ['0.0125 12.5000', '0.0125 0.0400'],
    document: '12.5400 - 0.0000 + 2.3800 = 14.9200',
  },
  {
    // Needs more digits than a double has. 0.95 × 0.93 × 0.9567 = 0.84524445 of what is left.
    // 99999999.9999 × 0.84524445 = 84524444.999915475555 → 84524445.00
    name: 'beyond 2^53, exact all the same',
    rules: [
      rule.catalogue('base'),
      tiers,
      rule.discount('seven', 'percent_off', '7', { customer_groups: ['club'] }),
      rule.discount('odd', 'percent_off', '4.33', { customer_groups: ['club'] }),
    ],
    lines: [pieces(12, '99999999.9999')],
    customer: { ...club, taxExempt: true },
    // 84524445.00 × 12 = 1014293340.00; gross 94999999.999905 → 95000000.00 × 12 = 1140000000.00
    lineTotals: ['84524445.0000 1014293340.0000'],
    document: '1140000000.0000 - 125706660.0000 + 0.0000 = 1014293340.0000',
  },
];

for (const given of cases) {
  t.test(given.name, async (t) => {
    const rules = compiled(given.rules, given.content);
    const basket = {
      priceOn: '2026-03-01',
      dueOn: null,
      currency: rules.currency,
      customer: given.customer ?? null,
      lines: given.lines,
    };
    const settings: TaxSettings = { taxRounding: 'document', taxRates: new Map([['standard', '19']]), ...given.tax };
    const priced = priceBasket(rules, basket, settings);
    t.same(
      priced.lines.map((line) => `${line.unitPrice} ${line.lineTotal}`),
      given.lineTotals,
    );
    t.equal(`${priced.subtotal} - ${priced.discount} + ${priced.tax} = ${priced.total}`, given.document);
  });
}

t.test('refusals', async (t) => {
  const settings: TaxSettings = { taxRounding: 'line', taxRates: new Map([['standard', '19']]) };
  const basket = { priceOn: '2026-03-01', dueOn: null, currency: 'EUR', customer: null, lines: [pieces(1)] };
  t.throws(() => priceBasket(compiled([tiers]), basket, settings), { code: 'price_unavailable', line: 0 });
  const base = compiled([rule.catalogue('base')]);
  t.throws(() => priceBasket(base, { ...basket, currency: 'USD' }, settings), {
    code: 'currency_mismatch',
    line: null,
  });
  t.throws(
    () => priceBasket(base, { ...basket, lines: [pieces(1, '99999999999999'), pieces(1, '99999999999999')] }, settings),
    {
      code: 'amount_out_of_range',
    },
  );
  t.throws(() => priceBasket(base, basket, { ...settings, taxRates: new Map() }), {
    code: 'price_unavailable',
    line: 0,
  });
  t.throws(() => compiled([{ ...rule.catalogue('base'), kind: 'no_such_kind' } as unknown as Rule]), TypeError);
});
