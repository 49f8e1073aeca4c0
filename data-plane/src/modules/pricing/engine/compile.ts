import { createChecker } from '@platen/chassis/validation/checker';
import { RuleSetContent } from '@platen/schema/contracts/data/pricing-rules';
import { sha256 } from './canonical.js';
import { compileRule } from './compile-rule.js';
import { minorUnitDigits } from './currency.js';
import { type FindPlan, planFinder } from './plan.js';
import type { RuleSetVersion, StoredVersion } from './rule-set.js';

const contentChecker = createChecker(RuleSetContent);

export interface CompiledRuleSet {
  readonly id: string;
  readonly hash: string;
  readonly currency: string;
  readonly unitPriceDecimals: number;
  readonly minorDigits: number;
  /** What every receipt of this version says: from `rounding` to the beginning of `sizes`. */
  readonly receiptText: string;
  /** The rules that concern a line, memoized: a version is immutable. */
  readonly planFor: FindPlan;
}

/** Once per published version; throws TypeError when the content is not a rule set of the present format. */
export function compileRuleSet(version: RuleSetVersion): CompiledRuleSet {
  const { content } = version;
  if (!contentChecker.check(content)) throw new TypeError(`rule set version ${version.id} is malformed`);
  const minorDigits = minorUnitDigits(content.currency);
  return {
    id: version.id,
    hash: version.hash,
    currency: content.currency,
    unitPriceDecimals: content.unit_price_decimals,
    minorDigits,
    receiptText:
      `,"rounding":{"line_total":${minorDigits},"margin_floor":"up","mode":"half_up"` +
      `,"unit_price":${content.unit_price_decimals}},"rule_set_hash":"${version.hash}"` +
      `,"rule_set_version_id":"${version.id}","sizes":[`,
    planFor: planFinder(content.rules.map(compileRule)),
  };
}

/** Whether a stored text is what its hash says, and a rule set of another format than this engine reads. */
export function isOfOtherFormat({ hash, content }: StoredVersion): boolean {
  if (sha256(content) !== hash) return false;
  const stored: unknown = JSON.parse(content);
  if (typeof stored !== 'object' || stored === null || !('format' in stored)) return false;
  return stored.format !== RuleSetContent.properties.format.const;
}

/** From the stored text, which must be what its hash says. Throws TypeError where it is not, or no rule set. */
export function compileStoredVersion({ id, hash, content }: StoredVersion): CompiledRuleSet {
  if (sha256(content) !== hash) throw new TypeError(`rule set version ${id} does not have the stored hash`);
  // compileRuleSet holds the content against its schema.
  return compileRuleSet({ id, hash, content: JSON.parse(content) as RuleSetContent });
}
