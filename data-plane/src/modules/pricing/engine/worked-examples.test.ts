import { Decimal } from 'decimal.js';
import t from 'tap';
import { readFigures } from './arithmetic.fixture.js';
import type { Basket, BasketDecoration, BasketLine, PricedBasket, TaxSettings } from './basket.js';
import { priceBasket } from './price-basket.js';
import type { Rule, RuleSetContent } from './rule-set.js';
import { compiled, rule, sampleId } from './samples.js';
import { verifyReceipt } from './verify.js';

/**
 * Worked by hand. Each line of a table is one calculation; the test computes its left side, holds it against the right, and
 * then against the engine's figure of the line's name: `1 M` the unit price of size M in line 1, `1 average`, `1 fee <text>`,
 * `1 fees`, `1 total`, `1 next` the next break's price, and `subtotal`, `discount`, `tax`, `total` of the document.
 * A name in brackets is a step on the way.
 */
interface Example {
  readonly name: string;
  readonly rules: readonly Rule[];
  readonly lines: readonly BasketLine[];
  readonly customer?: Basket['customer'];
  readonly dueOn?: string;
  readonly content?: Partial<RuleSetContent>;
  readonly tax?: Partial<TaxSettings>;
  readonly table: string;
}

const club = { id: sampleId(3, 1), group: 'club', taxExempt: false };
const [crest, slogan] = [sampleId(5, 1), sampleId(5, 2)];

interface LineParts {
  readonly product?: number;
  readonly base?: string;
  readonly cost?: string;
  readonly colour?: string;
  readonly design?: string;
  readonly decorations?: readonly Partial<BasketDecoration>[];
  readonly taxClass?: string;
}
/** `pieces` by size. */
const line = (pieces: Readonly<Record<string, number>>, parts: LineParts = {}): BasketLine => ({
  productId: sampleId(1, parts.product ?? 1),
  categoryId: null,
  taxClass: parts.taxClass ?? 'standard',
  basePrice: parts.base ?? '10.0000',
  designId: parts.design ?? null,
  decorations: (parts.decorations ?? []).map((given) => ({
    process: 'screen_print',
    location: 'front',
    designId: null,
    colours: null,
    stitches: null,
    widthMm: null,
    heightMm: null,
    reorder: false,
    ...given,
  })),
  sizes: Object.entries(pieces).map(([size, quantity], index) => ({
    variantId: sampleId(4, (parts.product ?? 1) * 10 + index),
    quantity,
    priceDelta: '0.0000',
    cost: parts.cost ?? null,
    options: { size, colour: parts.colour ?? 'white' },
  })),
});

const catalogue = rule.catalogue('base');
const screens = rule.of(
  'screen_print',
  'screens',
  {
    tiers: [
      { from: 12, prices: ['1.90', '2.60', '3.20', '3.70'] },
      { from: 72, prices: ['0.95', '1.30', '1.65', '1.95'] },
      { from: 144, prices: ['0.80', '1.10', '1.40', '1.68'] },
    ],
    screen_fee: '18',
    reorder_screen_discount_percent: '50',
    underbase: { option: 'colour', values: ['black', 'navy'] },
  },
  { count: 'line' },
);
const stitched = rule.of(
  'embroidery',
  'stitched',
  {
    included_stitches: 5000,
    tiers: [
      { from: 1, price: '4.50', per_thousand: '0.60' },
      { from: 24, price: '3.60', per_thousand: '0.45' },
    ],
    digitizing_fee: '39.50',
  },
  { count: 'design' },
);
const front = { location: 'front', colours: 3 };
const back = { location: 'back', colours: 3 };

