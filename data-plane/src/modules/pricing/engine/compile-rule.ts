import {
  type AreaPriceRule,
  areaProcesses,
  type BasePriceRule,
  type DiscountRule,
  decorationProcesses,
  type EmbroideryRule,
  type MarginFloorRule,
  type QuantityTierRule,
  type Rule,
  type RushRule,
  type ScreenPrintRule,
} from '@platen/schema/contracts/data/pricing-rules';
import { addEffect, changeOf, costFactorOf, plusPercent } from './changes.js';
import type { Entry } from './entries.js';
import { formatShort, integer, parseExact, percentFactor, subtract } from './exact.js';

/** A rule as it is applied: amounts parsed, lists as sets, the parts of its receipt entries written. */
export function compileRule(rule: Rule, position: number): Entry {
  switch (rule.kind) {
    case 'base_price':
      return { ...named(rule, position, 'base_price'), ...basePrice(rule) };
    case 'quantity_tier':
      return { ...named(rule, position, 'quantity_tier'), ...quantityTiers(rule) };
    case 'size_upcharge': {
      const { option, values } = rule.conditions;
      const change = changeOf(rule.effect.type, rule.effect.value);
      return { ...named(rule, position, 'size_upcharge'), option, values: new Set(values), ...change };
    }
    case 'screen_print':
      return { ...named(rule, position, 'screen_print'), ...screenPrint(rule) };
    case 'embroidery':
      return { ...named(rule, position, 'embroidery'), ...embroidery(rule) };
    case 'area_price':
      return { ...named(rule, position, 'area_price'), ...areaPrice(rule) };
    case 'setup_fee': {
      const processes = new Set(rule.conditions.processes ?? decorationProcesses);
      return { ...named(rule, position, 'setup_fee'), processes, amount: parseExact(rule.effect.amount) };
    }
    case 'customer_price': {
      const change = changeOf('unit_price', rule.effect.amount);
      return { ...named(rule, position, 'customer_price'), ...buyersOf(rule), ...change };
    }
    case 'discount':
      return { ...named(rule, position, 'discount'), ...discount(rule) };
    case 'rush':
      return { ...named(rule, position, 'rush'), leadTimes: leadTimes(rule) };
    case 'minimum_charge':
      return { ...named(rule, position, 'minimum_charge'), amount: parseExact(rule.effect.amount) };
    case 'margin_floor':
      return { ...named(rule, position, 'margin_floor'), ...marginFloor(rule) };
  }
}

const setOf = <T>(items: readonly T[] | undefined): ReadonlySet<T> | null => (items ? new Set(items) : null);

const named = <K extends Rule['kind']>(rule: Rule, position: number, kind: K) => ({
  kind,
  position,
  ruleId: rule.id,
  ruleCode: rule.code,
  products: setOf(rule.conditions.product_ids),
  categories: setOf(rule.conditions.category_ids),
  kindText: `"kind":"${kind}"`,
  nameText: `"rule_code":${JSON.stringify(rule.code)},"rule_id":"${rule.id}"`,
  stepMiddle: `","kind":"${kind}","prices":[`,
  stepEnd: `],"rule_code":${JSON.stringify(rule.code)},"rule_id":"${rule.id}"}`,
  losses: new Map<string, string>(),
});

const counted = <T extends { readonly from: number }>(count: QuantityTierRule['conditions']['count'], tiers: T[]) => ({
  count,
  tiers,
  least: Math.min(...tiers.map((tier) => tier.from)),
});

const buyersOf = ({ conditions }: { conditions: DiscountRule['conditions'] }) => ({
  groups: setOf(conditions.customer_groups),
  customers: setOf(conditions.customer_ids),
});

function basePrice({ effect }: BasePriceRule) {
  if (effect.type === 'fixed') {
    const fixed = parseExact(effect.amount);
    return { fixed, costFactor: null, effect: `set to ${formatShort(fixed)}` };
  }
  if (effect.type === 'catalogue') return { fixed: null, costFactor: null, effect: 'catalogue price' };
  const percent = parseExact(effect.percent);
  return { fixed: null, costFactor: costFactorOf(percent), effect: `cost +${formatShort(percent)}%` };
}

const quantityTiers = ({ conditions, effect }: QuantityTierRule) =>
  counted(
    conditions.count,
    effect.tiers.map(({ from, value }) => ({ from, ...changeOf(effect.type, value) })),
  );

function screenPrint({ conditions, effect }: ScreenPrintRule) {
  const off = parseExact(effect.reorder_screen_discount_percent);
  const screenFee = parseExact(effect.screen_fee);
  const feeText = ` × ${formatShort(screenFee)}`;
  return {
    ...counted(
      conditions.count,
      effect.tiers.map(({ from, prices }) => ({ from, prices: prices.map((price) => addEffect(parseExact(price))) })),
    ),
    processes: new Set(['screen_print'] as const),
    locations: setOf(conditions.locations),
    screenFee,
    reorderFactor: percentFactor(off, -1),
    feeText,
    reorderText: `${feeText} -${formatShort(off)}% as a re-order`,
    underbase: effect.underbase ? { option: effect.underbase.option, values: new Set(effect.underbase.values) } : null,
  };
}

const embroidery = ({ conditions, effect }: EmbroideryRule) => ({
  ...counted(
    conditions.count,
    effect.tiers.map(({ from, price, per_thousand }) => ({
      from,
      price: parseExact(price),
      perThousand: parseExact(per_thousand),
    })),
  ),
  processes: new Set(['embroidery'] as const),
  locations: setOf(conditions.locations),
  includedStitches: effect.included_stitches,
  digitizingFee: parseExact(effect.digitizing_fee),
});

const areaPrice = ({ conditions, effect }: AreaPriceRule) => ({
  ...counted(
    conditions.count,
    effect.tiers.map(({ from, per_square_cm }) => ({ from, perSquareCm: parseExact(per_square_cm) })),
  ),
  processes: new Set(areaProcesses.filter((process) => conditions.processes.includes(process))),
  locations: setOf(conditions.locations),
  minimum: parseExact(effect.minimum),
});

const discount = (rule: DiscountRule) => ({
  ...buyersOf(rule),
  ...changeOf(rule.effect.type, rule.effect.value),
  stackable: rule.stackable,
  minQuantity: rule.conditions.min_quantity ?? 0,
});

/** Of two that say the same days, the first stays first. */
const leadTimes = ({ effect }: RushRule) =>
  effect.lead_times
    .map(({ within_days, percent }) => ({ withinDays: within_days, ...plusPercent(parseExact(percent)) }))
    .sort((a, b) => a.withinDays - b.withinDays);

function marginFloor({ effect }: MarginFloorRule) {
  const percent = parseExact(effect.percent);
  return { costShare: subtract(integer(100), percent), effect: `${formatShort(percent)}% margin` };
}
