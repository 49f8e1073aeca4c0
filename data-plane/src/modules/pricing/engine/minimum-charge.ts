import type { MinimumEntry } from './entries.js';
import { compare, type Exact, formatShort, roundHalfUp, subtract } from './exact.js';
import type { Fee } from './fees.js';
import { type LineRun, lose } from './line-run.js';

/** The least that the line costs; null: no rule says so. */
export function minimumOf({ plan, context }: LineRun): { entry: MinimumEntry; amount: Exact } | null {
  const [entry] = plan.minimums;
  return entry ? { entry, amount: roundHalfUp(entry.amount, context.compiled.minorDigits) } : null;
}

/** What is missing to the minimum, as a fee; null: nothing. */
export function topUp(run: LineRun, sum: Exact): Fee | null {
  const minimum = minimumOf(run);
  if (!minimum) return null;
  const { entry, amount } = minimum;
  const enough = compare(sum, amount) >= 0;
  if (enough) lose(run, entry, 'the line costs this much already');
  for (const rule of run.plan.minimums.slice(1)) lose(run, rule, 'an earlier minimum charge decided');
  if (enough) return null;
  const effect = `${formatShort(sum)} to ${formatShort(amount)}`;
  return { entry, designId: null, location: null, amount: subtract(amount, sum), effect };
}
