import { startPrices } from './base-price.js';
import type { BasketLine } from './basket.js';
import { quantityOf } from './counts.js';
import { applyDecorationRule, applySetup } from './decoration-rules.js';
import type { LaterEntry } from './entries.js';
import { type Group, groupSizes, type LineContext, type LineRun, lose } from './line-run.js';
import type { Plan } from './plan.js';
import { PricingRefusal } from './refusal.js';
import {
  applyCustomerPrice,
  applyDiscount,
  applyMarginFloor,
  applyRush,
  applyTier,
  applyUpcharge,
} from './unit-rules.js';

/** Base prices, then every rule of the line in declared order. Throws PricingRefusal where a size has no base price. */
export function runRules(line: BasketLine, plan: Plan, context: LineContext): LineRun {
  const sizes = line.sizes.map((size) => plan.sizeOf(size.options));
  const groups: Group[] = [];
  const groupOf = groupSizes(line, plan, sizes, groups);
  return runAll(createRun({ line, plan, context, sizes, groups, groupOf }, 0, true));
}

/** The same with further pieces of the line, and without a record. */
export const runWithMore = (run: LineRun, more: number): LineRun => runAll(createRun(run, more, false));

/** Every member is named: an object made by spreading is slow to read. */
function createRun(
  {
    line,
    plan,
    context,
    sizes,
    groups,
    groupOf,
  }: Pick<LineRun, 'line' | 'plan' | 'context' | 'sizes' | 'groups' | 'groupOf'>,
  more: number,
  recording: boolean,
): LineRun {
  return {
    line,
    plan,
    context,
    sizes,
    groups,
    groupOf,
    more,
    recording,
    quantity: quantityOf(line) + more,
    tracks: [],
    picks: [],
    decided: [],
    decorated: line.decorations.map(() => false),
    setUp: [],
    fees: [],
    discounts: 'none',
    steps: '',
    losers: '',
  };
}

/** Characters, as many as are taken back to be verified. Pricing takes as long as its receipt is. */
export const maxReceiptLength = 500_000;

function runAll(run: LineRun): LineRun {
  startPrices(run);
  for (const entry of run.plan.later) {
    applyRule(run, entry);
    if (run.steps.length + run.losers.length > maxReceiptLength) {
      throw new PricingRefusal(
        'price_unavailable',
        run.context.index,
        'More rules are for the line than a receipt holds',
      );
    }
  }
  return run;
}

function applyRule(run: LineRun, entry: LaterEntry): void {
  if (run.decided.includes(entry.kind)) {
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
