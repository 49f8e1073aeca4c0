import type { BasketLine, PricedLine } from './basket.js';
import { sha256 } from './canonical.js';
import type { CompiledRuleSet } from './compile.js';
import {
  applyChange,
  basePriceOf,
  type Decision,
  type Group,
  type LineContext,
  type NextBreak,
  type TierHit,
} from './decision.js';
import type { DiscountEntry, Tier, UpchargeEntry } from './entries.js';
import {
  add,
  compare,
  divideByInteger,
  type Exact,
  formatExact,
  integer,
  multiply,
  parseExact,
  roundHalfUp,
  subtract,
  zero,
} from './exact.js';
import type { Plan } from './plan.js';
import { writeReceipt } from './receipt.js';
import { PricingRefusal } from './refusal.js';

export interface LineResult {
  readonly line: PricedLine;
  readonly total: Exact;
  /** What customer discounts took off; already in `total`. */
  readonly discount: Exact;
}

/** numeric(18,4) holds fourteen digits before the point. */
const limit: Exact = { units: 10 ** 14, scale: 0 };

export function priceLine(line: BasketLine, context: LineContext): LineResult {
  const { compiled } = context;
  const decision = decide(line, context);
  const { groups, quantity } = decision;
  for (const group of groups) {
    group.unitPrice = unitPrice(compiled, decision, group, true);
    group.unitPriceText = formatExact(group.unitPrice);
  }
  const exactTotal = sumGroups(groups, (group) => group.unitPrice);
  const total = roundHalfUp(exactTotal, compiled.minorDigits);
  if (compare(total, limit) >= 0) {
    throw new PricingRefusal('amount_out_of_range', context.index, 'The line total has more than 14 digits');
  }
  const discount = decision.discounts.length > 0 ? subtract(grossTotal(compiled, decision), total) : zero;
  const nextBreak = findNextBreak(decision, exactTotal, context);
  const receipt = writeReceipt(line, context, decision, { total, discount, nextBreak });
  return {
    line: {
      productId: line.productId,
      designId: line.designId,
      decorations: line.decorations,
      quantity,
      unitPrice: formatExact(divideByInteger(exactTotal, quantity, 4)),
      feeTotal: '0.0000',
      lineTotal: formatExact(total),
      sizes: line.sizes.map((size, index) => ({
        variantId: size.variantId,
        quantity: size.quantity,
        unitPrice: decision.groupOf[index]?.unitPriceText ?? '',
      })),
      receipt,
      receiptHash: sha256(receipt),
    },
    total,
    discount,
  };
}

function decide(line: BasketLine, context: LineContext): Decision {
  const { compiled, customer, index } = context;
  const plan = compiled.planFor(line.productId, line.categoryId);
  const base = plan.base[0];
  if (!base) throw new PricingRefusal('price_unavailable', index, 'No base price applies to this product');
  const undecided = line.decorations[0];
  if (undecided) throw new PricingRefusal('price_unavailable', index, `No rule prices ${undecided.process}`);
  let quantity = 0;
  for (const size of line.sizes) quantity += size.quantity;
  const matching = plan.discountsFor(customer?.id ?? null, customer?.group ?? null);
  return {
    plan,
    base,
    cataloguePrice: parseExact(line.basePrice),
    tier: findTier(plan, quantity, context.combinedQuantity),
    matching,
    discounts: stack(matching),
    ...groupSizes(line, plan, base.fixed !== null),
    quantity,
  };
}

/** The discounts that apply: the first sets the manner (`stackable` in rule-set.ts). */
function stack(matching: readonly DiscountEntry[]): readonly DiscountEntry[] {
  const first = matching[0];
  if (!first || matching.length === 1) return matching;
  return first.stackable ? matching.filter((rule) => rule.stackable) : [first];
}

