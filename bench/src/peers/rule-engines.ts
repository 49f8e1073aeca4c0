import { createRequire } from 'node:module';
import type { Basket, BasketLine, TaxSettings } from '@platen/data-plane/modules/pricing/engine/basket';
import type { Rule } from '@platen/data-plane/modules/pricing/engine/rule-set';
import { Decimal } from 'decimal.js';
import { Engine } from 'json-rules-engine';

/** What a rule engine finds for one size of a line; what follows from it is computed in decimals, the same for all. */
interface Found {
  readonly base: string;
  /** Percent; 0: no tier is reached. */
  readonly tier: string;
  readonly upcharge: string;
  readonly discounts: readonly string[];
}
interface Facts {
  readonly [fact: string]: string | number;
  readonly product: string;
  readonly quantity: number;
  readonly size: string;
  readonly group: string;
}
export type FindRules = (facts: Facts) => Promise<Found>;

export async function priceBy(find: FindRules, basket: Basket, settings: TaxSettings): Promise<Decimal> {
  let net = new Decimal(0);
  for (const line of basket.lines) net = net.plus(await lineTotal(find, basket, line));
  const rate = new Decimal(settings.taxRates.get('standard') ?? '0').div(100);
  return net.plus(net.times(rate).toDecimalPlaces(2, Decimal.ROUND_HALF_UP));
}

async function lineTotal(find: FindRules, { customer }: Basket, line: BasketLine): Promise<Decimal> {
  const quantity = line.sizes.reduce((sum, size) => sum + size.quantity, 0);
  let total = new Decimal(0);
  for (const { options, quantity: pieces } of line.sizes) {
    const facts = { product: line.productId, quantity, size: options['size'] ?? '', group: customer?.group ?? '' };
    const { base, tier, upcharge, discounts } = await find(facts);
    let price = percentOff(new Decimal(base), tier).plus(upcharge);
    for (const percent of discounts) price = percentOff(price, percent);
    total = total.plus(price.toDecimalPlaces(2, Decimal.ROUND_HALF_UP).times(pieces));
  }
  return total.toDecimalPlaces(2, Decimal.ROUND_HALF_UP);
}

const percentOff = (price: Decimal, percent: string): Decimal => price.times(new Decimal(100).minus(percent).div(100));

/** A row of a rule: when, and what it says then. Of the measured rules only; the highest tier first. */
interface RuleRow {
  readonly kind: 'base' | 'tier' | 'upcharge' | 'discount';
  readonly when: Partial<Record<'product' | 'size' | 'group', string>>;
  readonly from: number;
  readonly value: string;
}
function rowsOf(rule: Rule): RuleRow[] {
  const product = rule.conditions.product_ids?.[0];
  if (rule.kind === 'base_price' && rule.effect.type === 'fixed' && product) {
    return [{ kind: 'base', when: { product }, from: 0, value: rule.effect.amount }];
  }
  if (rule.kind === 'quantity_tier' && product) {
    const rows = rule.effect.tiers.map(
      ({ from, value }): RuleRow => ({ kind: 'tier', when: { product }, from, value }),
    );
    return rows.reverse();
  }
  if (rule.kind === 'size_upcharge') {
    const { value } = rule.effect;
    return rule.conditions.values.map((size) => ({ kind: 'upcharge', when: { size }, from: 0, value }));
  }
  const group = rule.kind === 'discount' ? rule.conditions.customer_groups?.[0] : undefined;
  if (rule.kind !== 'discount' || !group) throw new Error(`not a measured rule: ${rule.code}`);
  return [{ kind: 'discount', when: { group }, from: 0, value: rule.effect.value }];
}

