import type { Rule, RuleSetContent } from '@platen/schema/contracts/data/pricing-rules';
import { compare, parseExact } from './exact.js';
import { type Finding, finding } from './lint-finding.js';

/** Faults that the rules show by themselves, without a price. */
export function lintStructure({ rules }: RuleSetContent): Finding[] {
  const findings: Finding[] = [];
  const codes = new Set<string>();
  const ids = new Set<string>();
  let lastChange: string | null = null;
  for (const [index, rule] of rules.entries()) {
    const at = { rule, index };
    if (codes.has(rule.code)) findings.push(finding('duplicate_code', at, '/code', 'An earlier rule has this code'));
    if (ids.has(rule.id)) findings.push(finding('duplicate_id', at, '/id', 'An earlier rule has this id'));
    codes.add(rule.code);
    ids.add(rule.id);
    if (rule.kind !== 'base_price') lastChange ??= rule.code;
    else if (lastChange !== null) {
      const message = `Stands after ${lastChange}, but a base price counts before every other rule`;
      findings.push(finding('base_price_late', at, '', message));
    }
    findings.push(...lintTiers(rule, index), ...lintPercent(rule, index), ...lintLeadTimes(rule, index));
  }
  if (!rules.some((rule) => rule.kind === 'base_price')) {
    findings.push(finding('base_price_absent', null, '', 'No rule gives a base price, so nothing can be priced'));
  }
  return findings;
}

export type TieredRule = Extract<Rule, { effect: { tiers: readonly { from: number }[] } }>;
export const isTiered = (rule: Rule): rule is TieredRule => 'tiers' in rule.effect;
/** Where its tiers begin, as they stand. */
export const tierStarts = (rule: TieredRule): number[] => rule.effect.tiers.map((tier) => tier.from);

function lintTiers(rule: Rule, index: number): Finding[] {
  if (!isTiered(rule)) return [];
  const starts = tierStarts(rule);
  return starts.flatMap((from, place): Finding[] => {
    const below = `/effect/tiers/${place}`;
    const twin = starts.indexOf(from);
    if (twin < place) {
      const message = `Tiers ${twin + 1} and ${place + 1} both begin at ${from} pieces; only the first would count`;
      return [finding('tier_overlap', { rule, index }, below, message)];
    }
    const before = starts[place - 1];
    if (before === undefined || from > before) return [];
    const message = `Tier ${place + 1} begins at ${from} pieces and stands after the one that begins at ${before}`;
    return [finding('tiers_unsorted', { rule, index }, below, message)];
  });
}

const hundred = parseExact('100');

function lintPercent(rule: Rule, index: number): Finding[] {
  if (rule.kind !== 'quantity_tier' || rule.effect.type !== 'percent_off') return [];
  return rule.effect.tiers.flatMap((tier, place) =>
    compare(parseExact(tier.value), hundred) > 0
      ? [finding('percent_beyond_100', { rule, index }, `/effect/tiers/${place}`, `Takes off ${tier.value} percent`)]
      : [],
  );
}

function lintLeadTimes(rule: Rule, index: number): Finding[] {
  if (rule.kind !== 'rush') return [];
  const days = rule.effect.lead_times.map((lead) => lead.within_days);
  return days.flatMap((within, place) =>
    days.indexOf(within) < place
      ? [
          finding(
            'lead_time_overlap',
            { rule, index },
            `/effect/lead_times/${place}`,
            `An earlier lead time is within ${within} days too; only that one would count`,
          ),
        ]
      : [],
  );
}
