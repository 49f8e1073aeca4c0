import type { DnConflictRule } from '@platen/schema/states/deconetwork';
import { canonicalJson } from '../../pricing/index.js';

/** Fields of ours that a record of the site sets, by name. */
export type Fields = Readonly<Record<string, unknown>>;

export interface Sides {
  /** As both were when they were last the same; null: somebody has only now said that they are one record. */
  readonly base: Fields | null;
  readonly theirs: Fields;
  readonly ours: Fields;
}

export interface Merged {
  /** What is to stand here. */
  readonly result: Fields;
  /** The base of the next merge. */
  readonly base: Fields;
  /** Fields whose value here changes. */
  readonly changed: readonly string[];
  /** Fields that both sides changed, and not to the same. */
  readonly conflicts: readonly string[];
  /** Of the conflicts, the values that do not stand; of a review, the site's, which wait. null: there were none. */
  readonly loser: Fields | null;
  /** Conflicts that a person has to decide. */
  readonly waiting: readonly string[];
}

export const isSame = (a: unknown, b: unknown): boolean =>
  a === b || canonicalJson(a ?? null) === canonicalJson(b ?? null);

/**
 * Field by field: who alone changed it is right; where both did, the rule says. Fields of a group are one: an order's
 * lines with somebody else's total would be nobody's order. What is `held` cannot become another one here: where the site
 * has it otherwise, that is a conflict, and waits unless ours is to stand.
 */
export function mergeFields(
  { base, theirs, ours }: Sides,
  rule: DnConflictRule,
  groups: readonly (readonly string[])[] = [],
  held: ReadonlySet<string> = new Set(),
): Merged {
  const result: Record<string, unknown> = {};
  const nextBase: Record<string, unknown> = {};
  const changed: string[] = [];
  const conflicts: string[] = [];
  const waiting: string[] = [];
  const loser: Record<string, unknown> = {};
  for (const group of groupsOf(theirs, groups)) {
    const same = (a: Fields | null, b: Fields) => a !== null && group.every((name) => isSame(a[name], b[name]));
    const isTheirs = same(base, ours) && !same(theirs, ours);
    const isHeld = !same(theirs, ours) && group.some((name) => held.has(name));
    const isConflict = isHeld || (base !== null && !same(base, ours) && !same(base, theirs) && !same(theirs, ours));
    if (isConflict) conflicts.push(...group);
    // Nobody has changed a record yet that has no base: ours stands, unless the rule is the site's.
    const takes = !isHeld && (isTheirs || ((isConflict || base === null) && rule === 'site'));
    const waits = isConflict && !takes && rule !== 'platen';
    if (waits) waiting.push(...group);
    for (const name of group) {
      const isNews = takes && !isSame(theirs[name], ours[name]);
      result[name] = takes ? theirs[name] : ours[name];
      if (isNews) changed.push(name);
      nextBase[name] = waits ? (base ?? ours)[name] : theirs[name];
      if (isConflict && !isSame(theirs[name], ours[name])) loser[name] = takes ? ours[name] : theirs[name];
    }
  }
  return { result, base: nextBase, changed, conflicts, loser: conflicts.length === 0 ? null : loser, waiting };
}

function groupsOf(theirs: Fields, groups: readonly (readonly string[])[]): (readonly string[])[] {
  const grouped = new Set(groups.flat());
  const alone = Object.keys(theirs).filter((name) => !grouped.has(name));
  return [...alone.map((name) => [name]), ...groups.filter((group) => group.some((name) => name in theirs))];
}

/** A page that drifted, or an order that was changed before another one of the same customer. */
export const isOlder = (modifiedAt: string | null, known: string | null): boolean =>
  modifiedAt !== null && known !== null && modifiedAt < known;

export const conflictError = (fields: readonly string[]) => ({
  code: 'conflict',
  message: `Changed on both sides: ${fields.join(', ')}`.slice(0, 500),
});