/** The first rule in declared order that has a tier for the count, with the highest tier reached. */
function findTier(plan: Plan, quantity: number, combined: number): TierHit | null {
  for (const rule of plan.tiers) {
    const count = rule.count === 'line' ? quantity : combined;
    let reached: Tier | null = null;
    for (const tier of rule.tiers) if (tier.from <= count && (!reached || tier.from > reached.from)) reached = tier;
    if (reached) return { rule, tier: reached, count };
  }
  return null;
}

function groupSizes(line: BasketLine, plan: Plan, fixedBase: boolean): { groups: Group[]; groupOf: Group[] } {
  const groups: Group[] = [];
  const groupOf = line.sizes.map((size) => {
    const delta = fixedBase || size.priceDelta === '0.0000' ? zero : parseExact(size.priceDelta);
    const upcharge = upchargeOf(plan, size.options);
    let group = groups.find((other) => other.upcharge === upcharge && compare(other.delta, delta) === 0);
    if (!group) {
      const option = upcharge ? (size.options[upcharge.option] ?? '') : '';
      group = { delta, upcharge, option, quantity: 0, unitPrice: zero, unitPriceText: '' };
      groups.push(group);
    }
    group.quantity += size.quantity;
    return group;
  });
  return { groups, groupOf };
}

function upchargeOf(plan: Plan, options: Readonly<Record<string, string>>): UpchargeEntry | null {
  for (const rule of plan.upcharges) {
    const value = options[rule.option];
    if (value !== undefined && rule.values.has(value)) return rule;
  }
  return null;
}

/** Every rule in the declared order of kinds, exactly; then the one rounding of a unit price. */
function unitPrice(compiled: CompiledRuleSet, decision: Decision, group: Group, discounted: boolean): Exact {
  let price = basePriceOf(decision, group);
  for (const kind of compiled.evaluation) {
    if (kind === 'quantity_tier') {
      if (decision.tier) price = applyChange(price, decision.tier.tier.change);
    } else if (kind === 'size_upcharge') {
      if (group.upcharge) price = applyChange(price, group.upcharge.change);
    } else if (discounted) {
      for (const rule of decision.discounts) price = applyChange(price, rule.change);
    }
  }
  return roundHalfUp(price, compiled.unitPriceDecimals);
}

function sumGroups(groups: readonly Group[], priceOf: (group: Group) => Exact): Exact {
  let sum = zero;
  for (const group of groups) sum = add(sum, multiply(priceOf(group), integer(group.quantity)));
  return sum;
}

/** The line total as it would be without customer discounts. */
const grossTotal = (compiled: CompiledRuleSet, decision: Decision): Exact =>
  roundHalfUp(
    sumGroups(decision.groups, (group) => unitPrice(compiled, decision, group, false)),
    compiled.minorDigits,
  );

/** The fewest further pieces, in the present mix of sizes, that lower the average unit price. */
function findNextBreak(decision: Decision, exactTotal: Exact, context: LineContext): NextBreak | null {
  const { plan, quantity, groups } = decision;
  const combined = context.combinedQuantity;
  for (let more = nextThreshold(plan, quantity, combined, 0); more > 0; ) {
    const tier = findTier(plan, quantity + more, combined + more);
    // A tier of a rule that an earlier one overrules changes nothing.
    if (tier && tier.tier !== decision.tier?.tier) {
      const then = { ...decision, tier };
      const total = sumGroups(groups, (group) => unitPrice(context.compiled, then, group, true));
      if (compare(total, exactTotal) < 0) {
        return { more, unitPrice: divideByInteger(total, quantity, 4), ruleCode: tier.rule.ruleCode };
      }
    }
    more = nextThreshold(plan, quantity, combined, more);
  }
  return null;
}

/** The smallest number of pieces above `after` at which some rule reaches a further tier; 0: none. */
function nextThreshold(plan: Plan, quantity: number, combined: number, after: number): number {
  let least = 0;
  for (const rule of plan.tiers) {
    const count = rule.count === 'line' ? quantity : combined;
    for (const tier of rule.tiers) {
      const more = tier.from - count;
      if (more > after && (least === 0 || more < least)) least = more;
    }
  }
  return least;
}
