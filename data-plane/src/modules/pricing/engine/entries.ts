import type { Exact } from './exact.js';

/** How a unit price changes. A price never goes below zero. */
export type Change =
  | { readonly type: 'set'; readonly value: Exact }
  | { readonly type: 'add'; readonly value: Exact }
  | { readonly type: 'times'; readonly value: Exact };

/** What every compiled rule carries: parts of its receipt entries, written once. */
export interface Entry {
  readonly ruleCode: string;
  readonly stepHead: string;
  readonly stepTail: string;
  readonly loserHead: string;
  readonly loserTail: string;
}
export interface BaseEntry extends Entry {
  /** null: the catalogue's price. */
  readonly fixed: Exact | null;
  readonly effect: string;
}
export interface Tier {
  readonly from: number;
  readonly change: Change;
  readonly effect: string;
}
export interface TierEntry extends Entry {
  readonly count: 'line' | 'product';
  readonly tiers: readonly Tier[];
  /** Where its first tier begins. */
  readonly least: number;
}
export interface UpchargeEntry extends Entry {
  readonly option: string;
  /** The option's name as a JSON string. */
  readonly optionKey: string;
  readonly values: ReadonlySet<string>;
  readonly change: Change;
  readonly effect: string;
}
export interface DiscountEntry extends Entry {
  readonly groups: ReadonlySet<string>;
  readonly customers: ReadonlySet<string>;
  readonly change: Change;
  readonly effect: string;
  readonly stackable: boolean;
}

/** Rules of one kind with the products they are for, in declared order. */
export interface Targeted<E extends Entry> {
  readonly products: ReadonlySet<string> | null;
  readonly categories: ReadonlySet<string> | null;
  readonly entry: E;
}