const examples: readonly Example[] = [
  {
    name: 'screen print: 3 colours × 144 pieces × 2 locations on a dark garment, with screens',
    rules: [catalogue, screens],
    lines: [line({ M: 144 }, { base: '4.20', colour: 'black', design: crest, decorations: [front, back] })],
    table: `
      [screens at a location, under-base included]: 3 + 1 = 4
      1 M: 4.20 + 1.68 + 1.68 = 7.56
      [pieces]: 144 × 7.56 = 1088.64
      1 fee 4 screens × 18: 4 × 18 = 72
      1 fees: 2 × 4 × 18 = 144
      1 total: 1088.64 + 144 = 1232.64
      tax: 1232.64 × 19% = 234.2016 → 234.20
      total: 1232.64 + 234.20 = 1466.84`,
  },
  {
    name: 'screen print: the same on white, and a next break that leaves fees apart',
    rules: [catalogue, screens],
    lines: [line({ M: 60, L: 78 }, { base: '4.20', design: crest, decorations: [front, back] })],
    table: `
      1 M: 4.20 + 2 × 1.65 = 7.50
      1 fees: 2 × 3 × 18 = 108
      1 total: 138 × 7.50 + 108 = 1143
      [more pieces to the tier of 144]: 144 - 138 = 6
      1 next: 4.20 + 2 × 1.40 = 7.00`,
  },
  {
    name: 'screen print: re-ordered screens at half the fee; light and dark lines of one design need its screens once',
    rules: [catalogue, screens],
    lines: [
      line({ M: 20 }, { base: '4.20', design: crest, decorations: [front] }),
      line({ M: 12 }, { product: 2, base: '4.20', colour: 'navy', design: crest, decorations: [front] }),
      line({ M: 12 }, { product: 3, base: '4.20', design: slogan, decorations: [{ ...front, reorder: true }] }),
    ],
    table: `
      1 M: 4.20 + 3.20 = 7.40
      1 fees: 0 × 18 = 0
      1 total: 20 × 7.40 = 148.00
      2 M: 4.20 + 3.70 = 7.90
      2 fee 4 screens × 18: (3 + 1) × 18 = 72
      2 total: 12 × 7.90 + 72 = 166.80
      3 fees: 3 × 18 × 50% = 27
      3 total: 12 × 7.40 + 27 = 115.80
      total: (148.00 + 166.80 + 115.80) × 119% = 512.414 → 512.41`,
  },
  {
    name: 'embroidery: 8,400 stitches, each further thousand begun, digitized once for two lines',
    rules: [catalogue, stitched],
    lines: [
      line({ M: 10 }, { design: crest, decorations: [{ process: 'embroidery', stitches: 8400 }] }),
      line(
        { L: 14 },
        { product: 2, base: '16.90', design: crest, decorations: [{ process: 'embroidery', stitches: 8400 }] },
      ),
    ],
    table: `
      [thousands begun beyond 5,000]: (9000 - 5000) ÷ 1000 = 4
      [pieces of the design]: 10 + 14 = 24
      [stitching]: 3.60 + 4 × 0.45 = 5.40
      1 M: 10 + 5.40 = 15.40
      1 total: 10 × 15.40 = 154.00
      2 L: 16.90 + 5.40 = 22.30
      2 fee digitizing: 1 × 39.50 = 39.50
      2 total: 14 × 22.30 + 39.50 = 351.70
      tax: 505.70 × 19% = 96.083 → 96.08`,
  },
  {
    name: 'sizes: 2XL and up cost more, each size by its own rule',
    rules: [
      catalogue,
      rule.tiers('tier', 'percent_off', [[48, '12.5']]),
      rule.upcharge('2xl', ['2XL'], '1.75'),
      rule.upcharge('3xl', ['3XL', '4XL'], '15', 'percent'),
    ],
    lines: [line({ S: 10, M: 20, L: 14, '2XL': 3, '4XL': 1 }, { base: '6.30' })],
    table: `
      1 M: 6.30 × (100% - 12.5%) = 5.5125 → 5.51
      1 2XL: 6.30 × 87.5% + 1.75 = 7.2625 → 7.26
      1 4XL: 6.30 × 87.5% × 115% = 6.339375 → 6.34
      1 total: 44 × 5.51 + 3 × 7.26 + 1 × 6.34 = 270.56
      1 average: 270.56 ÷ 48 = 5.6366 → 5.6367`,
  },
  {
    name: 'pieces count together: over lines of a product, lines of a design, lines that a rule is for',
    rules: [
      catalogue,
      rule.tiers('by-product', 'amount_off', [[40, '1']], { product_ids: [sampleId(1, 1)], count: 'product' }),
      rule.tiers('by-design', 'amount_off', [[40, '2']], { product_ids: [sampleId(1, 2)], count: 'design' }),
      rule.tiers('by-rule', 'amount_off', [[40, '3']], {
        product_ids: [3, 4].map((n) => sampleId(1, n)),
        count: 'rule',
      }),
    ],
    lines: [
      line({ M: 20 }),
      line({ L: 20 }),
      line({ M: 20 }, { product: 2, design: crest }),
      line({ M: 20 }, { product: 3, design: crest }),
      line({ M: 20 }, { product: 4, design: slogan }),
      line({ M: 39 }, { product: 2 }),
    ],
    table: `
      [of product 1, lines 1 and 2]: 20 + 20 = 40
      1 M: 10 - 1 = 9
      2 L: 10 - 1 = 9
      [of the crest, lines 3 and 4]: 20 + 20 = 40
      3 M: 10 - 2 = 8
      [of products 3 and 4, lines 4 and 5]: 20 + 20 = 40
      4 M: 10 - 3 = 7
      5 M: 10 - 3 = 7
      [without a design its own alone]: 39 + 0 = 39
      6 M: 10 - 0 = 10
      6 next: 10 - 2 = 8`,
  },
  {
    name: 'a margin floor, rounded up so that it holds',
    rules: [
      catalogue,
      rule.discount('deep', 'percent_off', '45', {}),
      rule.of('margin_floor', 'floor', { percent: '35' }),
    ],
    lines: [line({ M: 10 }, { base: '7.00', cost: '4.01' }), line({ M: 10 }, { product: 2, base: '20', cost: '4.01' })],
    table: `
      [discounted]: 7.00 × 55% = 3.85
      1 M: 4.01 ÷ (1 - 35%) = 6.16923 ↑ 6.17
      1 total: 10 × 6.17 = 61.70
      2 M: 20 × 55% = 11.00
      discount: 10 × (7.00 - 6.17) + 10 × (20 - 11.00) = 98.30`,
  },
  {
    name: 'a surcharge for work that is due in four days',
    rules: [
      catalogue,
      rule.of('rush', 'rush', {
        lead_times: [
          { within_days: 7, percent: '20' },
          { within_days: 4, percent: '35' },
          { within_days: 1, percent: '80' },
        ],
      }),
    ],
    lines: [line({ M: 7 }, { base: '4.25' })],
    dueOn: '2026-03-05',
    table: `
      [1 March to 5 March]: 5 - 1 = 4
      1 M: 4.25 × 135% = 5.7375 → 5.74
      1 total: 7 × 5.74 = 40.18`,
  },
  {
    name: 'discounts: an exclusive one behind a stackable one loses, and so does one for more pieces',
    rules: [
      catalogue,
      rule.discount('stack-1', 'percent_off', '10', { customer_groups: ['club'] }),
      rule.discount('alone', 'percent_off', '30', { customer_ids: [club.id] }, false),
      rule.discount('many', 'percent_off', '50', { min_quantity: 100 }),
      rule.discount('stack-2', 'amount_off', '0.35', {}),
    ],
    lines: [line({ M: 30 })],
    customer: club,
    table: `
      1 M: 10 × 90% - 0.35 = 8.65
      subtotal: 30 × 10 = 300
      discount: 30 × (10 - 8.65) = 40.50
      1 next: 10 × 90% × 50% - 0.35 = 4.15`,
  },
  {
    name: 'discounts: the same with the exclusive one first stays alone',
    rules: [
      catalogue,
      rule.discount('alone', 'percent_off', '30', { customer_ids: [club.id] }, false),
      rule.discount('stack-1', 'percent_off', '10', { customer_groups: ['club'] }),
    ],
    lines: [line({ M: 30 })],
    customer: club,
    table: `
      1 M: 10 × 70% = 7
      discount: 30 × 3 = 90
      total: 210 × 119% = 249.90`,
  },
  {
    name: 'a minimum charge counts fees and charges the rest as one',
    rules: [catalogue, screens, rule.of('minimum_charge', 'least', { amount: '200' })],
    lines: [
      line({ M: 12 }, { base: '4.20', design: crest, decorations: [{ colours: 1 }] }),
      line({ M: 30 }, { product: 2 }),
    ],
    table: `
      1 M: 4.20 + 1.90 = 6.10
      [pieces and screens]: 12 × 6.10 + 18 = 91.20
      1 fee 91.2 to 200: 200 - 91.20 = 108.80
      1 fees: 18 + 108.80 = 126.80
      1 total: 12 × 6.10 + 126.80 = 200
      2 fees: 0 × 1 = 0
      2 total: 30 × 10 = 300`,
  },
  {
    name: 'tax by document: half a cent goes up once (BR-CO-17)',
    rules: [catalogue],
    lines: [line({ M: 1 }, { base: '0.50' }), line({ M: 1 }, { product: 2, base: '1.00' })],
    tax: { taxRates: new Map([['standard', '7']]) },
    table: `
      tax: (0.50 + 1.00) × 7% = 0.105 → 0.11
      total: 1.50 + 0.11 = 1.61`,
  },
  {
    name: 'tax by line: half a cent goes up on each line, the classes sum to the document (BR-CO-14)',
    rules: [catalogue],
    lines: [
      line({ M: 1 }, { base: '0.50' }),
      line({ M: 1 }, { product: 2, base: '0.50' }),
      line({ M: 1 }, { product: 3, base: '0.50', taxClass: 'reduced' }),
    ],
    tax: {
      taxRounding: 'line',
      taxRates: new Map([
        ['standard', '19'],
        ['reduced', '7'],
      ]),
    },
    table: `
      [a standard line]: 0.50 × 19% = 0.095 → 0.10
      [the reduced line]: 0.50 × 7% = 0.035 → 0.04
      tax: 0.10 + 0.10 + 0.04 = 0.24
      total: 3 × 0.50 + 0.24 = 1.74`,
  },
  {
    name: 'tax by document on the same lines: a share each',
    rules: [catalogue],
    lines: [
      line({ M: 1 }, { base: '0.50' }),
      line({ M: 1 }, { product: 2, base: '0.50' }),
      line({ M: 1 }, { product: 3, base: '0.50', taxClass: 'reduced' }),
    ],
    tax: {
      taxRates: new Map([
        ['standard', '19'],
        ['reduced', '7'],
      ]),
    },
    table: `
      [standard]: 1.00 × 19% = 0.19
      [reduced]: 0.50 × 7% = 0.035 → 0.04
      tax: 0.19 + 0.04 = 0.23`,
  },
  {
    name: 'area: square centimetres exactly, and the least that a piece costs',
    rules: [
      catalogue,
      rule.of(
        'area_price',
        'area',
        { tiers: [{ from: 1, per_square_cm: '0.0375' }], minimum: '1.20' },
        { processes: ['transfer', 'direct_print'], count: 'line' },
      ),
    ],
    lines: [
      line({ M: 9 }, { decorations: [{ process: 'transfer', widthMm: 105, heightMm: 148 }] }),
      line({ M: 9 }, { product: 2, decorations: [{ process: 'direct_print', widthMm: 40, heightMm: 30 }] }),
    ],
    table: `
      [area]: 105 × 148 ÷ 100 = 155.4
      1 M: 10 + 155.4 × 0.0375 = 15.8275 → 15.83
      [small]: 40 × 30 ÷ 100 × 0.0375 = 0.45
      2 M: 10 + 1.20 = 11.20`,
  },
  {
    name: 'set-up once a design, borne by the line with the most pieces; none on a re-order',
    rules: [catalogue, screens, rule.of('setup_fee', 'artwork', { amount: '25' })],
    lines: [
      line({ M: 20 }, { design: crest, decorations: [{ colours: 1 }] }),
      line({ M: 30 }, { product: 2, design: crest, decorations: [{ colours: 1 }] }),
      line({ M: 12 }, { product: 3, design: slogan, decorations: [{ colours: 1, reorder: true }] }),
    ],
    table: `
      1 fees: 0 × 25 = 0
      2 fee set-up: 1 × 25 = 25
      2 fees: 25 + 18 = 43
      3 fees: 18 × 50% = 9`,
  },
  {
    name: "a customer's own price, before an up-charge and after a tier",
    rules: [
      catalogue,
      rule.tiers('tier', 'percent_off', [[10, '20']]),
      rule.of('customer_price', 'own', { amount: '7.77' }, { customer_ids: [club.id] }),
      rule.upcharge('xl', ['2XL'], '10', 'percent'),
    ],
    lines: [line({ M: 10, '2XL': 5 })],
    customer: club,
    table: `
      1 M: 7.77 + 0 = 7.77
      1 2XL: 7.77 × 110% = 8.547 → 8.55
      1 total: 10 × 7.77 + 5 × 8.55 = 120.45`,
  },
  {
    name: 'a price from the cost, where it is known',
    rules: [rule.of('base_price', 'markup', { type: 'cost_markup', percent: '85' }), catalogue],
    lines: [line({ M: 4 }, { cost: '3.33' }), line({ M: 4 }, { product: 2 })],
    table: `
      1 M: 3.33 × 185% = 6.1605 → 6.16
      2 M: 10 + 0 = 10`,
  },
  {
    name: 'yen: no decimals, fees and minimum neither',
    rules: [catalogue, screens, rule.of('minimum_charge', 'least', { amount: '20000.5' })],
    lines: [line({ M: 12 }, { base: '995', decorations: [{ colours: 3, reorder: true }] })],
    content: { currency: 'JPY', unit_price_decimals: 0 },
    tax: { taxRates: new Map([['standard', '10']]) },
    table: `
      1 M: 995 + 3.20 = 998.20 → 998
      1 fee 3 screens × 18 -50% as a re-order: 3 × 18 × 50% = 27
      [least]: 20000.5 + 0 = 20000.5 → 20001
      1 fees: 20001 - 12 × 998 = 8025
      tax: 20001 × 10% = 2000.1 → 2000
      total: 20001 + 2000 = 22001`,
  },
  {
    name: 'Kuwaiti dinar: three decimals',
    rules: [catalogue, screens],
    lines: [line({ M: 12 }, { base: '1.2345', decorations: [{ colours: 1, reorder: true }] })],
    content: { currency: 'KWD', unit_price_decimals: 3 },
    tax: { taxRates: new Map([['standard', '5']]) },
    table: `
      1 M: 1.2345 + 1.90 = 3.1345 → 3.135
      1 total: 12 × 3.135 + 9 = 46.62
      tax: 46.62 × 5% = 2.331`,
  },
];

