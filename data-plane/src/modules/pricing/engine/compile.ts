import { createChecker } from '@platen/chassis/validation/checker';
import { minorUnitDigits } from './currency.js';
import type { BaseEntry, Change, DiscountEntry, Entry, Targeted, TierEntry, UpchargeEntry } from './entries.js';
import { formatShort, negate, parseExact, percentFactor } from './exact.js';
import { type Plan, planFor } from './plan.js';
import {
  type BasePriceRule,
  type CustomerDiscountRule,
  type LaterKind,
  type QuantityTierRule,
  type Rule,
  RuleSetContent,
  type RuleSetVersion,
  type SizeUpchargeRule,
} from './rule-set.js';

const contentChecker = createChecker(RuleSetContent);

export interface CompiledRuleSet {
  readonly id: string;
  readonly hash: string;
  readonly currency: string;
  readonly unitPriceDecimals: number;
  readonly minorDigits: number;
  readonly evaluation: readonly LaterKind[];
  /** The rules that concern a product, memoized: a version is immutable. */
  planFor(productId: string, categoryId: string | null): Plan;
}

/** Once per published version; throws TypeError when the content is not a rule set. */
export function compileRuleSet(version: RuleSetVersion): CompiledRuleSet {
  const { content } = version;
  if (!contentChecker.check(content)) throw new TypeError(`rule set version ${version.id} is malformed`);
  const base: Targeted<BaseEntry>[] = [];
  const tiers: Targeted<TierEntry>[] = [];
  const upcharges: Targeted<UpchargeEntry>[] = [];
  const discounts: Targeted<DiscountEntry>[] = [];
  for (const rule of content.rules) {
    if (rule.kind === 'base_price') base.push(targeted(rule, compileBase(rule)));
    else if (rule.kind === 'quantity_tier') tiers.push(targeted(rule, compileTier(rule)));
    else if (rule.kind === 'size_upcharge') upcharges.push(targeted(rule, compileUpcharge(rule)));
    else discounts.push(targeted(rule, compileDiscount(rule)));
  }
  return {
    id: version.id,
    hash: version.hash,
    currency: content.currency,
    unitPriceDecimals: content.unit_price_decimals,
    minorDigits: minorUnitDigits(content.currency),
    evaluation: content.evaluation,
    planFor: planFor({ base, tiers, upcharges, discounts }),
  };
}

const setOf = (ids: readonly string[] | undefined): ReadonlySet<string> | null => (ids ? new Set(ids) : null);

const targeted = <E extends Entry>(rule: Rule, entry: E): Targeted<E> => ({
  products: setOf(rule.conditions.product_ids),
  categories: setOf(rule.conditions.category_ids),
  entry,
});

function entryOf(rule: Rule): Entry {
  const kind = `"kind":"${rule.kind}"`;
  const name = `"rule_code":${JSON.stringify(rule.code)},"rule_id":"${rule.id}"`;
  return {
    ruleCode: rule.code,
    stepHead: kind,
    stepTail: name,
    loserHead: `{${kind},"reason":`,
    loserTail: `,${name}}`,
  };
}

function compileBase(rule: BasePriceRule): BaseEntry {
  const fixed = rule.effect.type === 'fixed' ? parseExact(rule.effect.amount) : null;
  return { ...entryOf(rule), fixed, effect: fixed ? `set to ${formatShort(fixed)}` : 'catalogue price' };
}

function compileTier(rule: QuantityTierRule): TierEntry {
  const tiers = rule.effect.tiers.map((tier) => ({ from: tier.from, ...changeOf(rule.effect.type, tier.value) }));
  return { ...entryOf(rule), count: rule.conditions.count, tiers, least: Math.min(...tiers.map((tier) => tier.from)) };
}

function compileUpcharge(rule: SizeUpchargeRule): UpchargeEntry {
  return {
    ...entryOf(rule),
    option: rule.conditions.option,
    optionKey: JSON.stringify(rule.conditions.option),
    values: new Set(rule.conditions.values),
    ...changeOf(rule.effect.type, rule.effect.value),
  };
}

function compileDiscount(rule: CustomerDiscountRule): DiscountEntry {
  return {
    ...entryOf(rule),
    groups: new Set(rule.conditions.customer_groups),
    customers: new Set(rule.conditions.customer_ids),
    ...changeOf(rule.effect.type, rule.effect.value),
    stackable: rule.stackable,
  };
}

type EffectType = 'unit_price' | 'amount' | 'amount_off' | 'percent' | 'percent_off';

function changeOf(type: EffectType, text: string): { change: Change; effect: string } {
  const value = parseExact(text);
  const short = formatShort(value);
  switch (type) {
    case 'unit_price':
      return { change: { type: 'set', value }, effect: `set to ${short}` };
    case 'amount':
      return { change: { type: 'add', value }, effect: `+${short}` };
    case 'amount_off':
      return { change: { type: 'add', value: negate(value) }, effect: `-${short}` };
    case 'percent':
      return { change: { type: 'times', value: percentFactor(value, 1) }, effect: `+${short}%` };
    case 'percent_off':
      return { change: { type: 'times', value: percentFactor(value, -1) }, effect: `-${short}%` };
  }
}
