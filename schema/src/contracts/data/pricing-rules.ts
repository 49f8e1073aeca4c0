import { type Static, Type } from 'typebox';
import { Code, Currency, closed, Id, literals } from '../shapes.js';

/**
 * Pricing rules as people write them, as drafts keep them and as a published version holds them.
 *
 * A line's price is built rule by rule, in the declared order of the whole set. Every size has a running unit price. It
 * begins with the first base price that applies to the size, wherever in the order that stands; the other rules then
 * change it or add to it in turn. Fees stand beside it, once for the line; a minimum charge is held against the sum of
 * pieces and fees when all else is done. Of the kinds in `decidedByFirst`, the first rule in declared order that applies
 * decides and later ones lose; of the others every rule that applies takes effect. So there are no ties.
 *
 * The unit price is rounded once, half up, after the last rule; a line's sum and each fee are rounded half up to the
 * currency's minor unit. A margin floor is rounded up to the unit price's decimals, so that it holds after rounding. No
 * price goes below zero.
 *
 * A decoration's artwork is its design, by default the line's; without one it is the line's own. What is charged once for
 * an artwork is borne by one line of the basket: the one with the highest such fee, then with the most pieces, then by
 * the line's content; never by its place.
 */
export const ruleKinds = [
  'base_price',
  'quantity_tier',
  'size_upcharge',
  'screen_print',
  'embroidery',
  'area_price',
  'setup_fee',
  'customer_price',
  'discount',
  'rush',
  'minimum_charge',
  'margin_floor',
] as const;
export type RuleKind = (typeof ruleKinds)[number];

/**
 * How artwork gets onto a garment. A process is priced by the kind of rule that knows its measure: colours of a screen
 * print, stitches of embroidery, area of anything that is printed or cut by its size.
 */
export const decorationProcesses = ['screen_print', 'embroidery', 'transfer', 'direct_print', 'engraving'] as const;
export type DecorationProcess = (typeof decorationProcesses)[number];
export const areaProcesses = ['transfer', 'direct_print', 'engraving'] as const;

const Decimal = Type.String({ pattern: '^\\d{1,14}(\\.\\d{1,4})?$', examples: ['4.20'] });
const Percent = Type.String({ pattern: '^(100(\\.0{1,4})?|\\d{1,2}(\\.\\d{1,4})?)$', examples: ['12.5'] });
/** A surcharge may double a price and more. */
const SurchargePercent = Type.String({ pattern: '^\\d{1,4}(\\.\\d{1,4})?$', examples: ['25'] });
const Pieces = Type.Integer({ minimum: 1, maximum: 100_000_000 });
const OptionName = Type.String({ minLength: 1, maxLength: 32 });
const OptionValues = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 200 });
const idList = () => Type.Array(Id, { minItems: 1, maxItems: 5_000 });
const codeList = () => Type.Array(Code, { minItems: 1, maxItems: 500 });

/** Neither: every product. Both: a product of the list or of one of the categories. */
const targets = { product_ids: Type.Optional(idList()), category_ids: Type.Optional(idList()) };
/** Neither: everybody, also nobody yet known. Both: matching either is enough. */
const buyers = { customer_groups: Type.Optional(codeList()), customer_ids: Type.Optional(idList()) };
/**
 * Which pieces count towards a tier: the line's own; those of all lines of the same product; those of all lines that bear
 * the same design (of the decoration, where the rule is about decorations, else of the line; without a design the line's
 * own); those of all lines of the basket that this rule is for: of its products and, where the rule is about
 * decorations, with a decoration of its process and locations.
 */
export const pieceCounts = ['line', 'product', 'design', 'rule'] as const;
const count = literals(pieceCounts);

const tiers = <T extends ReturnType<typeof closed>>(tier: T) => Type.Array(tier, { minItems: 1, maxItems: 50 });
const named = { id: Id, code: Code };