function figureOf(priced: PricedBasket, lines: readonly BasketLine[], label: string): string | undefined {
  const [, place, what = ''] = /^(\d+) (.+)$/.exec(label) ?? [];
  if (place === undefined) return { ...priced, lines: '', taxes: '' }[label];
  const at = Number(place) - 1;
  const done = priced.lines[at];
  if (what === 'average') return done?.unitPrice;
  if (what === 'fees') return done?.feeTotal;
  if (what === 'total') return done?.lineTotal;
  if (what === 'next') return JSON.parse(done?.receipt ?? '{}').next_break?.unit_price;
  if (what.startsWith('fee ')) return done?.fees.find((fee) => fee.text === what.slice(4))?.amount;
  return done?.sizes[lines[at]?.sizes.findIndex((size) => size.options['size'] === what) ?? -1]?.unitPrice;
}

for (const example of examples) {
  t.test(example.name, async (t) => {
    const set = compiled(example.rules, example.content);
    const basket = {
      priceOn: '2026-03-01',
      dueOn: example.dueOn ?? null,
      currency: set.currency,
      customer: example.customer ?? null,
      lines: example.lines,
    };
    const settings: TaxSettings = { taxRounding: 'document', taxRates: new Map([['standard', '19']]), ...example.tax };
    const priced = priceBasket(set, basket, settings);
    for (const { label, value } of readFigures(example.table)) {
      if (label.startsWith('[')) continue;
      t.equal(figureOf(priced, example.lines, label), value.toFixed(4), label);
    }
    for (const { receipt, receiptHash } of priced.lines) t.equal(verifyReceipt(set, receipt, receiptHash).ok, true);
    const sum = Decimal.sum(...priced.lines.map((done) => done.lineTotal), priced.tax);
    t.equal(sum.toFixed(4), priced.total, 'lines and tax make the total');
  });
}

