import type { DecorationProcess, RuleKind } from '@platen/schema/contracts/data/pricing-rules';
import type { Exact } from './exact.js';

/** How a unit price changes. A price never goes below zero. */
export type Change =
  | { readonly type: 'set'; readonly value: Exact }
  | { readonly type: 'add'; readonly value: Exact }
  | { readonly type: 'times'; readonly value: Exact }
  | { readonly type: 'least'; readonly value: Exact };
/** A change and its text for the receipt. */
export interface Effect {
  readonly change: Change;
  readonly effect: string;
}

/** What every compiled rule carries: whom it is for, and parts of its receipt entries, written once. */
interface EntryOf<K extends RuleKind> {
  readonly kind: K;
  /** In the declared order. */
  readonly position: number;
  readonly ruleId: string;
  readonly ruleCode: string;
  /** null and null: every product. */
  readonly products: ReadonlySet<string> | null;
  readonly categories: ReadonlySet<string> | null;
  /** `"kind":…` and `"rule_code":…,"rule_id":…`; the same with what stands around them in a step. */
  readonly kindText: string;
  readonly nameText: string;
  readonly stepMiddle: string;
  readonly stepEnd: string;
  /** The receipt's entries by reason, once they were written. */
  readonly losses: Map<string, string>;
}
export type Count = 'line' | 'product' | 'design' | 'rule';
interface Counted<T extends { readonly from: number }> {
  readonly count: Count;
  readonly tiers: readonly T[];
  /** Where its first tier begins. */
  readonly least: number;
}
interface OnDecorations {
  /** null: all that the kind knows. */
  readonly processes: ReadonlySet<DecorationProcess>;
  readonly locations: ReadonlySet<string> | null;
}
interface ForBuyers {
  /** null and null: everybody. */
  readonly groups: ReadonlySet<string> | null;
  readonly customers: ReadonlySet<string> | null;
}

export type BaseEntry = EntryOf<'base_price'> & {
  /** `fixed` amount, or a factor on the cost; of the catalogue's price neither. */
  readonly fixed: Exact | null;
  readonly costFactor: Exact | null;
  readonly effect: string;
};
export type Tier = Effect & { readonly from: number };
export type TierEntry = EntryOf<'quantity_tier'> & Counted<Tier>;
export type UpchargeEntry = EntryOf<'size_upcharge'> &
  Effect & {
    readonly option: string;
    readonly values: ReadonlySet<string>;
  };
export interface ScreenTier {
  readonly from: number;
  /** By number of colours, the first for one. */
  readonly prices: readonly Effect[];
}
export type ScreenPrintEntry = EntryOf<'screen_print'> &
  Counted<ScreenTier> &
  OnDecorations & {
    readonly screenFee: Exact;
    readonly reorderFactor: Exact;
    /** ` × 18` and ` × 18 -50%`: what follows the number of screens. */
    readonly feeText: string;
    readonly reorderText: string;
    readonly underbase: { readonly option: string; readonly values: ReadonlySet<string> } | null;
  };
export interface StitchTier {
  readonly from: number;
  readonly price: Exact;
  readonly perThousand: Exact;
}
export type EmbroideryEntry = EntryOf<'embroidery'> &
  Counted<StitchTier> &
  OnDecorations & { readonly includedStitches: number; readonly digitizingFee: Exact };
export interface AreaTier {
  readonly from: number;
  readonly perSquareCm: Exact;
}
export type AreaEntry = EntryOf<'area_price'> & Counted<AreaTier> & OnDecorations & { readonly minimum: Exact };
export type SetupEntry = EntryOf<'setup_fee'> & {
  readonly processes: ReadonlySet<DecorationProcess>;
  readonly amount: Exact;
};
export type CustomerPriceEntry = EntryOf<'customer_price'> & Effect & ForBuyers;
export type DiscountEntry = EntryOf<'discount'> &
  Effect &
  ForBuyers & { readonly stackable: boolean; readonly minQuantity: number };
export type RushEntry = EntryOf<'rush'> & {
  /** The shortest first. */
  readonly leadTimes: readonly (Effect & { readonly withinDays: number })[];
};
export type MinimumEntry = EntryOf<'minimum_charge'> & { readonly amount: Exact };
export type MarginEntry = EntryOf<'margin_floor'> & {
  /** `100 - percent`. */
  readonly costShare: Exact;
  readonly effect: string;
};

export type DecorationEntry = ScreenPrintEntry | EmbroideryEntry | AreaEntry;
/** What follows the base price and comes before the minimum charge. */
export type LaterEntry =
  | TierEntry
  | UpchargeEntry
  | DecorationEntry
  | SetupEntry
  | CustomerPriceEntry
  | DiscountEntry
  | RushEntry
  | MarginEntry;
export type Entry = BaseEntry | LaterEntry | MinimumEntry;
export type CountedEntry = TierEntry | DecorationEntry;