export const BasePriceRule = closed({
  ...named,
  kind: Type.Literal('base_price'),
  conditions: closed(targets),
  /**
   * `catalogue`: the product's base price plus the variant's difference. `fixed`: this price for every variant.
   * `cost_markup`: the variant's cost and so many percent of it; does not apply where a cost is unknown.
   */
  effect: Type.Union([
    closed({ type: Type.Literal('catalogue') }),
    closed({ type: Type.Literal('fixed'), amount: Decimal }),
    closed({ type: Type.Literal('cost_markup'), percent: SurchargePercent }),
  ]),
});

export const QuantityTierRule = closed({
  ...named,
  kind: Type.Literal('quantity_tier'),
  conditions: closed({ ...targets, count }),
  effect: closed({
    type: literals(['percent_off', 'amount_off', 'unit_price']),
    tiers: tiers(closed({ from: Pieces, value: Decimal })),
  }),
});

export const SizeUpchargeRule = closed({
  ...named,
  kind: Type.Literal('size_upcharge'),
  conditions: closed({
    ...targets,
    /** The variant's option and the values that cost more, e.g. `size`: 2XL, 3XL. */
    option: OptionName,
    values: OptionValues,
  }),
  effect: Type.Union([
    closed({ type: Type.Literal('amount'), value: Decimal }),
    closed({ type: Type.Literal('percent'), value: Percent }),
  ]),
});

/** For each decoration whose process is `screen_print`: added to the unit price, with a fee for each screen. */
export const ScreenPrintRule = closed({
  ...named,
  kind: Type.Literal('screen_print'),
  /** Without `locations`: any. */
  conditions: closed({ ...targets, locations: Type.Optional(codeList()), count }),
  effect: closed({
    /**
     * A piece's price at one location by number of colours: the first is for one colour. Does not apply where a size
     * needs more, its under-base included.
     */
    tiers: tiers(closed({ from: Pieces, prices: Type.Array(Decimal, { minItems: 1, maxItems: 16 }) })),
    /** For each colour at each location, once for an artwork and location in the basket. */
    screen_fee: Decimal,
    /** Taken off the screen fee where the decoration is a re-order: the screens exist. */
    reorder_screen_discount_percent: Percent,
    /** Garments whose option has one of these values print one more colour under the others, which needs a screen too. */
    underbase: Type.Optional(closed({ option: OptionName, values: OptionValues })),
  }),
});

/** For each decoration whose process is `embroidery`. */
export const EmbroideryRule = closed({
  ...named,
  kind: Type.Literal('embroidery'),
  conditions: closed({ ...targets, locations: Type.Optional(codeList()), count }),
  effect: closed({
    /** Stitches that `price` covers; each further thousand, begun or whole, costs `per_thousand`. */
    included_stitches: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
    tiers: tiers(closed({ from: Pieces, price: Decimal, per_thousand: Decimal })),
    /** Once for an artwork in the basket; never on a re-order. */
    digitizing_fee: Decimal,
  }),
});

/** For each decoration of these processes: its square centimetres, exactly, times the price of one. */
export const AreaPriceRule = closed({
  ...named,
  kind: Type.Literal('area_price'),
  conditions: closed({
    ...targets,
    processes: Type.Array(literals(areaProcesses), { minItems: 1, maxItems: areaProcesses.length, uniqueItems: true }),
    locations: Type.Optional(codeList()),
    count,
  }),
  effect: closed({
    tiers: tiers(closed({ from: Pieces, per_square_cm: Decimal })),
    /** The least that one piece costs at one location. */
    minimum: Decimal,
  }),
});

/** For each artwork that decorations of the line show, once in the basket; never on a re-order. */
export const SetupFeeRule = closed({
  ...named,
  kind: Type.Literal('setup_fee'),
  conditions: closed({
    ...targets,
    processes: Type.Optional(
      Type.Array(literals(decorationProcesses), {
        minItems: 1,
        maxItems: decorationProcesses.length,
        uniqueItems: true,
      }),
    ),
  }),
  effect: closed({ amount: Decimal }),
});

/** Sets the running unit price for these customers. */
export const CustomerPriceRule = closed({
  ...named,
  kind: Type.Literal('customer_price'),
  conditions: closed({ ...targets, ...buyers }),
  effect: closed({ amount: Decimal }),
});

