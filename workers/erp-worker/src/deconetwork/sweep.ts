import { createHash } from 'node:crypto';

// A list whose rows change places while it is read by offset. What does not change keeps its order among its like, whatever
// the list is sorted by: as long as each page shares such a row with what was read before it, no other was skipped.

export const pageRows = 100;
/** Rows that two pages share when nothing moves. */
const overlapRows = 10;
/** So far back where they share none: a page, less what was shared before. */
const backRows = pageRows - overlapRows;
/** A list that moves faster than it can be read is left for later. */
const maxSetbacks = 40;

export interface SweepPosition {
  readonly offset: number;
  /** Marks of the last rows that were read without a gap. */
  readonly tail: readonly string[];
  readonly setbacks: number;
}
export const sweepStart: SweepPosition = { offset: 0, tail: [], setbacks: 0 };

/** The list moves too fast. */
export class ListUnsettled extends Error {
  override readonly name = 'ListUnsettled';
}

/** A record as it was at one time: short, because it is kept. */
export const markOf = (id: string, modifiedAt: string | null): string =>
  createHash('sha256').update(`${id}\n${modifiedAt}`).digest('base64url').slice(0, 16);

/** Where to read next after a page, whose rows have these marks; null: it was the last. @throws ListUnsettled */
export function nextPosition(
  at: SweepPosition,
  page: { readonly marks: readonly string[]; readonly total: number | null },
): SweepPosition | null {
  const { marks, total } = page;
  const isJoined = at.offset === 0 || at.tail.some((mark) => marks.includes(mark));
  if (!isJoined) {
    if (at.setbacks >= maxSetbacks) throw new ListUnsettled('The list of the site changes faster than it can be read');
    return { ...at, offset: Math.max(0, at.offset - backRows), setbacks: at.setbacks + 1 };
  }
  // A site may repeat a row beyond the limit.
  const end = at.offset + Math.min(marks.length, pageRows);
  const hasMore = marks.length > 0 && (total === null ? marks.length >= pageRows : end < total);
  if (!hasMore) return null;
  return { ...at, offset: Math.max(at.offset + 1, end - overlapRows), tail: marks.slice(-overlapRows) };
}
