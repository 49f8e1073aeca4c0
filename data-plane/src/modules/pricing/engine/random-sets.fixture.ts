import {
  areaProcesses,
  decorationProcesses,
  pieceCounts,
  type Rule,
  type RuleSetContent,
  ruleKinds,
} from '@platen/schema/contracts/data/pricing-rules';
import type { Basket, BasketDecoration, BasketLine, TaxSettings } from './basket.js';
import { sampleId } from './samples.js';

/** Rule sets and baskets of all kinds from a seed: a test that fails names the seed, and one number is enough to see why. */
export interface Dice {
  /** An integer from `from` to `to`, both included. */
  between(from: number, to: number): number;
  pick<T>(items: readonly T[]): T;
  oneIn(times: number): boolean;
  /** Decimal text with up to so many decimals. */
  amount(max: number, decimals?: number): string;
}

/** mulberry32 */
export function diceOf(seed: number): Dice {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    between,
    pick: (items) => items[between(0, items.length - 1)] as (typeof items)[number],
    oneIn: (times) => next() * times < 1,
    amount: (max, decimals = 2) => (between(0, max * 10 ** decimals) / 10 ** decimals).toFixed(decimals),
  };
}

const products = [0, 1, 2, 3].map((n) => sampleId(1, n));
const categories = [0, 1].map((n) => sampleId(2, n));
const customers = [0, 1, 2].map((n) => sampleId(3, n));
const designs = [0, 1, 2].map((n) => sampleId(5, n));
const groups = ['club', 'école'];
const locations = ['front', 'back', 'left-chest'];
const sizes = ['M', '2XL', 'Ünter "x"\n'];
const colours = ['white', 'black', 'navy'];

function targets(dice: Dice): object {
  if (dice.oneIn(2)) return {};
  const product_ids = [dice.pick(products), dice.pick(products)];
  const category_ids = [dice.pick(categories)];
  return dice.oneIn(3) ? { product_ids, category_ids } : dice.oneIn(2) ? { product_ids } : { category_ids };
}
const buyers = (dice: Dice): object =>
  dice.oneIn(2)
    ? { customer_groups: [dice.pick(groups)] }
    : dice.oneIn(2)
      ? { customer_ids: [dice.pick(customers), dice.pick(customers)] }
      : {};
const percent = (dice: Dice, max = 100) => dice.amount(max, dice.oneIn(4) ? 4 : 0);
const count = (dice: Dice) => ({ count: dice.pick(pieceCounts) });
const where = (dice: Dice) => (dice.oneIn(3) ? { locations: [dice.pick(locations), dice.pick(locations)] } : {});

/** In any order, with what no linter would let pass now and then: both engines have to agree on that too. */
const tiers = <T>(dice: Dice, tier: (place: number) => T, first = dice.pick([1, 1, 12, 24])) =>
  Array.from({ length: dice.between(1, 4) }, (_, place) => ({
    from: first + place * dice.between(0, 40),
    ...tier(place),
  }));

function partsOf(dice: Dice, kind: Rule['kind']): object {
  switch (kind) {
    case 'base_price': {
      const effect = dice.pick([
        { type: 'catalogue' },
        { type: 'fixed', amount: dice.amount(40) },
        { type: 'cost_markup', percent: percent(dice, 200) },
      ]);
      return { conditions: targets(dice), effect };
    }
    case 'quantity_tier': {
      const type = dice.pick(['percent_off', 'amount_off', 'unit_price'] as const);
      const value = () => (type === 'percent_off' ? percent(dice, dice.oneIn(20) ? 150 : 60) : dice.amount(15));
      return {
        conditions: { ...targets(dice), ...count(dice) },
        effect: { type, tiers: tiers(dice, () => ({ value: value() })) },
      };
    }
    case 'size_upcharge': {
      const conditions = { ...targets(dice), option: 'size', values: [dice.pick(sizes), dice.pick(sizes)] };
      const type = dice.pick(['amount', 'percent']);
      return { conditions, effect: { type, value: type === 'amount' ? dice.amount(5, 4) : percent(dice) } };
    }
    case 'screen_print':
      return screenPrint(dice, { ...targets(dice), ...where(dice), ...count(dice) }, dice.between(1, 6));
    case 'embroidery':
      return embroidery(dice, { ...targets(dice), ...where(dice), ...count(dice) });
    case 'area_price': {
      const processes = areaProcesses.filter(() => dice.oneIn(2));
      const conditions = { ...targets(dice), ...where(dice), ...count(dice) };
      return areaPrice(dice, { ...conditions, processes: processes.length > 0 ? processes : ['transfer'] });
    }
    case 'setup_fee': {
      const processes = decorationProcesses.filter(() => dice.oneIn(2));
      const conditions = { ...targets(dice), ...(processes.length > 0 && { processes }) };
      return { conditions, effect: { amount: dice.amount(50, 3) } };
    }
    case 'customer_price':
      return { conditions: { ...targets(dice), ...buyers(dice) }, effect: { amount: dice.amount(30, 4) } };
    case 'discount': {
      const conditions = {
        ...targets(dice),
        ...buyers(dice),
        ...(dice.oneIn(3) && { min_quantity: dice.between(1, 60) }),
      };
      const type = dice.pick(['percent_off', 'amount_off']);
      const value = type === 'percent_off' ? percent(dice, dice.oneIn(8) ? 100 : 20) : dice.amount(3);
      return { conditions, effect: { type, value }, stackable: !dice.oneIn(3) };
    }
    case 'rush': {
      const lead_times = Array.from({ length: dice.between(1, 3) }, () => ({
        within_days: dice.between(0, 12),
        percent: percent(dice, 150),
      }));
      return { conditions: targets(dice), effect: { lead_times } };
    }
    case 'minimum_charge':
      return { conditions: targets(dice), effect: { amount: dice.amount(400, 3) } };
    case 'margin_floor':
      return { conditions: targets(dice), effect: { percent: dice.amount(99, dice.oneIn(2) ? 4 : 0) } };
  }
}