export const DiscountRule = closed({
  ...named,
  kind: Type.Literal('discount'),
  /** `min_quantity`: of the line's own pieces. */
  conditions: closed({ ...targets, ...buyers, min_quantity: Type.Optional(Pieces) }),
  effect: Type.Union([
    closed({ type: Type.Literal('percent_off'), value: Percent }),
    closed({ type: Type.Literal('amount_off'), value: Decimal }),
  ]),
  /**
   * The first discount that applies sets the manner: an exclusive one stays alone; after a stackable one, further
   * stackable ones follow, each on the price that the one before left.
   */
  stackable: Type.Boolean(),
});

/** A surcharge on the running unit price for work that is due soon. */
export const RushRule = closed({
  ...named,
  kind: Type.Literal('rush'),
  conditions: closed(targets),
  effect: closed({
    /** Calendar days from the day of pricing to the day it is due; the shortest lead time that still covers it decides. */
    lead_times: Type.Array(
      closed({ within_days: Type.Integer({ minimum: 0, maximum: 366 }), percent: SurchargePercent }),
      { minItems: 1, maxItems: 20 },
    ),
  }),
});

/** What a line costs at least, its fees included: the rest is a fee. Comes last, wherever in the order it stands. */
export const MinimumChargeRule = closed({
  ...named,
  kind: Type.Literal('minimum_charge'),
  conditions: closed(targets),
  effect: closed({ amount: Decimal }),
});

/**
 * Raises the running unit price until this much of it is margin: cost / (1 - percent), rounded up to the unit price's
 * decimals. No effect on a size whose cost is unknown.
 */
export const MarginFloorRule = closed({
  ...named,
  kind: Type.Literal('margin_floor'),
  conditions: closed(targets),
  effect: closed({ percent: Type.String({ pattern: '^\\d{1,2}(\\.\\d{1,4})?$', examples: ['35'] }) }),
});

export const Rule = Type.Union([
  BasePriceRule,
  QuantityTierRule,
  SizeUpchargeRule,
  ScreenPrintRule,
  EmbroideryRule,
  AreaPriceRule,
  SetupFeeRule,
  CustomerPriceRule,
  DiscountRule,
  RushRule,
  MinimumChargeRule,
  MarginFloorRule,
]);

/**
 * Kinds of which one rule decides: for a decoration, where the kind is about decorations; for an artwork, of `setup_fee`;
 * for a size, of `base_price` and `size_upcharge`; else for the line. A rule applies when its conditions hold and it has
 * a tier, a lead time or a price for the case; a floor or minimum that is reached already applies too.
 */
export const decidedByFirst: readonly RuleKind[] = [
  'base_price',
  'quantity_tier',
  'size_upcharge',
  'screen_print',
  'embroidery',
  'area_price',
  'setup_fee',
  'customer_price',
  'rush',
  'minimum_charge',
  'margin_floor',
];

export const maxRules = 10_000;
export const RuleSetContent = closed({
  format: Type.Literal('platen-rule-set/2'),
  currency: Currency,
  /** Decimals of a unit price: its rounding point. Line totals and tax are rounded to the currency's minor unit. */
  unit_price_decimals: Type.Integer({ minimum: 0, maximum: 4 }),
  /** In declared order. */
  rules: Type.Array(Rule, { maxItems: maxRules }),
});

export type BasePriceRule = Static<typeof BasePriceRule>;
export type QuantityTierRule = Static<typeof QuantityTierRule>;
export type SizeUpchargeRule = Static<typeof SizeUpchargeRule>;
export type ScreenPrintRule = Static<typeof ScreenPrintRule>;
export type EmbroideryRule = Static<typeof EmbroideryRule>;
export type AreaPriceRule = Static<typeof AreaPriceRule>;
export type SetupFeeRule = Static<typeof SetupFeeRule>;
export type CustomerPriceRule = Static<typeof CustomerPriceRule>;
export type DiscountRule = Static<typeof DiscountRule>;
export type RushRule = Static<typeof RushRule>;
export type MinimumChargeRule = Static<typeof MinimumChargeRule>;
export type MarginFloorRule = Static<typeof MarginFloorRule>;
export type Rule = Static<typeof Rule>;
export type RuleSetContent = Static<typeof RuleSetContent>;
