import type { BaseEntry, DiscountEntry, Entry, Targeted, TierEntry, UpchargeEntry } from './entries.js';

/** The rules that can touch one product, by kind, in declared order. */
export interface Plan {
  readonly base: readonly BaseEntry[];
  readonly tiers: readonly TierEntry[];
  readonly upcharges: readonly UpchargeEntry[];
  /** The options that size rules look at, sorted: what a receipt must keep of a variant. */
  readonly options: readonly string[];
  discountsFor(customerId: string | null, group: string | null): readonly DiscountEntry[];
}

interface Rules {
  readonly base: readonly Targeted<BaseEntry>[];
  readonly tiers: readonly Targeted<TierEntry>[];
  readonly upcharges: readonly Targeted<UpchargeEntry>[];
  readonly discounts: readonly Targeted<DiscountEntry>[];
}

/** Bound of each memo; past it the memo starts over. A shop's catalogue is far smaller. */
const memoLimit = 20_000;

/** Narrowing all rules to one product happens once per product and version, not once per line. */
export function planFor(rules: Rules): (productId: string, categoryId: string | null) => Plan {
  const plans = new Map<string, Plan>();
  return (productId, categoryId) => {
    const key = `${productId}/${categoryId}`;
    const known = plans.get(key);
    if (known) return known;
    if (plans.size >= memoLimit) plans.clear();
    const plan = makePlan(rules, productId, categoryId);
    plans.set(key, plan);
    return plan;
  };
}

function makePlan(rules: Rules, productId: string, categoryId: string | null): Plan {
  const upcharges = select(rules.upcharges, productId, categoryId);
  return {
    base: select(rules.base, productId, categoryId),
    tiers: select(rules.tiers, productId, categoryId),
    upcharges,
    options: [...new Set(upcharges.map((rule) => rule.option))].sort(),
    discountsFor: discountsFor(select(rules.discounts, productId, categoryId)),
  };
}

function select<E extends Entry>(rules: readonly Targeted<E>[], productId: string, categoryId: string | null): E[] {
  return rules
    .filter(({ products, categories }) => {
      if (!products && !categories) return true;
      return products?.has(productId) || (categoryId !== null && categories?.has(categoryId));
    })
    .map((rule) => rule.entry);
}

/** Discounts by customer and by group, merged in declared order. Another customer's rules are not considered at all. */
function discountsFor(discounts: readonly DiscountEntry[]): Plan['discountsFor'] {
  const named = new Set(discounts.flatMap((rule) => [...rule.customers]));
  const byCustomer = new Map<string, readonly DiscountEntry[]>();
  return (customerId, group) => {
    if (customerId === null || discounts.length === 0) return none;
    // A customer without rules of their own shares their group's list.
    const key = `${named.has(customerId) ? customerId : ''}/${group ?? ''}`;
    let found = byCustomer.get(key);
    if (!found) {
      if (byCustomer.size >= memoLimit) byCustomer.clear();
      found = discounts.filter((rule) => rule.customers.has(customerId) || (group !== null && rule.groups.has(group)));
      byCustomer.set(key, found);
    }
    return found;
  };
}
const none: readonly DiscountEntry[] = [];
