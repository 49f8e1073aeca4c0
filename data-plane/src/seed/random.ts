import { createHash } from 'node:crypto';

/** Seeded pseudo-random numbers (mulberry32): the same seed gives the same data on every machine. */
export interface Random {
  /** 0 ≤ x < 1. */
  next(): number;
  /** An integer from `from` to `to`, both included. */
  between(from: number, to: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** True once in so many. */
  oneIn(times: number): boolean;
}

export function seededRandom(seed: string): Random {
  let state = createHash('sha256').update(seed).digest().readUInt32LE(0);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    between,
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
    oneIn: (times) => next() * times < 1,
  };
}

/** A UUIDv7 (RFC 9562) whose random part comes from the name: a second run finds what the first wrote. */
export function seedId(name: string, createdAtMs: number, order = 0): string {
  const time = createdAtMs.toString(16).padStart(12, '0');
  const digits = createHash('sha256').update(name).digest('hex');
  // The 12 bits after the version keep what was made in the same millisecond in its order.
  const place = (order % 4096).toString(16).padStart(3, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${place}-8${digits.slice(0, 3)}-${digits.slice(3, 15)}`;
}
