import { runRules } from './apply-rules.js';
import type { BasketLine, PricedFee, PricedLine } from './basket.js';
import { sha256 } from './canonical.js';
import { requireDecorated, requireMeasures } from './check-decorations.js';
import { add, compare, divideByInteger, type Exact, formatExact, roundHalfUp, subtract, zero } from './exact.js';
import { type Elsewhere, type Fee, isElsewhere } from './fees.js';
import {
  type FeeDue,
  type Group,
  grossPrice,
  type LineContext,
  type LineRun,
  sumPieces,
  unitPrice,
} from './line-run.js';
import { minimumOf, topUp } from './minimum-charge.js';
import { findNextBreak } from './next-break.js';
import type { Plan } from './plan.js';
import { type SizePrice, writeReceipt } from './receipt.js';
import { PricingRefusal } from './refusal.js';

export interface LineResult {
  readonly line: PricedLine;
  readonly total: Exact;
  /** What discounts took off; already in `total`. */
  readonly discount: Exact;
}

/** numeric(18,4) holds fourteen digits before the point. */
const limit: Exact = { units: 10 ** 14, scale: 0 };

/** The rules of a line, and the fees that are due for its artworks. */
export function runLine(line: BasketLine, plan: Plan, context: LineContext): LineRun {
  requireMeasures(line, context.index);
  const run = runRules(line, plan, context);
  requireDecorated(run);
  return run;
}

const noFees: readonly FeeDue[] = [];

/** Totals and receipt, once it is known which fees other lines bear. */
export function finishLine(run: LineRun, elsewhere: Elsewhere): LineResult {
  const { line, context, quantity } = run;
  const { compiled } = context;
  const exactSum = sumPieces(run);
  const sum = roundHalfUp(exactSum, compiled.minorDigits);
  const fees: Fee[] = run.fees.filter((fee) => !isElsewhere(fee, elsewhere));
  const dueFees = fees.reduce((total, fee) => add(total, fee.amount), zero);
  const rest = topUp(run, add(sum, dueFees));
  if (rest) fees.push(rest);
  const feeTotal = rest ? add(dueFees, rest.amount) : dueFees;
  const total = add(sum, feeTotal);
  if (compare(total, limit) >= 0) {
    throw new PricingRefusal('amount_out_of_range', context.index, 'The line total has more than 14 digits');
  }
  const discount = run.discounts === 'none' ? zero : subtract(undiscounted(run, dueFees), total);
  const prices = pricesBySize(run);
  const borneElsewhere = elsewhere.size > 0 ? run.fees.filter((fee) => isElsewhere(fee, elsewhere)) : noFees;
  const nextBreak = findNextBreak(run, exactSum);
  const receipt = writeReceipt(run, { prices, fees, elsewhere: borneElsewhere, feeTotal, total, discount, nextBreak });
  return {
    line: {
      productId: line.productId,
      designId: line.designId,
      decorations: line.decorations,
      quantity,
      unitPrice: formatExact(divideByInteger(exactSum, quantity, 4)),
      feeTotal: formatExact(feeTotal),
      fees: fees.map(pricedFee),
      lineTotal: formatExact(total),
      sizes: line.sizes.map((size, index) => ({
        variantId: size.variantId,
        quantity: size.quantity,
        unitPrice: prices[index]?.text ?? '',
      })),
      receipt,
      receiptHash: sha256(receipt),
    },
    total,
    discount,
  };
}

const pricedFee = ({ entry, designId, location, amount, effect }: Fee): PricedFee => ({
  ruleId: entry.ruleId,
  ruleCode: entry.ruleCode,
  kind: entry.kind,
  designId,
  location,
  text: effect,
  amount: formatExact(amount),
});

function pricesBySize(run: LineRun): SizePrice[] {
  const prices: SizePrice[] = [];
  for (const track of run.tracks) {
    const price = unitPrice(run, track.price);
    const sized = { price, text: formatExact(price) };
    for (let index = 0; index < run.groupOf.length; index += 1) {
      if (track.groups.includes(run.groupOf[index] as Group)) prices[index] = sized;
    }
  }
  return prices;
}

/** The line total as it would be without discounts. */
function undiscounted(run: LineRun, dueFees: Exact): Exact {
  const pieces = roundHalfUp(sumPieces(run, grossPrice), run.context.compiled.minorDigits);
  const total = add(pieces, dueFees);
  const minimum = minimumOf(run);
  return minimum && compare(total, minimum.amount) < 0 ? minimum.amount : total;
}