/** A rule for each row; of the events of a kind the first in declared order counts. */
export function jsonRulesEngine(rules: readonly Rule[]): FindRules {
  const rows = rules.flatMap(rowsOf);
  const engine = new Engine(
    rows.map(({ kind, when, from, value }, place) => ({
      conditions: {
        all: [
          ...Object.entries(when).map(([fact, wanted]) => ({ fact, operator: 'equal', value: wanted })),
          ...(from > 0 ? [{ fact: 'quantity', operator: 'greaterThanInclusive', value: from }] : []),
        ],
      },
      event: { type: kind, params: { value, place } },
    })),
  );
  return async (facts) => {
    const { events } = await engine.run(facts);
    const fired = events
      .map(({ type, params }) => ({ type, value: String(params?.['value']), place: Number(params?.['place']) }))
      .sort((a, b) => a.place - b.place);
    const first = (kind: string) => fired.find(({ type }) => type === kind)?.value ?? '0';
    const discounts = fired.filter(({ type }) => type === 'discount').map(({ value }) => value);
    return { base: first('base'), tier: first('tier'), upcharge: first('upcharge'), discounts };
  };
}

/** A decision table for each kind; discounts are collected, of the others the first row decides. */
interface ZenResult {
  readonly base?: { readonly value: string };
  readonly tier?: { readonly value: string };
  readonly upcharge?: { readonly value: string };
  readonly discount?: readonly { readonly value: string }[];
}
/** What of the engine's own binding is used here: its package names builds for platforms that not every registry has. */
interface ZenBinding {
  readonly ZenEngine: new () => {
    createDecision(content: object): { evaluate(input: object): Promise<{ readonly result?: ZenResult }> };
  };
}

function loadZen(): ZenBinding | null {
  try {
    return createRequire(import.meta.url)('@gorules/zen-engine-linux-x64-gnu') as ZenBinding;
  } catch {
    return null;
  }
}

/** null: no build for this platform. */
export function zenEngine(rules: readonly Rule[]): FindRules | null {
  const zen = loadZen();
  if (!zen) return null;
  const rows = rules.flatMap(rowsOf);
  const fields = ['product', 'quantity', 'size', 'group'] as const;
  const table = (kind: RuleRow['kind']) => ({
    id: kind,
    name: kind,
    type: 'decisionTableNode',
    content: {
      hitPolicy: kind === 'discount' ? 'collect' : 'first',
      inputField: null,
      outputPath: kind,
      passThrough: false,
      executionMode: 'single',
      inputs: fields.map((field) => ({ id: field, name: field, field })),
      outputs: [{ id: 'value', name: 'value', field: 'value' }],
      rules: rows
        .filter((row) => row.kind === kind)
        .map(({ when, from, value }, place) => ({
          _id: `${kind}-${place}`,
          product: when.product ? JSON.stringify(when.product) : '',
          quantity: from > 0 ? `>= ${from}` : '',
          size: when.size ? JSON.stringify(when.size) : '',
          group: when.group ? JSON.stringify(when.group) : '',
          value: JSON.stringify(value),
        })),
    },
  });
  const kinds = ['base', 'tier', 'upcharge', 'discount'] as const;
  const decision = new zen.ZenEngine().createDecision({
    contentType: 'application/vnd.gorules.decision',
    nodes: [
      { id: 'in', name: 'in', type: 'inputNode' },
      ...kinds.map(table),
      { id: 'out', name: 'out', type: 'outputNode' },
    ],
    edges: kinds.flatMap((kind) => [
      { id: `in-${kind}`, sourceId: 'in', targetId: kind, type: 'edge' },
      { id: `${kind}-out`, sourceId: kind, targetId: 'out', type: 'edge' },
    ]),
  });
  return async (facts) => {
    const { result } = await decision.evaluate(facts);
    const value = (kind: 'base' | 'tier' | 'upcharge'): string => result?.[kind]?.value ?? '0';
    const discounts = result?.discount ?? [];
    return {
      base: value('base'),
      tier: value('tier'),
      upcharge: value('upcharge'),
      discounts: discounts.map((discount) => discount.value),
    };
  };
}