t.test('what has no price is refused, by name', async (t) => {
  const price = (rules: readonly Rule[], decoration: Partial<BasketDecoration>) => () =>
    priceBasket(
      compiled(rules),
      {
        priceOn: '2026-03-01',
        dueOn: null,
        currency: 'EUR',
        customer: null,
        lines: [line({ M: 20 }), line({ M: 20 }, { product: 2, decorations: [decoration] })],
      },
      { taxRounding: 'line', taxRates: new Map([['standard', '19']]) },
    );
  t.throws(price([catalogue, screens], { process: 'embroidery', location: 'sleeve', stitches: 9 }), {
    code: 'price_unavailable',
    line: 1,
    field: '/decorations/0',
    message: 'No rule prices decoration 1: embroidery at sleeve',
  });
  t.throws(price([catalogue, screens], { colours: 5 }), { code: 'price_unavailable', message: /in 5 colours/ });
  t.throws(price([catalogue, screens], {}), {
    code: 'validation_failed',
    line: 1,
    field: '/decorations/0/colours',
    message: 'Decoration 1, screen_print at front, needs colours',
  });
  t.throws(price([catalogue], { process: 'embroidery' }), {
    message: /needs stitches/,
    field: '/decorations/0/stitches',
  });
  t.throws(price([catalogue], { process: 'transfer', widthMm: 9 }), {
    message: /needs height_mm/,
    field: '/decorations/0/height_mm',
  });
  const markup = rule.of('base_price', 'markup', { type: 'cost_markup', percent: '85' });
  t.throws(price([markup], { colours: 1 }), { code: 'price_unavailable', message: /cost, which is unknown/ });
  t.throws(() => compiled([catalogue], { format: 'platen-rule-set/1' } as unknown as RuleSetContent), TypeError);
});
