import { runWithMore } from './apply-rules.js';
import { artworkOf, quantityOf } from './counts.js';
import { compare, divideByInteger, type Exact } from './exact.js';
import { type LineRun, sumPieces } from './line-run.js';
import { decorates } from './plan.js';
import { countFor } from './unit-rules.js';

export interface NextBreak {
  readonly more: number;
  readonly unitPrice: Exact;
  readonly ruleCode: string;
}

/** The fewest further pieces of the line, in its present mix of sizes, that lower its average unit price. Fees are apart. */
export function findNextBreak(run: LineRun, sum: Exact): NextBreak | null {
  for (let more = nextThreshold(run, 0); more > 0; more = nextThreshold(run, more)) {
    const then = runWithMore(run, more);
    // More pieces may reach a tier without a price for as many colours: then that many can't be had.
    if (then.decorated.includes(false)) continue;
    const total = sumPieces(then);
    if (compare(total, sum) < 0) {
      return { more, unitPrice: divideByInteger(total, quantityOf(run.line), 4), ruleCode: changedRule(run, then) };
    }
  }
  return null;
}

/** The first rule that takes effect otherwise than now. */
function changedRule(run: LineRun, then: LineRun): string {
  const changed = then.picks.find(
    ({ entry, from, decoration }) =>
      !run.picks.some((now) => now.entry === entry && now.from === from && now.decoration === decoration),
  );
  return (changed ?? then.picks[0])?.entry.ruleCode ?? '';
}

/** The smallest number of pieces above `after` at which some rule reaches a further tier; 0: none. */
function nextThreshold(run: LineRun, after: number): number {
  let least = 0;
  const consider = (more: number) => {
    if (more > after && (least === 0 || more < least)) least = more;
  };
  for (const entry of run.plan.later) {
    if (entry.kind === 'quantity_tier') {
      const count = countFor(run, entry, run.line.designId);
      for (const tier of entry.tiers) consider(tier.from - count);
    } else if (entry.kind === 'discount') {
      consider(entry.minQuantity - run.quantity);
    } else if ('tiers' in entry) {
      for (const decoration of run.line.decorations) {
        if (!decorates(entry, decoration)) continue;
        const count = countFor(run, entry, artworkOf(run.line, decoration));
        for (const tier of entry.tiers) consider(tier.from - count);
      }
    }
  }
  return least;
}
