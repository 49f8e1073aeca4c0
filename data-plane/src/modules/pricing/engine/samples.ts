import { canonicalJson, sha256 } from './canonical.js';
import { type CompiledRuleSet, compileRuleSet } from './compile.js';
import type { Rule, RuleSetContent } from './rule-set.js';

/** Small rule sets and ids for tests and measurements. */
export const sampleId = (group: number, n: number): string =>
  `01940000-0000-7000-8${String(group).padStart(3, '0')}-${String(n).padStart(12, '0')}`;

export const rule = {
  catalogue: (code: string, conditions: object = {}): Rule =>
    make(code, 'base_price', conditions, { type: 'catalogue' }),
  fixed: (code: string, amount: string, conditions: object = {}): Rule =>
    make(code, 'base_price', conditions, { type: 'fixed', amount }),
  tiers: (
    code: string,
    type: 'percent_off' | 'amount_off' | 'unit_price',
    tiers: readonly (readonly [from: number, value: string])[],
    conditions: object = {},
  ): Rule =>
    make(
      code,
      'quantity_tier',
      { count: 'line', ...conditions },
      { type, tiers: tiers.map(([from, value]) => ({ from, value })) },
    ),
  upcharge: (code: string, values: readonly string[], value: string, type: 'amount' | 'percent' = 'amount'): Rule =>
    make(code, 'size_upcharge', { option: 'size', values }, { type, value }),
  discount: (
    code: string,
    type: 'percent_off' | 'amount_off',
    value: string,
    conditions: object,
    stackable = true,
  ): Rule => make(code, 'discount', conditions, { type, value }, { stackable }),
  /** Any other kind. */
  of: (kind: Rule['kind'], code: string, effect: object, conditions: object = {}): Rule =>
    make(code, kind, conditions, effect),
};

function make(code: string, kind: Rule['kind'], conditions: object, effect: object, more: object = {}): Rule {
  // The parts are loose so that tests stay short; compileRuleSet checks the whole against its schema.
  return { id: ruleId(code), code, kind, conditions, effect, ...more } as Rule;
}

/** A stable id from the code. */
function ruleId(code: string): string {
  const digits = sha256(code);
  return `01940000-0000-7000-8${digits.slice(0, 3)}-${digits.slice(3, 15)}`;
}

export function contentOf(rules: readonly Rule[], more: Partial<RuleSetContent> = {}): RuleSetContent {
  return {
    format: 'platen-rule-set/2',
    currency: 'EUR',
    unit_price_decimals: 2,
    rules: [...rules],
    ...more,
  };
}

export function compiled(rules: readonly Rule[], more: Partial<RuleSetContent> = {}): CompiledRuleSet {
  const content = contentOf(rules, more);
  return compileRuleSet({ id: sampleId(9, 1), hash: sha256(canonicalJson(content)), content });
}
