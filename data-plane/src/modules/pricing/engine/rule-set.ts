import { Code, Currency, closed, Id, literals } from '@platen/schema/contracts/shapes';
import { type Static, Type } from 'typebox';

/**
 * The content of a published rule-set version. Order in `rules` is the declared order: within a kind the first rule
 * that applies decides, so there are no ties. `evaluation` is the order of the kinds after the base price.
 */
const Decimal = Type.String({ pattern: '^\\d{1,14}(\\.\\d{1,4})?$' });
const Percent = Type.String({ pattern: '^(100(\\.0{1,4})?|\\d{1,2}(\\.\\d{1,4})?)$' });
/** Neither: every product. Both: a product of the list or of one of the categories. */
const targets = {
  product_ids: Type.Optional(Type.Array(Id, { minItems: 1 })),
  category_ids: Type.Optional(Type.Array(Id, { minItems: 1 })),
};
const named = { id: Id, code: Code };

export const BasePriceRule = closed({
  ...named,
  kind: Type.Literal('base_price'),
  conditions: closed(targets),
  /** `catalogue`: the product's base price plus the variant's difference. `fixed`: this price for every variant. */
  effect: Type.Union([
    closed({ type: Type.Literal('catalogue') }),
    closed({ type: Type.Literal('fixed'), amount: Decimal }),
  ]),
});
export const QuantityTierRule = closed({
  ...named,
  kind: Type.Literal('quantity_tier'),
  conditions: closed({
    ...targets,
    /** Which pieces count: the line's own, or all of the basket's lines of the same product. */
    count: literals(['line', 'product']),
  }),
  effect: closed({
    type: literals(['percent_off', 'amount_off', 'unit_price']),
    tiers: Type.Array(closed({ from: Type.Integer({ minimum: 1, maximum: 100_000_000 }), value: Decimal }), {
      minItems: 1,
      maxItems: 50,
    }),
  }),
});
export const SizeUpchargeRule = closed({
  ...named,
  kind: Type.Literal('size_upcharge'),
  conditions: closed({
    ...targets,
    /** The variant's option and the values that cost more, e.g. `size`: 2XL, 3XL. */
    option: Type.String({ minLength: 1, maxLength: 32 }),
    values: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 60 }),
  }),
  effect: Type.Union([
    closed({ type: Type.Literal('amount'), value: Decimal }),
    closed({ type: Type.Literal('percent'), value: Percent }),
  ]),
});
export const CustomerDiscountRule = closed({
  ...named,
  kind: Type.Literal('discount'),
  /** At least one of groups and customers; matching either is enough. */
  conditions: closed({
    ...targets,
    customer_groups: Type.Optional(Type.Array(Code, { minItems: 1 })),
    customer_ids: Type.Optional(Type.Array(Id, { minItems: 1 })),
  }),
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

export const Rule = Type.Union([BasePriceRule, QuantityTierRule, SizeUpchargeRule, CustomerDiscountRule]);
export const laterKinds = ['quantity_tier', 'size_upcharge', 'discount'] as const;

export const RuleSetContent = closed({
  format: Type.Literal('platen-rule-set/1'),
  currency: Currency,
  /** Decimals of a unit price: its rounding point. Line totals and tax are rounded to the currency's minor unit. */
  unit_price_decimals: Type.Integer({ minimum: 0, maximum: 4 }),
  evaluation: Type.Array(literals(laterKinds), { minItems: 3, maxItems: 3, uniqueItems: true }),
  rules: Type.Array(Rule, { maxItems: 10_000 }),
});

export type BasePriceRule = Static<typeof BasePriceRule>;
export type QuantityTierRule = Static<typeof QuantityTierRule>;
export type SizeUpchargeRule = Static<typeof SizeUpchargeRule>;
export type CustomerDiscountRule = Static<typeof CustomerDiscountRule>;
export type Rule = Static<typeof Rule>;
export type RuleKind = Rule['kind'];
export type LaterKind = (typeof laterKinds)[number];
export type RuleSetContent = Static<typeof RuleSetContent>;

/** A published, immutable version as it is stored. */
export interface RuleSetVersion {
  readonly id: string;
  /** SHA-256 of the content's RFC 8785 form, hex. */
  readonly hash: string;
  readonly content: RuleSetContent;
}
