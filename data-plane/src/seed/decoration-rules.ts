import type { SeedCategory } from './catalogue.js';
import type { RuleParts } from './rules.js';

/** Where a print is large; elsewhere it is small. */
const large = ['front', 'back'];
const froms = [1, 12, 24, 48, 72, 144, 288];
const amount = (cents: number): string => (cents / 100).toFixed(2);
/** Less for more pieces: each tier a sixth below the one before. */
const falling = (cents: number, tier: number): number => Math.round(cents * (5 / 6) ** tier);

/** Printing by pieces × colours × place, embroidery by stitches, transfers and prints by area, and what is set up once. */
export const decorationRules = (categories: readonly SeedCategory[]): RuleParts[] => [
  ...categories.flatMap((category, place) => [
    screenPrint(`print-${category.code}`, category, 210 + place * 10, large),
    screenPrint(`print-small-${category.code}`, category, 160 + place * 10),
    embroidery(category, 420 + place * 15),
  ]),
  area('transfer', ['transfer'], 4, '0.90'),
  area('direct-print', ['direct_print'], 6, '1.80'),
  area('engraving', ['engraving'], 9, '2.50'),
  { code: 'set-up-print', kind: 'setup_fee', conditions: { processes: ['screen_print'] }, effect: { amount: '15' } },
  {
    code: 'set-up-digital',
    kind: 'setup_fee',
    conditions: { processes: ['transfer', 'direct_print', 'engraving'] },
    effect: { amount: '9.50' },
  },
];

function screenPrint(code: string, category: SeedCategory, firstCents: number, locations?: string[]): RuleParts {
  return {
    code,
    kind: 'screen_print',
    conditions: { category_ids: [category.id], ...(locations && { locations }), count: 'design' },
    effect: {
      tiers: froms.map((from, tier) => ({
        from,
        prices: Array.from({ length: 7 }, (_, more) => amount(falling(firstCents + more * 65, tier))),
      })),
      screen_fee: '18',
      reorder_screen_discount_percent: '50',
      underbase: { option: 'colour', values: ['Black', 'Navy', 'Forest', 'Red', 'Royal'] },
    },
  };
}

const embroidery = (category: SeedCategory, firstCents: number): RuleParts => ({
  code: `embroidery-${category.code}`,
  kind: 'embroidery',
  conditions: { category_ids: [category.id], count: 'design' },
  effect: {
    included_stitches: 5_000,
    tiers: froms.map((from, tier) => ({
      from,
      price: amount(falling(firstCents, tier)),
      per_thousand: amount(falling(60, tier)),
    })),
    digitizing_fee: '39.50',
  },
});

const area = (
  code: string,
  processes: ('transfer' | 'direct_print' | 'engraving')[],
  firstCents: number,
  minimum: string,
): RuleParts => ({
  code,
  kind: 'area_price',
  conditions: { processes, count: 'line' },
  effect: {
    tiers: froms.map((from, tier) => ({ from, per_square_cm: (falling(firstCents * 100, tier) / 10_000).toFixed(4) })),
    minimum,
  },
});
