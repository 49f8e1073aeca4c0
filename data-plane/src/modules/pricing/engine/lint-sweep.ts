import type { MarginFloorRule, Rule } from '@platen/schema/contracts/data/pricing-rules';
import { compare, type Exact, integer, multiply, parseExact, subtract, zero } from './exact.js';
import type { LintCustomer, LintProduct, LintVariant } from './lint-catalogue.js';
import { type Finding, finding } from './lint-finding.js';
import { type Case, isForProduct, isPriced, type Priced, type Prober } from './lint-probe.js';

/** Of one product: so many buyers and quantities are tried with each other. */
const maxBuyers = 16;
const maxQuantities = 24;

/**
 * Tries every product at every quantity where a rule begins, for every kind of buyer whom rules tell apart, and reports
 * what nobody wants to sell at: below cost, for nothing, below the margin that was to be kept, without any price.
 */
export function lintPrices(prober: Prober): Finding[] {
  const found = new Map<string, Finding>();
  const unpriced: { product: LintProduct; basket: Finding['witness'][number] }[] = [];
  const report = (it: Finding) => {
    const key = `${it.problem} ${it.ruleId}`;
    if (!found.has(key)) found.set(key, it);
  };
  const rules = prober.content.rules.map((rule, index) => ({ rule, index }));
  for (const product of prober.catalogue.products) {
    const concerned = rules.filter(({ rule }) => isForProduct(rule, product));
    for (const given of casesOf(product, concerned, prober.catalogue.customers)) {
      const probed = prober.probe(given);
      if (probed === null) return [...found.values()];
      if (!isPriced(probed)) {
        if (probed.refusal.code === 'price_unavailable') unpriced.push({ product, basket: probed.basket });
        break;
      }
      for (const it of judge(probed, given, concerned)) report(it);
    }
  }
  const [first] = unpriced;
  if (first && rules.some(({ rule }) => rule.kind === 'base_price')) {
    const more = unpriced.length > 1 ? ` and ${unpriced.length - 1} more products` : '';
    const message = `No base price applies to ${first.product.code}${more}`;
    report(finding('product_without_base_price', null, '', message, [first.basket]));
  }
  return [...found.values()];
}

type Placed = { readonly rule: Rule; readonly index: number };

/** Anybody first: what is wrong for everybody is said of everybody. */
function* casesOf(product: LintProduct, rules: readonly Placed[], customers: readonly LintCustomer[]): Generator<Case> {
  const variants = distinctVariants(product.variants, rules);
  const quantities = quantitiesOf(rules);
  const discounted = new Set([1, ...minQuantities(rules), quantities.at(-1) ?? 1]);
  for (const customer of [null, ...buyersOf(rules, customers)]) {
    // A buyer's own rules are tried where they begin and where everybody's prices are lowest.
    for (const quantity of customer === null ? quantities : discounted) {
      for (const sizes of spread(variants, quantity)) yield { product, sizes, customer };
    }
  }
}

function quantitiesOf(rules: readonly Placed[]): number[] {
  const starts = new Set([1]);
  for (const { rule } of rules) {
    if (rule.kind === 'quantity_tier') for (const { from } of rule.effect.tiers) starts.add(from);
  }
  for (const quantity of minQuantities(rules)) starts.add(quantity);
  return [...starts].sort((a, b) => a - b).slice(0, maxQuantities);
}

/** One of those that no rule can tell apart: most colours cost the same. */
function distinctVariants(variants: readonly LintVariant[], rules: readonly Placed[]): LintVariant[] {
  const options = new Set(rules.flatMap(({ rule }) => (rule.kind === 'size_upcharge' ? [rule.conditions.option] : [])));
  const byKind = new Map<string, LintVariant>();
  for (const variant of variants) {
    const values = [...options].map((option) => variant.options[option] ?? null);
    const key = JSON.stringify([variant.priceDelta, variant.cost, values]);
    if (!byKind.has(key)) byKind.set(key, variant);
  }
  return [...byKind.values()];
}

