import type { RuleSetContent } from '@platen/schema/contracts/data/pricing-rules';
import t from 'tap';
import type { Basket, BasketDecoration, PricedLine } from './basket.js';
import { type CompiledRuleSet, compileRuleSet } from './compile.js';
import { compare, integer, multiply, parseExact, subtract } from './exact.js';
import { type Finding, lintRuleSet } from './lint.js';
import { anySet, between, catalogue, own, pick, type Random, randomFrom, regular } from './lint-world.fixture.js';
import { priceBasket } from './price-basket.js';
import { PricingRefusal } from './refusal.js';
import { sampleId } from './samples.js';

/** Every finding of 1,000 random rule sets, held against prices that lint had no part in. */
const sets = 1_000;
const searched = 15;

const untaxed = { taxRounding: 'document', taxRates: new Map([['none', '0']]) } as const;
function price(rules: CompiledRuleSet, basket: Basket): PricedLine | PricingRefusal {
  try {
    return priceBasket(rules, basket, untaxed).lines[0] as PricedLine;
  } catch (error) {
    if (error instanceof PricingRefusal) return error;
    throw error;
  }
}
interface Used {
  readonly rule_id: string;
  readonly conditions?: Readonly<Record<string, string>>;
}
function usedIn(line: PricedLine): readonly Used[] {
  const { steps, fees } = JSON.parse(line.receipt) as { steps: readonly Used[]; fees: readonly Used[] };
  return [...steps, ...fees];
}

const exceeds = (a: string, b: string): boolean => compare(parseExact(a), parseExact(b)) > 0;
const sizesOf = (line: PricedLine, [basket]: readonly Basket[]) =>
  line.sizes.flatMap(({ unitPrice }, index) => {
    const cost = basket?.lines[0]?.sizes[index]?.cost ?? null;
    return cost === null ? [] : [{ unit: unitPrice, cost }];
  });

t.test('1,000 random rule sets: what lint says is so', async (t) => {
  t.setTimeout(300_000);
  const random = randomFrom(20_260_301);
  const seen = new Map<string, number>();
  const wrong: unknown[] = [];
  const startedAt = process.cpuUsage();
  for (let n = 0; n < sets; n += 1) {
    const content = anySet(random);
    const rules = compileRuleSet({ id: sampleId(9, 1), hash: '', content });
    const findings = lintRuleSet(content, catalogue);
    const unreached = findings.filter(({ problem }) => problem.endsWith('_unreachable'));
    const uses = unreached.length > 0 ? searchUses(rules, content, random) : [];
    for (const it of findings) {
      seen.set(it.problem, (seen.get(it.problem) ?? 0) + 1);
      const why = contradiction(it, content, rules, uses);
      if (why !== null) wrong.push({ n, why, ...it });
    }
    if (n % 20 === 0) await new Promise(setImmediate);
  }
  const { user, system } = process.cpuUsage(startedAt);
  t.same(wrong.slice(0, 3), []);
  for (const problem of [
    ...['base_price_absent', 'tier_overlap', 'tiers_unsorted', 'tier_inverted', 'lead_time_overlap'],
    ...['product_without_base_price', 'base_price_late', 'rule_unreachable', 'tier_unreachable', 'tier_gap'],
    ...['colours_gap', 'total_drops', 'lead_times_inverted', 'below_cost', 'zero_price', 'floor_undercut'],
  ]) {
    t.ok(seen.get(problem), `${problem} was found and true`);
  }
  const found = [...seen.values()].reduce((sum, count) => sum + count, 0);
  t.comment(`measured: ${found} findings in ${sets} sets, ${Math.round((user + system) / 1_000)} ms CPU`);
});

