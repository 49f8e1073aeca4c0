import type { Rule, RuleKind, RuleSetContent } from '@platen/schema/contracts/data/pricing-rules';
import { type LintProblem, lintErrors, lintWarnings } from '@platen/schema/contracts/data/rule-sets';
import t from 'tap';
import { type Finding, lintRuleSet } from './lint.js';
import {
  between,
  caps,
  catalogue,
  make,
  own,
  pick,
  type Random,
  randomFrom,
  shirts,
  soundSet,
} from './lint-world.fixture.js';
import { sampleId } from './samples.js';

/** Sound rule sets, in which nothing is found; and the same with one fault each, which is. */
const sets = 1_000;

/** A rule as loosely typed JSON, so that it can be spoiled. */
type Loose = { -readonly [K in keyof Rule]: Rule[K] } & {
  conditions: Record<string, unknown>;
  effect: Record<string, unknown> & { tiers: Record<string, unknown>[]; lead_times: Record<string, unknown>[] };
};
interface Draft {
  readonly rules: Loose[];
  /** The first of the kind. */
  of(kind: RuleKind): Loose;
  at(kind: RuleKind): number;
}
/** Spoils the draft and says whose fault it is now; null: the set's. */
type Plant = (draft: Draft, random: Random) => string | null;

const nobody = sampleId(8, 8);
const tiered = ['quantity_tier', 'screen_print', 'embroidery'] as const;
const added = (draft: Draft, index: number, rule: Rule): string => {
  // A copy of loose type: see above.
  draft.rules.splice(index, 0, rule as unknown as Loose);
  return rule.code;
};
const names =
  (name: string, value: string): Plant =>
  (draft, random) => {
    const kind = name.startsWith('customer')
      ? 'discount'
      : pick(random, ['quantity_tier', 'rush', 'embroidery'] as const);
    const rule = draft.of(kind);
    rule.conditions = { ...rule.conditions, [name]: [value] };
    return rule.code;
  };

/** A floor would keep the price up: nothing would be wrong. */
const withoutFloor = (draft: Draft): Draft => {
  const at = draft.at('margin_floor');
  if (at >= 0) draft.rules.splice(at, 1);
  return draft;
};

