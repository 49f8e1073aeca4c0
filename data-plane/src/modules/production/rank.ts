import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const radix = digits.length;
const tagLength = 6;

/**
 * A workspace does not see the cards that others have in the same stage, whose ranks are not to be met: its ranks end with
 * a tag by chance, 36 bits of it. Who sees the whole organization needs none. Of a fresh UUIDv7, whose last 62 bits are random.
 */
export function tagOf(workspaceId: string | null, freshId: string): string {
  if (workspaceId === null) return '';
  let random = Number.parseInt(freshId.slice(-11), 16);
  let tag = '';
  while (tag.length < tagLength) {
    // Ranks do not end with a zero: between `a0` and `a00` there would be no room.
    const choices = tag === '' ? radix - 1 : radix;
    tag = digits.charAt((random % choices) + radix - choices) + tag;
    random = Math.floor(random / choices);
  }
  return tag;
}

/** A rank between two neighbours; null: there is none on that side. */
export function rankBetween(lower: string | null, upper: string | null, tag: string): string {
  let rank = generateKeyBetween(lower, upper);
  // What follows the beginning of the upper one could lie beyond it, once the tag is on it.
  while (tag !== '' && upper?.startsWith(rank)) rank = generateKeyBetween(rank, upper);
  return rank + tag;
}

/** Ranks behind the last one, in order. */
export const ranksAfter = (last: string | null, count: number, tag: string): string[] =>
  generateNKeysBetween(last, null, count).map((rank) => rank + tag);

/** Longer ranks are renewed: each move between the same two cards makes them longer by a sixth of a character. */
export const longestRank = 40;