/** Why a finding is not true; null: it is. */
function contradiction(
  { problem, witness, ruleId, path }: Finding,
  { rules: list }: RuleSetContent,
  rules: CompiledRuleSet,
  uses: readonly (readonly Used[])[],
): string | null {
  const at = list.findIndex(({ id }) => id === ruleId);
  const lines = witness.map((basket) => price(rules, basket));
  const [first, second] = lines.map((line) => (line instanceof PricingRefusal ? null : line));
  const place = Number(/\/(\d+)$/.exec(path)?.[1]);
  switch (problem) {
    case 'base_price_absent':
      return list.some(({ kind }) => kind === 'base_price') ? 'there is one' : null;
    case 'base_price_late':
      return list.slice(0, at).every(({ kind }) => kind === 'base_price') ? 'nothing stands before it' : null;
    case 'tier_overlap':
    case 'tiers_unsorted': {
      const effect = list[at]?.effect as { tiers: readonly { from: number }[] };
      const from = effect.tiers[place]?.from ?? 0;
      const before = effect.tiers.slice(0, place).map((tier) => tier.from);
      return before.some((start) => start >= from) ? null : 'they ascend';
    }
    case 'lead_time_overlap': {
      const effect = list[at]?.effect as { lead_times: readonly { within_days: number }[] };
      const days = effect.lead_times.map((lead) => lead.within_days);
      return days.indexOf(days[place] ?? -1) < place ? null : 'all differ';
    }
    case 'tier_inverted':
      if (!first || !second || first.quantity >= second.quantity) return 'not fewer and more';
      return exceeds(second.unitPrice, first.unitPrice) ? null : 'more pieces are not dearer';
    case 'total_drops':
      if (!first || !second || first.quantity >= second.quantity) return 'not fewer and more';
      return exceeds(first.lineTotal, second.lineTotal) ? null : 'more pieces do not cost less';
    case 'lead_times_inverted':
      if (!first || !second || (witness[0]?.dueOn ?? '') >= (witness[1]?.dueOn ?? '')) return 'not sooner and later';
      return exceeds(second.unitPrice, first.unitPrice) ? null : 'later is not dearer';
    case 'below_cost':
      return first && sizesOf(first, witness).some(({ unit, cost }) => exceeds(cost, unit)) ? null : 'not below cost';
    case 'zero_price':
      return first?.sizes.some(({ unitPrice }) => Number(unitPrice) === 0) ? null : 'not for nothing';
    case 'floor_undercut': {
      const { percent = '0' } = (list[at]?.effect ?? {}) as { percent?: string };
      const share = subtract(integer(100), parseExact(percent));
      const under = ({ unit, cost }: { unit: string; cost: string }) =>
        compare(multiply(parseExact(unit), share), multiply(parseExact(cost), integer(100))) < 0;
      return first && sizesOf(first, witness).some(under) ? null : 'the margin is kept';
    }
    case 'product_without_base_price':
    case 'tier_gap':
    case 'colours_gap':
      return lines[0] instanceof PricingRefusal && lines[0].code === 'price_unavailable' ? null : 'it has a price';
    case 'rule_unreachable':
      if (!first || usedIn(first).some((use) => use.rule_id === ruleId)) return 'the witness uses it';
      return uses.flat().some((use) => use.rule_id === ruleId) ? 'a basket uses it' : null;
    case 'tier_unreachable': {
      const effect = list[at]?.effect as { tiers: readonly { from: number }[] };
      const from = String(effect.tiers[place]?.from);
      const isIt = (use: Used) => use.rule_id === ruleId && use.conditions?.['from'] === from;
      if (!first || usedIn(first).some(isIt)) return 'the witness uses it';
      return uses.flat().some(isIt) ? 'a basket uses it' : null;
    }
    default:
      return 'nothing of the kind is in these sets';
  }
}

/** What random baskets use: at the quantities where tiers begin, of all products, buyers, places and processes. */
function searchUses(rules: CompiledRuleSet, { rules: list }: RuleSetContent, random: Random): readonly Used[][] {
  const starts = list.flatMap(({ effect }) => ('tiers' in effect ? effect.tiers.map(({ from }) => from) : []));
  const quantities = [1, 100, ...starts, ...starts.map((from) => from + 1)];
  return Array.from({ length: searched }, () => {
    const lines = Array.from({ length: between(random, 1, 2) }, () => randomLine(random, pick(random, quantities)));
    const basket: Basket = {
      priceOn: '2026-01-01',
      dueOn: pick(random, [null, '2026-01-01', '2026-01-04', '2026-01-08']),
      currency: 'EUR',
      customer: pick(random, [null, { ...regular, taxExempt: true }, { ...own, taxExempt: true }]),
      lines,
    };
    try {
      return priceBasket(rules, basket, untaxed).lines.flatMap(usedIn);
    } catch (error) {
      if (error instanceof PricingRefusal) return [];
      throw error;
    }
  });
}

function randomLine(random: Random, quantity: number): Basket['lines'][number] {
  const product = pick(random, catalogue.products);
  const variant = pick(random, product.variants);
  const process = pick(random, ['screen_print', 'embroidery', 'transfer', 'engraving'] as const);
  const decoration: BasketDecoration = {
    process,
    location: pick(random, ['front', 'back', 'sleeve']),
    designId: null,
    colours: process === 'screen_print' ? between(random, 1, 4) : null,
    stitches: process === 'embroidery' ? between(random, 1, 9_000) : null,
    widthMm: process === 'transfer' || process === 'engraving' ? 100 : null,
    heightMm: process === 'transfer' || process === 'engraving' ? 80 : null,
    reorder: false,
  };
  return {
    productId: product.id,
    categoryId: product.categoryId,
    taxClass: 'none',
    basePrice: product.basePrice,
    designId: pick(random, [null, sampleId(7, 1)]),
    decorations: random() < 0.7 ? [decoration] : [],
    sizes: [
      { variantId: variant.id, quantity, priceDelta: variant.priceDelta, cost: variant.cost, options: variant.options },
    ],
  };
}