const screenPrint = (dice: Dice, conditions: object, most: number) => ({
  conditions,
  effect: {
    tiers: tiers(
      dice,
      () => ({ prices: Array.from({ length: most }, () => dice.amount(3, 3)) }),
      most > 6 ? 1 : undefined,
    ),
    screen_fee: dice.amount(30),
    reorder_screen_discount_percent: percent(dice),
    ...(dice.oneIn(2) && { underbase: { option: 'colour', values: ['black', 'navy'] } }),
  },
});
const embroidery = (dice: Dice, conditions: object, first?: number) => ({
  conditions,
  effect: {
    included_stitches: dice.between(0, 12) * 500,
    tiers: tiers(dice, () => ({ price: dice.amount(6), per_thousand: dice.amount(1, 4) }), first),
    digitizing_fee: dice.amount(60),
  },
});
const areaPrice = (dice: Dice, conditions: object, first?: number) => ({
  conditions,
  effect: { tiers: tiers(dice, () => ({ per_square_cm: dice.amount(1, 4) }), first), minimum: dice.amount(4) },
});

/** Up to 30 rules in any order. Mostly every product has a base price and every decoration a price, but not always. */
export function randomContent(dice: Dice): RuleSetContent {
  const parts: { kind: Rule['kind'] }[] = Array.from({ length: dice.between(0, 26) }, () => {
    const kind = dice.pick(ruleKinds);
    return { kind, ...partsOf(dice, kind) };
  });
  const put = (kind: Rule['kind'], part: object) => parts.splice(dice.between(0, parts.length), 0, { kind, ...part });
  if (!dice.oneIn(20)) put('base_price', { conditions: {}, effect: { type: 'catalogue' } });
  if (!dice.oneIn(20)) {
    put('screen_print', screenPrint(dice, { count: 'line' }, 16));
    put('embroidery', embroidery(dice, { count: 'design' }, 1));
    put('area_price', areaPrice(dice, { count: 'line', processes: [...areaProcesses] }, 1));
  }
  const [currency = 'EUR', unit_price_decimals = 2] = dice.pick<[string, number]>([
    ['EUR', 2],
    ['EUR', 4],
    ['EUR', 3],
    ['JPY', 0],
    ['JPY', 2],
    ['KWD', 3],
  ]);
  const rules = parts.map((part, index) => ({ id: sampleId(8, index), code: `${part.kind}-${index}`, ...part }));
  // The parts are loose so that this stays short; compileRuleSet checks the whole against its schema.
  return { format: 'platen-rule-set/2', currency, unit_price_decimals, rules: rules as Rule[] };
}

export function randomBasket(dice: Dice, currency: string, most = 5): Basket {
  const priceOn = '2026-02-27';
  return {
    priceOn,
    dueOn: dice.oneIn(2) ? null : `2026-03-${String(dice.between(1, 15)).padStart(2, '0')}`,
    currency,
    customer: dice.oneIn(4)
      ? null
      : { id: dice.pick(customers), group: dice.pick([...groups, null]), taxExempt: dice.oneIn(8) },
    lines: Array.from({ length: dice.between(1, most) }, () => randomLine(dice)),
  };
}

function randomLine(dice: Dice): BasketLine {
  const product = dice.between(0, products.length - 1);
  return {
    productId: products[product] ?? '',
    categoryId: product === 3 ? null : (categories[product % 2] ?? ''),
    taxClass: dice.pick(['standard', 'reduced']),
    basePrice: dice.amount(60, 4),
    designId: dice.oneIn(2) ? null : dice.pick(designs),
    decorations: Array.from({ length: dice.pick([0, 0, 1, 1, 2, 3]) }, () => randomDecoration(dice)),
    sizes: Array.from({ length: dice.between(1, 4) }, (_, index) => ({
      variantId: sampleId(4, product * 10 + index),
      quantity: dice.oneIn(4) ? dice.between(1, 400) : dice.between(1, 30),
      priceDelta: dice.oneIn(3) ? `-${dice.amount(3, 4)}` : dice.pick(['0.0000', dice.amount(5, 4)]),
      cost: dice.oneIn(3) ? null : dice.amount(40, 4),
      options: { size: dice.pick(sizes), ...(!dice.oneIn(6) && { colour: dice.pick(colours) }) },
    })),
  };
}

function randomDecoration(dice: Dice): BasketDecoration {
  const process = dice.pick(decorationProcesses);
  const flat = process !== 'screen_print' && process !== 'embroidery';
  return {
    process,
    location: dice.pick(locations),
    designId: dice.oneIn(2) ? null : dice.pick(designs),
    colours: process === 'screen_print' ? dice.between(1, 5) : null,
    stitches: process === 'embroidery' ? dice.between(1, 20_000) : null,
    widthMm: flat ? dice.between(5, 400) : null,
    heightMm: flat ? dice.between(5, 400) : null,
    reorder: dice.oneIn(4),
  };
}

export const randomSettings = (dice: Dice): TaxSettings => ({
  taxRounding: dice.pick(['line', 'document']),
  taxRates: new Map([
    ['standard', '19'],
    ['reduced', '7.5'],
  ]),
});