const minQuantities = (rules: readonly Placed[]): number[] =>
  rules.flatMap(({ rule }) => (rule.kind === 'discount' ? [rule.conditions.min_quantity ?? 1] : []));

const buyersOf = (rules: readonly Placed[], customers: readonly LintCustomer[]): LintCustomer[] =>
  customers
    .filter(({ id, group }) =>
      rules.some(
        ({ rule: { conditions } }) =>
          ('customer_ids' in conditions && conditions.customer_ids?.includes(id)) ||
          (group !== null && 'customer_groups' in conditions && conditions.customer_groups?.includes(group)),
      ),
    )
    .slice(0, maxBuyers);

/** So many pieces with every size among them: in one line, or in several where there are more sizes than pieces. */
function* spread(variants: readonly LintVariant[], quantity: number): Generator<Case['sizes']> {
  const each = Math.min(quantity, variants.length, 60);
  for (let start = 0; each > 0 && start < variants.length; start += each) {
    const among = variants.slice(start, start + each);
    yield among.map((variant, index) => ({ variant, quantity: index === 0 ? quantity - among.length + 1 : 1 }));
  }
}

const hundred = integer(100);

function judge(priced: Priced, { sizes }: Case, rules: readonly Placed[]): Finding[] {
  const floor = rules.find((it): it is { rule: MarginFloorRule; index: number } => it.rule.kind === 'margin_floor');
  return sizes.flatMap(({ variant }, size) => {
    const text = priced.line.sizes[size]?.unitPrice ?? '';
    const unit = parseExact(text);
    const pieces = `${priced.line.quantity} ${priced.line.quantity === 1 ? 'piece' : 'pieces'}`;
    const findings: Finding[] = [];
    if (compare(unit, zero) === 0) {
      const message = `Brings the price of a piece down to nothing, at ${pieces}`;
      findings.push(finding('zero_price', blame(priced, size, rules, null), '', message, [priced.basket]));
    }
    if (variant.cost === null) return findings;
    const cost = parseExact(variant.cost);
    if (compare(unit, cost) < 0 && compare(unit, zero) > 0) {
      const message = `Brings the price of a piece to ${text}, below its cost of ${variant.cost}, at ${pieces}`;
      findings.push(finding('below_cost', blame(priced, size, rules, cost), '', message, [priced.basket]));
    }
    if (floor && isUnder(unit, cost, floor.rule)) {
      const message = `A later rule brings the price to ${text} at a cost of ${variant.cost}: less than ${floor.rule.effect.percent}% margin`;
      findings.push(finding('floor_undercut', floor, '', message, [priced.basket]));
    }
    return findings;
  });
}

/** Margin is price less cost, of the price: under it when price × (100 - percent) < cost × 100. */
const isUnder = (unit: Exact, cost: Exact, { effect }: MarginFloorRule): boolean =>
  compare(multiply(unit, subtract(hundred, parseExact(effect.percent))), multiply(cost, hundred)) < 0;

/** The rule whose step took the size's price over the line and left it there; `bound` null: down to nothing. */
function blame(priced: Priced, size: number, rules: readonly Placed[], bound: Exact | null): Placed | null {
  const isOver = (text: string) => {
    const price = parseExact(text);
    return bound === null ? compare(price, zero) <= 0 : compare(price, bound) < 0;
  };
  const { steps } = priced.receipt();
  let last: string | null = null;
  let over: string | null = null;
  for (const step of steps) {
    const mine = step.prices.find(({ sizes }) => sizes === null || sizes.includes(size));
    if (!mine) continue;
    last = step.rule_id;
    if (!isOver(mine.after)) over = null;
    else if (over === null) over = step.rule_id;
  }
  const id = over ?? last;
  return rules.find(({ rule }) => rule.id === id) ?? null;
}
