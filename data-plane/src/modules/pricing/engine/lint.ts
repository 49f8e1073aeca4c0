import { compare, parseExact } from './exact.js';
import type { QuantityTierRule, RuleSetContent } from './rule-set.js';

export interface Finding {
  readonly ruleCode: string;
  readonly problem: string;
}

/** What must be mended before a rule set is published; empty: clean. */
export function lintRuleSet(content: RuleSetContent): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const rule of content.rules) {
    const find = (problem: string) => findings.push({ ruleCode: rule.code, problem });
    if (seen.has(rule.code)) find('its code is used twice');
    if (seen.has(rule.id)) find('its id is used twice');
    seen.add(rule.code).add(rule.id);
    if (rule.kind === 'quantity_tier') for (const problem of lintTiers(rule)) find(problem);
    if (rule.kind === 'discount' && !rule.conditions.customer_groups && !rule.conditions.customer_ids) {
      find('names no customer and no group');
    }
  }
  if (!content.rules.some((rule) => rule.kind === 'base_price')) {
    findings.push({ ruleCode: '', problem: 'no rule gives a base price' });
  }
  return findings;
}

/** In a clean rule, a higher tier begins later and is never dearer than a lower one. */
function lintTiers({ effect }: QuantityTierRule): string[] {
  const problems: string[] = [];
  if (
    effect.type === 'percent_off' &&
    effect.tiers.some((tier) => compare(parseExact(tier.value), parseExact('100')) > 0)
  ) {
    problems.push('takes off more than 100 percent');
  }
  for (const [index, tier] of effect.tiers.entries()) {
    const previous = effect.tiers[index - 1];
    if (!previous) continue;
    if (tier.from <= previous.from) problems.push(`tier ${index + 1} begins at ${tier.from}, not after the one before`);
    const change = compare(parseExact(tier.value), parseExact(previous.value));
    const dearer = effect.type === 'unit_price' ? change > 0 : change < 0;
    if (dearer) problems.push(`tier ${index + 1} is dearer than the one before`);
  }
  return problems;
}
