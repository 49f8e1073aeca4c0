import { type Static, Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { Amount, CalendarDate, Code, Currency, closed, Id, literals, Money, nullable } from '../shapes.js';
import { decorationProcesses, ruleKinds } from './pricing-rules.js';

export const ruleSetStatuses = ['draft', 'active', 'retired'] as const;

/** Whole pieces, at least one: garments are not cut. */
export const Pieces = Type.Integer({ minimum: 1, maximum: 1_000_000 });
/** Of a line: its sizes together. */
export const PieceSum = Type.Integer({ minimum: 1 });
export const SizeQuantity = closed({ variant_id: Id, quantity: Pieces });
/** One piece of artwork at one place of the garment. */
export const Decoration = closed({
  process: literals(decorationProcesses),
  /** `front`, `left-chest`, …: the shop's own codes. */
  location: Code,
  /** Default: the line's design. Fees that are charged once go by it; without one, by the line. */
  design_id: Type.Optional(nullable(Id)),
  /** Of a screen print, without the under-base that a dark garment needs. */
  colours: Type.Optional(Type.Integer({ minimum: 1, maximum: 16 })),
  /** Of embroidery. */
  stitches: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  /** Of what is priced by its area. */
  width_mm: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  height_mm: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  /** The screens or the digitized file exist from before. */
  reorder: Type.Optional(Type.Boolean()),
});
export type Decoration = Static<typeof Decoration>;
export const Decorations = Type.Array(Decoration, { maxItems: 12 });
export const BasketLine = closed({
  product_id: Id,
  design_id: Type.Optional(nullable(Id)),
  decorations: Type.Optional(Decorations),
  sizes: Type.Array(SizeQuantity, { minItems: 1, maxItems: 60 }),
});
export const basketFields = {
  customer_id: Type.Optional(Id),
  /** Prices as of this day; today in the organization's time zone when absent. */
  price_on: Type.Optional(CalendarDate),
  /** When the work is due: what rush rules go by. */
  due_on: Type.Optional(nullable(CalendarDate)),
  lines: Type.Array(BasketLine, { minItems: 1, maxItems: 200 }),
};

/** An intermediate price, exact: as many decimals as it has, of which each percentage adds some. */
const ExactAmount = Type.String({ pattern: '^\\d+\\.\\d{4,}$', examples: ['3.59100'] });

const ruleNamed = { rule_id: Id, rule_code: Code, kind: literals(ruleKinds) };
const ReceiptStep = closed({
  ...ruleNamed,
  /** The values that the rule's conditions were held against, as text. */
  conditions: Type.Record(Type.String(), Type.String()),
  /** `set to 4.2`, `-5%`, `+2`, `catalogue price`. */
  effect: Type.String(),
  /** Unit prices before and after, one for all sizes that went the same way. The last step's are then rounded as `rounding` says. */
  prices: Type.Array(
    closed({
      before: ExactAmount,
      after: ExactAmount,
      /** Indices into the receipt's `sizes`; null: all of them. */
      sizes: nullable(Type.Array(Type.Integer({ minimum: 0 }))),
    }),
  ),
});
const ReceiptLoser = closed({
  ...ruleNamed,
  /** Why it did not apply, for a person. */
  reason: Type.String(),
});
/** Charged once for an artwork, or for the line. */
const fee = {
  ...ruleNamed,
  /** The artwork that it is charged for; null: the line's own, or no artwork at all. */
  design_id: nullable(Id),
  /** Of screens, which are made for a place. */
  location: nullable(Code),
  /** How it came about: `4 screens × 18`. */
  effect: Type.String(),
};
const ReceiptFee = closed({ ...fee, amount: Amount });
/** A fee that another line of the basket bears, because it has the same artwork. */
const FeeElsewhere = closed(fee);
/** Tiers may begin farther off than a size may have pieces. */
const NextBreak = closed({ more: Type.Integer({ minimum: 1 }), unit_price: Amount, rule_code: Code });
const ReceiptSize = closed({
  variant_id: Id,
  quantity: Pieces,
  price_delta: Amount,
  /** null: unknown, or no rule looks at it. */
  cost: nullable(Amount),
  /** The variant's options that rules look at. */
  options: Type.Record(Type.String(), Type.String()),
  unit_price: Amount,
  total: Amount,
});
const pieceCount = Type.Integer({ minimum: 1 });

/**
 * How a line got its price. Kept as the RFC 8785 (JCS) form of this object, with that text's SHA-256. It names all
 * inputs, so that pricing it again under the same rule-set version gives the same bytes.
 */
export const Receipt = closed({
  format: Type.Literal('platen-receipt/2'),
  rule_set_version_id: Id,
  rule_set_hash: Type.String(),
  currency: Currency,
  price_on: CalendarDate,
  due_on: nullable(CalendarDate),
  product_id: Id,
  category_id: nullable(Id),
  base_price: Amount,
  customer_id: nullable(Id),
  customer_group: nullable(Code),
  design_id: nullable(Id),
  decorations: Decorations,
  quantity: PieceSum,
  /** Pieces over the whole basket: of this product, of each design that the line bears, for each rule that counts so. */
  counts: closed({
    product: pieceCount,
    designs: Type.Record(Type.String(), pieceCount),
    rules: Type.Record(Type.String(), pieceCount),
  }),
  steps: Type.Array(ReceiptStep),
  considered: Type.Array(ReceiptLoser),
  /** Decimals where a line is rounded; `line_total` holds for each fee too. A margin floor is rounded up to a unit price's. */
  rounding: closed({
    mode: Type.Literal('half_up'),
    margin_floor: Type.Literal('up'),
    unit_price: Type.Integer(),
    line_total: Type.Integer(),
  }),
  sizes: Type.Array(ReceiptSize, { minItems: 1 }),
  fees: Type.Array(ReceiptFee),
  fees_elsewhere: Type.Array(FeeElsewhere),
  fee_total: Amount,
  /** Pieces and fees. */
  line_total: Amount,
  /** What discounts took off; already in `line_total`. */
  discount: Amount,
  /** The next price break: `more` pieces lower the average unit price, fees apart, to `unit_price`. */
  next_break: nullable(NextBreak),
});
export type Receipt = Static<typeof Receipt>;

export const PricedSize = closed({ variant_id: Id, quantity: Pieces, unit_price: Money });
export const PricedLine = closed({
  position: Type.Integer({ minimum: 1 }),
  product_id: Id,
  design_id: nullable(Id),
  decorations: Decorations,
  quantity: PieceSum,
  /** Average over the sizes, rounded to four decimals, without fees; the sizes' own prices are exact. */
  unit_price: Money,
  /** What the line bears once, however many pieces: screens, digitizing, set-up, the rest to a minimum charge. */
  fee_total: Money,
  /** Pieces and fees. */
  line_total: Money,
  sizes: Type.Array(PricedSize),
  receipt: Receipt,
  receipt_hash: Type.String(),
});
/** Of one rate (EN 16931 BG-23); its classes in `tax_class`, as `apparel/standard` where there are several. */
export const TaxShare = closed({ tax_class: Code, percent: Type.String(), taxable: Money, tax: Money });
export const PricedBasket = closed({
  currency: Currency,
  rule_set_version_id: Id,
  lines: Type.Array(PricedLine),
  /** Before customer discounts: `subtotal - discount` is the sum of the lines. */
  subtotal: Money,
  discount: Money,
  tax: Money,
  total: Money,
  /** `tax` is their sum. */
  taxes: Type.Array(TaxShare),
});

/** Why a receipt does not hold. */
export const receiptFaults = [
  /** The text was changed, or the hash. */
  'hash_mismatch',
  'not_a_receipt',
  /** No version of this organization has the id that the receipt names. */
  'version_unknown',
  /** The stored version is not what its hash says, or not what the receipt says. */
  'version_changed',
  /** The same rules give another price. */
  'other_result',
] as const;
export const VerifiedReceipt = closed({
  verified: Type.Boolean(),
  /** null: it holds. */
  reason: nullable(literals(receiptFaults)),
  detail: nullable(Type.String()),
  rule_set_version_id: nullable(Id),
  /** With `other_result`: where the receipt and the replay differ, as JSON pointers; the first hundred. */
  differences: Type.Array(
    closed({ path: Type.String(), receipt: nullable(Type.String()), replayed: nullable(Type.String()) }),
  ),
});

/** Net of tax, fees included. Costs are those of today's variants; what they cannot tell is null. */
export const PriceComparison = closed({
  old: nullable(Money),
  new: nullable(Money),
  difference: nullable(Money),
  cost: nullable(Money),
  old_margin: nullable(Money),
  new_margin: nullable(Money),
});
const sums = {
  /** Documents that have both an old and a new price: only they are in the sums. */
  compared: Type.Integer(),
  comparison: PriceComparison,
};
export const Simulation = closed({
  currency: Currency,
  /** null: of a published version. */
  rule_set_id: nullable(Id),
  rule_set_version_id: nullable(Id),
  /** One for each past quote; one without an id for a given basket. */
  documents: Type.Array(
    closed({
      quote_id: nullable(Id),
      number: nullable(Type.String()),
      customer_id: nullable(Id),
      comparison: PriceComparison,
      /** Why there is no new price. */
      refusal: nullable(Type.String()),
    }),
  ),
  customers: Type.Array(closed({ customer_id: nullable(Id), ...sums })),
  products: Type.Array(closed({ product_id: Id, pieces: Type.Integer(), ...sums })),
  totals: closed({ documents: Type.Integer(), ...sums }),
  /** More quotes of the period: sums are those of this answer, to be added up. */
  next_cursor: nullable(Type.String()),
});

export const pricing = contracts('erp.pricing', {
  price: {
    method: 'POST',
    path: '/api/erp/pricing/price',
    access: requires('erp.price.compute'),
    summary: 'Price a basket, with a receipt a line',
    description: 'Stores nothing. The same basket, day and rule-set version always give the same prices and receipts.',
    body: closed(basketFields),
    status: 200,
    response: PricedBasket,
    errors: ['unknown_reference', 'price_unavailable', 'currency_mismatch', 'amount_out_of_range'],
    idempotency: 'exempt',
    rateClass: 'compute',
  },
  verify: {
    method: 'POST',
    path: '/api/erp/pricing/verify',
    access: requires('erp.price.compute'),
    summary: 'Verify a receipt',
    description:
      'Prices the line again under the stored version that the receipt names, and holds the result against the receipt byte by byte. `receipt` is the text as it was stored: `JSON.stringify` of a receipt from an answer gives it back. What the receipt names as given (catalogue price, costs, customer, pieces of the other lines, fees that others bear) is taken from it: that it is the receipt a document was made with, the `receipt_hash` kept with the document’s line says.',
    body: closed({
      receipt: Type.String({ minLength: 2, maxLength: 500_000 }),
      receipt_hash: Type.String({
        pattern: '^[0-9a-f]{64}$',
        examples: ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
      }),
    }),
    status: 200,
    response: VerifiedReceipt,
    idempotency: 'exempt',
    rateClass: 'compute',
  },
  simulate: {
    method: 'POST',
    path: '/api/erp/pricing/simulate',
    access: requires('erp.price.simulate'),
    summary: 'See what other rules would change',
    description:
      'A draft (`rule_set_id`) or a published version (`rule_set_version_id`) over a basket, whose old price is that of the list in force, or over the quotes of a period, whose old prices are those quoted. Quotes are priced on their day with the catalogue and customers of today; drafts and superseded ones are left out.',
    body: closed({
      rule_set_id: Type.Optional(Id),
      rule_set_version_id: Type.Optional(Id),
      basket: Type.Optional(closed(basketFields)),
      quotes: Type.Optional(
        closed({
          from: CalendarDate,
          to: CalendarDate,
          customer_id: Type.Optional(Id),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 200 })),
          cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
        }),
      ),
    }),
    status: 200,
    response: Simulation,
    errors: ['unknown_reference', 'price_unavailable', 'currency_mismatch', 'amount_out_of_range', 'invalid_cursor'],
    idempotency: 'exempt',
    rateClass: 'compute',
  },
});
