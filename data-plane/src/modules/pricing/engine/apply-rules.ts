import { startPrices } from './base-price.js';
import type { BasketLine } from './basket.js';
import { quantityOf } from './counts.js';
import { applyDecorationRule, applySetup } from './decoration-rules.js';
import type { LaterEntry } from './entries.js';
import { type Group, groupSizes, type LineContext, type LineRun, lose, type RunOptions } from './line-run.js';
import type { Plan } from './plan.js';
import {
  applyCustomerPrice,
  applyDiscount,
  applyMarginFloor,
  applyRush,
  applyTier,
  applyUpcharge,
} from './unit-rules.js';

const recorded: RunOptions = { more: 0, discounted: true, recording: true };

/** Base prices, then every rule of the line in declared order. Throws PricingRefusal where a size has no base price. */
export function runRules(line: BasketLine, plan: Plan, context: LineContext): LineRun {
  return runWith(line, plan, context, groupSizes(line, plan), recorded);
}

/** The same with other options, and without a record. */
export const runAgain = (run: LineRun, options: Partial<Pick<RunOptions, 'more' | 'discounted'>>): LineRun =>
  runWith(run.line, run.plan, run.context, run.groups, { ...recorded, recording: false, ...options });

function runWith(
  line: BasketLine,
  plan: Plan,
  context: LineContext,
  groups: readonly Group[],
  options: RunOptions,
): LineRun {
  const run: LineRun = {
    ...options,
    line,
    plan,
    context,
    groups,
    quantity: quantityOf(line) + options.more,
    tracks: [],
    picks: [],
    decided: new Set(),
    decorated: line.decorations.map(() => false),
    setUp: new Set(),
    fees: [],
    discounts: 'none',
    steps: '',
    losers: '',
  };
  startPrices(run);
  for (const entry of plan.later) applyRule(run, entry);
  return run;
}

function applyRule(run: LineRun, entry: LaterEntry): void {
  if (run.decided.has(entry.kind)) {
    if (run.recording) lose(run, entry, `an earlier ${words[entry.kind]} decided`);
    return;
  }
  switch (entry.kind) {
    case 'quantity_tier':
      applyTier(run, entry);
      break;
    case 'size_upcharge':
      applyUpcharge(run, entry);
      break;
    case 'screen_print':
    case 'embroidery':
    case 'area_price':
      applyDecorationRule(run, entry);
      break;
    case 'setup_fee':
      applySetup(run, entry);
      break;
    case 'customer_price':
      applyCustomerPrice(run, entry);
      break;
    case 'discount':
      applyDiscount(run, entry);
      break;
    case 'rush':
      applyRush(run, entry);
      break;
    case 'margin_floor':
      applyMarginFloor(run, entry);
      break;
  }
}

const words: Readonly<Record<LaterEntry['kind'], string>> = {
  quantity_tier: 'quantity tier',
  size_upcharge: 'up-charge',
  screen_print: 'print price',
  embroidery: 'embroidery price',
  area_price: 'area price',
  setup_fee: 'set-up fee',
  customer_price: 'customer price',
  discount: 'discount',
  rush: 'rush surcharge',
  margin_floor: 'margin floor',
};