const plants: Readonly<Record<LintProblem, Plant>> = {
  duplicate_code: ({ rules }, random) => {
    const [first, second] = [between(random, 0, 3), between(random, 4, rules.length - 1)];
    (rules[second] as Loose).code = (rules[first] as Loose).code;
    return (rules[first] as Loose).code;
  },
  duplicate_id: ({ rules }, random) => {
    const second = rules[between(random, 4, rules.length - 1)] as Loose;
    second.id = (rules[between(random, 0, 3)] as Loose).id;
    return second.code;
  },
  base_price_absent: ({ rules }) => {
    rules.shift();
    return null;
  },
  base_price_late: ({ rules }, random) => {
    const base = rules.shift() as Loose;
    rules.splice(between(random, 1, rules.length), 0, base);
    return base.code;
  },
  product_without_base_price: (draft, random) => {
    draft.of('base_price').conditions = { category_ids: [pick(random, [shirts, caps])] };
    return null;
  },
  tier_overlap: (draft, random) => {
    const rule = draft.of(pick(random, tiered));
    const place = between(random, 1, rule.effect.tiers.length - 1);
    (rule.effect.tiers[place] as { from: unknown }).from = rule.effect.tiers[place - 1]?.['from'];
    return rule.code;
  },
  tiers_unsorted: (draft, random) => {
    const rule = draft.of(pick(random, tiered));
    rule.effect.tiers.reverse();
    return rule.code;
  },
  tier_inverted: (draft, random) => {
    const kind = pick(random, tiered);
    const rule = draft.of(kind);
    const tier = rule.effect.tiers[between(random, 1, 3)] as Record<string, unknown>;
    if (kind === 'quantity_tier') tier['value'] = '27';
    else if (kind === 'embroidery') tier[pick(random, ['price', 'per_thousand'])] = '9.5';
    else (tier['prices'] as string[])[between(random, 0, 2)] = '9.5';
    return rule.code;
  },
  total_drops: (draft, random) => {
    const rule = draft.of('quantity_tier');
    const [, tier] = rule.effect.tiers;
    for (const after of rule.effect.tiers.slice(1)) Object.assign(after, { value: String(between(random, 11, 13)) });
    return tier ? rule.code : null;
  },
  tier_gap: (draft, random) => {
    const rule = draft.of(pick(random, ['screen_print', 'embroidery'] as const));
    (rule.effect.tiers[0] as { from: number }).from = between(random, 2, 9);
    return rule.code;
  },
  colours_gap: (draft, random) => {
    const rule = draft.of('screen_print');
    const { prices } = rule.effect.tiers[between(random, 0, 3)] as { prices: string[] };
    prices.pop();
    return rule.code;
  },
  lead_time_overlap: (draft, random) => {
    const rule = draft.of('rush');
    const { lead_times: leads } = rule.effect;
    leads.push({ within_days: pick(random, leads)['within_days'], percent: '20' });
    return rule.code;
  },
  lead_times_inverted: (draft) => {
    const rule = draft.of('rush');
    (rule.effect.lead_times[1] as { percent: string }).percent = '55';
    return rule.code;
  },
  percent_beyond_100: (draft) =>
    added(
      draft,
      draft.at('quantity_tier'),
      make('quantity_tier', { count: 'line' }, { type: 'percent_off', tiers: [{ from: 500, value: '100.5' }] }),
    ),
  unknown_product: names('product_ids', nobody),
  unknown_category: names('category_ids', nobody),
  unknown_customer: names('customer_ids', nobody),
  unknown_group: names('customer_groups', 'nobody'),
  rule_unreachable: (draft, random) => {
    const kind = pick(random, [
      'quantity_tier',
      'size_upcharge',
      'screen_print',
      'rush',
      'minimum_charge',
      'discount',
    ] as const);
    const twin = structuredClone(draft.of(kind));
    twin.id = sampleId(6, 1);
    twin.code = 'twin';
    if (kind === 'discount') Object.assign(twin, { stackable: false });
    else if (kind !== 'quantity_tier') twin.conditions['category_ids'] = [pick(random, [shirts, caps])];
    draft.rules.splice(draft.at(kind) + between(random, 1, 3), 0, twin);
    return twin.code;
  },
  tier_unreachable: (draft, random) => {
    const rule = draft.of('quantity_tier');
    const from = Number(rule.effect.tiers[2]?.['from']) - between(random, 0, 5);
    const before = { category_ids: [shirts], count: rule.conditions['count'] };
    added(draft, 1, make('quantity_tier', before, { type: 'percent_off', tiers: [{ from, value: '5' }] }));
    return rule.code;
  },
  below_cost: (draft, random) =>
    added(
      withoutFloor(draft),
      draft.at('discount'),
      pick(random, [
        make('discount', { customer_ids: [own.id] }, { type: 'percent_off', value: '70' }, { stackable: false }),
        make(
          'discount',
          { min_quantity: between(random, 2, 80) },
          { type: 'percent_off', value: '85' },
          { stackable: true },
        ),
      ]),
    ),
  zero_price: (draft, random) =>
    added(
      withoutFloor(draft),
      draft.at('discount'),
      make(
        'discount',
        pick(random, [{}, { customer_ids: [own.id] }]),
        { type: 'amount_off', value: '500' },
        { stackable: true },
      ),
    ),
  floor_undercut: (draft) => {
    withoutFloor(draft);
    const floor = make('margin_floor', {}, { percent: '52' });
    added(draft, draft.at('discount'), floor);
    added(
      draft,
      draft.at('discount'),
      make('discount', { customer_ids: [own.id] }, { type: 'percent_off', value: '30' }, { stackable: true }),
    );
    return floor.code;
  },
};

function plant(sound: RuleSetContent, problem: LintProblem, random: Random) {
  // Spoiled in a copy; lint holds it against the schema all the same.
  const rules = structuredClone(sound.rules) as unknown as Loose[];
  const at = (kind: RuleKind) => rules.findIndex((rule) => rule.kind === kind);
  const culprit = plants[problem]({ rules, at, of: (kind) => rules[at(kind)] as Loose }, random);
  return { culprit, content: { ...sound, rules: rules as unknown as Rule[] } };
}

t.test('1,000 sound rule sets and one fault in each: named, with the rule whose fault it is', async (t) => {
  t.setTimeout(300_000);
  const random = randomFrom(4711);
  const problems: readonly LintProblem[] = [...lintErrors, ...lintWarnings];
  const alarms: Finding[] = [];
  const missed: unknown[] = [];
  const startedAt = process.cpuUsage();
  for (let n = 0; n < sets; n += 1) {
    const sound = soundSet(random);
    // Without a fault nothing is found: each third, for the time it takes.
    if (n % 3 === 0) alarms.push(...lintRuleSet(sound, catalogue));
    const problem = problems[n % problems.length] as LintProblem;
    const { culprit, content } = plant(sound, problem, random);
    const findings = lintRuleSet(content, catalogue);
    if (!findings.some((it) => it.problem === problem && it.ruleCode === culprit)) {
      missed.push({ problem, culprit, findings: findings.map((it) => [it.problem, it.ruleCode, it.message]) });
    }
    if (n % 20 === 0) await new Promise(setImmediate);
  }
  const { user, system } = process.cpuUsage(startedAt);
  t.same(alarms.slice(0, 2), [], 'no false alarm');
  t.same(missed.slice(0, 2), [], `${missed.length} missed`);
  t.comment(`measured: ${sets} faults of ${problems.length} kinds, ${Math.round((user + system) / 1_000)} ms CPU`);
});
