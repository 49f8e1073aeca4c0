import type { DecorationProcess, RuleKind } from '@platen/schema/contracts/data/pricing-rules';
import type { Exact } from './exact.js';

/** What the engine prices: everything it needs is in here, amounts as decimal text. */
export interface Basket {
  /** Calendar date, `2026-03-01`. */
  readonly priceOn: string;
  /** When the work is due; null: nobody said, so nothing is in a hurry. */
  readonly dueOn: string | null;
  /** ISO 4217; must be the rule set's. */
  readonly currency: string;
  readonly customer: BasketCustomer | null;
  readonly lines: readonly BasketLine[];
}
export interface BasketCustomer {
  readonly id: string;
  readonly group: string | null;
  readonly taxExempt: boolean;
}
export interface BasketLine {
  readonly productId: string;
  readonly categoryId: string | null;
  readonly taxClass: string;
  readonly basePrice: string;
  readonly designId: string | null;
  readonly decorations: readonly BasketDecoration[];
  readonly sizes: readonly BasketSize[];
}
export interface BasketSize {
  readonly variantId: string;
  /** Whole pieces, at least one. */
  readonly quantity: number;
  readonly priceDelta: string;
  /** null: unknown. */
  readonly cost: string | null;
  readonly options: Readonly<Record<string, string>>;
}

/** Each measure is null where the process has none. */
export interface BasketDecoration {
  readonly process: DecorationProcess;
  readonly location: string;
  /** null: the line's. */
  readonly designId: string | null;
  readonly colours: number | null;
  readonly stitches: number | null;
  readonly widthMm: number | null;
  readonly heightMm: number | null;
  readonly reorder: boolean;
}

export interface TaxSettings {
  /** `line`: each line's tax is rounded. `document`: each rate's tax over the document (EN 16931 BR-CO-17). */
  readonly taxRounding: 'line' | 'document';
  /** Tax class → percent as decimal text. */
  readonly taxRates: ReadonlyMap<string, string>;
}

/** Amounts as decimal text with four decimals (numeric(18,4)). */
export interface PricedBasket {
  readonly currency: string;
  readonly ruleSetVersionId: string;
  readonly lines: readonly PricedLine[];
  /** Before customer discounts; `subtotal - discount` is the sum of the lines. */
  readonly subtotal: string;
  readonly discount: string;
  readonly tax: string;
  readonly total: string;
  readonly taxes: readonly TaxShare[];
}
export interface PricedLine {
  readonly productId: string;
  readonly designId: string | null;
  readonly decorations: readonly BasketDecoration[];
  readonly quantity: number;
  /** Average over the sizes, half up to four decimals, without fees. */
  readonly unitPrice: string;
  /** What is charged once for the line, however many pieces; in `lineTotal`. */
  readonly feeTotal: string;
  readonly fees: readonly PricedFee[];
  /** Pieces and fees. */
  readonly lineTotal: string;
  readonly sizes: readonly PricedSize[];
  /** RFC 8785 text of the receipt and its SHA-256, hex. */
  readonly receipt: string;
  readonly receiptHash: string;
}
export interface PricedFee {
  readonly ruleId: string;
  readonly ruleCode: string;
  readonly kind: RuleKind;
  /** The artwork that it is charged for; null: the line's own, or none. */
  readonly designId: string | null;
  readonly location: string | null;
  /** How it came about: `4 screens × 18`. */
  readonly text: string;
  readonly amount: string;
}
export interface PricedSize {
  readonly variantId: string;
  readonly quantity: number;
  readonly unitPrice: string;
}
export interface TaxShare {
  readonly taxClass: string;
  readonly percent: string;
  readonly taxable: string;
  readonly tax: string;
}

/** A line's exact results, as the document's sums and its tax need them. */
export interface LineAmounts {
  readonly total: Exact;
  readonly discount: Exact;
  readonly taxClass: string;
}
