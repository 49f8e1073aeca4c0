import type { KnownReferences } from './lint-references.js';

/** What is sold, as lint tries prices on it: amounts as decimal text. */
export interface LintVariant {
  readonly id: string;
  readonly priceDelta: string;
  /** null: unknown. */
  readonly cost: string | null;
  readonly options: Readonly<Record<string, string>>;
}
export interface LintProduct {
  readonly id: string;
  readonly code: string;
  readonly categoryId: string | null;
  readonly basePrice: string;
  readonly variants: readonly LintVariant[];
}
export interface LintCustomer {
  readonly id: string;
  readonly group: string | null;
}
export interface LintCatalogue {
  readonly products: readonly LintProduct[];
  /** Of each group that rules name one, and each customer that they name. */
  readonly customers: readonly LintCustomer[];
  readonly known: KnownReferences;
}
