import type { Rule } from '@platen/schema/contracts/data/pricing-rules';
import type { LintCatalogue, LintCustomer } from './lint-catalogue.js';
import { type Conditions, coversCase, leavesRoom } from './lint-cover.js';
import { type Finding, finding } from './lint-finding.js';
import { type Case, decorationFor, isPriced, isUsed, type Prober } from './lint-probe.js';
import { isTiered } from './lint-structure.js';
import { productsFor } from './lint-tiers.js';

/**
 * Rules and tiers that nothing comes to, because earlier ones of their kind decide wherever they would. That no basket
 * uses them follows from the conditions; the witness is one that meets them, priced without them.
 */
export function lintReach(prober: Prober): Finding[] {
  const { content, catalogue } = prober;
  const findings: Finding[] = [];
  const byKind = new Map<string, Rule[]>();
  for (const [index, rule] of content.rules.entries()) {
    const earlier = byKind.get(rule.kind) ?? [];
    byKind.set(rule.kind, [...earlier, rule]);
    const covered = casesOf(rule).map((part) => ({ ...part, by: coveredBy(earlier, rule, part.from, catalogue) }));
    const unreached = covered.filter((part) => part.by !== null);
    if (unreached.length === 0) continue;
    const whole = unreached.length === covered.length;
    for (const { by, from, place } of whole ? unreached.slice(0, 1) : unreached) {
      const witness = witnessOf(prober, rule, from);
      if (!witness || by === null) continue;
      const message = `Never counts: ${by.code} stands before it and decides wherever ${whole ? 'it' : 'this tier'} would`;
      findings.push(
        whole
          ? finding('rule_unreachable', { rule, index }, '', message, [witness])
          : finding('tier_unreachable', { rule, index }, `/effect/tiers/${place}`, message, [witness]),
      );
    }
  }
  return findings;
}

/** The quantities at which something of a rule begins: its tiers, or the whole of it. */
function casesOf(rule: Rule): { from: number; place: number }[] {
  if (!isTiered(rule)) return [{ from: leastOf(rule), place: 0 }];
  const starts = rule.effect.tiers.map(({ from }) => from);
  return starts.map((from, place) => ({ from, place })).filter(({ from, place }) => starts.indexOf(from) === place);
}
const leastOf = (rule: Rule): number => (rule.kind === 'discount' ? (rule.conditions.min_quantity ?? 1) : 1);

/** An earlier rule that decides, for each product and category that the rule is for; the first of them. */
function coveredBy(earlier: readonly Rule[], rule: Rule, from: number, catalogue: LintCatalogue): Rule | null {
  const { product_ids: products = [], category_ids: categories = [] } = rule.conditions as Conditions;
  const parts = [
    ...products.map((productId) => ({
      productId,
      categoryId: catalogue.products.find(({ id }) => id === productId)?.categoryId,
    })),
    ...categories.map((categoryId) => ({ productId: null, categoryId })),
  ];
  const everything = parts.length === 0 ? [{ productId: null, categoryId: undefined }] : parts;
  let first: Rule | null = null;
  for (const part of everything) {
    const by = earlier.find((other) => coversCase(other, rule, { ...part, from }, catalogue));
    if (!by) return null;
    first ??= by;
  }
  return rule.kind === 'discount' && leavesRoom(earlier, rule) ? null : first;
}

function witnessOf(prober: Prober, rule: Rule, quantity: number) {
  for (const product of productsFor(prober, rule)) {
    const customer = buyerFor(rule, prober.catalogue.customers);
    if (customer === undefined) return null;
    const variant = product.variants.find((it) => {
      if (rule.kind === 'base_price' && rule.effect.type === 'cost_markup') return it.cost !== null;
      if (rule.kind === 'margin_floor') return it.cost !== null;
      return rule.kind !== 'size_upcharge' || rule.conditions.values.includes(it.options[rule.conditions.option] ?? '');
    });
    if (!variant) continue;
    const decoration = decorationFor(rule);
    const given: Case = {
      product,
      sizes: [{ variant, quantity }],
      customer,
      decorations: decoration ? [decoration] : [],
      dueIn: rule.kind === 'rush' ? Math.min(...rule.effect.lead_times.map((lead) => lead.within_days)) : null,
    };
    const probed = prober.probe(given);
    if (isPriced(probed) && !isUsed(probed, rule)) return probed.basket;
  }
  return null;
}

/** Somebody whom the rule is for; undefined: nobody is. */
function buyerFor(rule: Rule, customers: readonly LintCustomer[]): LintCustomer | null | undefined {
  const { customer_ids: ids, customer_groups: groups } = rule.conditions as Conditions;
  if (!ids && !groups) return null;
  return customers.find(({ id, group }) => ids?.includes(id) || (group !== null && groups?.includes(group)));
}
