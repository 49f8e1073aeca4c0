import type { BasketCustomer } from './basket.js';
import type { CompiledRuleSet } from './compile.js';
import type { BaseEntry, Change, DiscountEntry, Tier, TierEntry, UpchargeEntry } from './entries.js';
import { add, atLeastZero, type Exact, multiply } from './exact.js';
import type { Plan } from './plan.js';

/** What a line is priced in: the same values, and only they, decide the receipt's bytes. */
export interface LineContext {
  readonly compiled: CompiledRuleSet;
  readonly customer: Pick<BasketCustomer, 'id' | 'group'> | null;
  readonly priceOn: string;
  /** Pieces of this product over the whole basket. */
  readonly combinedQuantity: number;
  /** Index in the basket, for refusals. */
  readonly index: number;
}

/** Sizes that get their price by the same steps. */
export interface Group {
  readonly delta: Exact;
  readonly upcharge: UpchargeEntry | null;
  /** The value of the up-charge's option at the first of its sizes. */
  readonly option: string;
  quantity: number;
  unitPrice: Exact;
  /** `unitPrice` as decimal text. */
  unitPriceText: string;
}

export interface TierHit {
  readonly rule: TierEntry;
  readonly tier: Tier;
  readonly count: number;
}

/** The rules that decided, the same for every size but for the up-charge. */
export interface Decision {
  readonly plan: Plan;
  readonly base: BaseEntry;
  readonly cataloguePrice: Exact;
  readonly tier: TierHit | null;
  /** Discounts for this customer, and those of them that apply. */
  readonly matching: readonly DiscountEntry[];
  readonly discounts: readonly DiscountEntry[];
  readonly groups: readonly Group[];
  /** By index of the line's sizes. */
  readonly groupOf: readonly Group[];
  readonly quantity: number;
}

export interface NextBreak {
  readonly more: number;
  readonly unitPrice: Exact;
  readonly ruleCode: string;
}

/** A price after one effect: never below zero. */
export function applyChange(price: Exact, change: Change): Exact {
  if (change.type === 'set') return change.value;
  return change.type === 'times' ? multiply(price, change.value) : atLeastZero(add(price, change.value));
}

/** What the base-price rule gives the group, before any other rule. */
export const basePriceOf = ({ base, cataloguePrice }: Decision, group: Group): Exact =>
  base.fixed ?? atLeastZero(add(cataloguePrice, group.delta));
