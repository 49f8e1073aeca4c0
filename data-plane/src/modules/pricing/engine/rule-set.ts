import type { RuleSetContent } from '@platen/schema/contracts/data/pricing-rules';

export type { QuantityTierRule, Rule, RuleKind, RuleSetContent } from '@platen/schema/contracts/data/pricing-rules';

/** A published, immutable version. */
export interface RuleSetVersion {
  readonly id: string;
  /** SHA-256 of the content's RFC 8785 form, hex. */
  readonly hash: string;
  readonly content: RuleSetContent;
}
/** As it is stored: the content's RFC 8785 text. */
export interface StoredVersion {
  readonly id: string;
  readonly hash: string;
  readonly content: string;
}
