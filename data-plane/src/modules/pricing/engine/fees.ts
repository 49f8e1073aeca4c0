import { canonicalJson } from './canonical.js';
import type { MinimumEntry } from './entries.js';
import { compare, type Exact, roundHalfUp } from './exact.js';
import type { FeeDue, LineRun } from './line-run.js';

/** What a line pays: a fee for an artwork, or the rest to its minimum. */
export type Fee = FeeDue | (Omit<FeeDue, 'entry'> & { readonly entry: MinimumEntry });

/** Notes that a fee is due. Within a line the highest of a kind for an artwork (and place) is due, once. */
export function dueFee(run: LineRun, due: FeeDue): void {
  const rounded = { ...due, amount: roundHalfUp(due.amount, run.context.compiled.minorDigits) };
  if (rounded.amount.units <= 0) return;
  const known = run.fees.findIndex((other) => sameCause(other, rounded));
  const other = run.fees[known];
  if (!other) run.fees.push(rounded);
  else if (compare(rounded.amount, other.amount) > 0) run.fees[known] = rounded;
}

const sameCause = (a: FeeDue, b: FeeDue): boolean =>
  a.entry.kind === b.entry.kind && a.designId === b.designId && a.location === b.location;

/** What a fee is charged for over the whole basket. null: for the line's own artwork, so by the line alone. */
export const causeOf = (kind: string, designId: string | null, location: string | null): string | null =>
  designId === null ? null : `${kind}/${designId}/${location ?? ''}`;

/** Causes of fees that another line bears. */
export type Elsewhere = ReadonlySet<string>;
const nowhere: Elsewhere = new Set();

/**
 * Which of a line's fees others bear. The line that bears one is the one of which it is highest, then the one with the
 * most pieces, then by content: never by its place, so that reordering a basket moves no fee.
 */
export function shareFees(runs: readonly LineRun[]): readonly Elsewhere[] {
  const bearers = new Map<string, { run: LineRun; amount: Exact }>();
  let shared = false;
  for (const run of runs) {
    for (const { entry, designId, location, amount } of run.fees) {
      const cause = causeOf(entry.kind, designId, location);
      if (cause === null) continue;
      const bearer = bearers.get(cause);
      if (bearer) shared = true;
      if (!bearer || bears(run, amount, bearer)) bearers.set(cause, { run, amount });
    }
  }
  if (!shared) return runs.map(() => nowhere);
  return runs.map((run) => {
    const causes = run.fees.map((fee) => causeOf(fee.entry.kind, fee.designId, fee.location));
    return new Set(causes.filter((cause) => cause !== null && bearers.get(cause)?.run !== run) as string[]);
  });
}

function bears(run: LineRun, amount: Exact, other: { run: LineRun; amount: Exact }): boolean {
  const byAmount = compare(amount, other.amount);
  if (byAmount !== 0) return byAmount > 0;
  if (run.quantity !== other.run.quantity) return run.quantity > other.run.quantity;
  // Lines of equal content are priced alike: whichever bears the fee, the same prices are there.
  return contentOf(run) < contentOf(other.run);
}

const contentOf = ({ line }: LineRun): string => canonicalJson(line);

export const isElsewhere = (fee: FeeDue, elsewhere: Elsewhere): boolean => {
  const cause = causeOf(fee.entry.kind, fee.designId, fee.location);
  return cause !== null && elsewhere.has(cause);
};
