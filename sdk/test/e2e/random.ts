/** Numbers from 0 to 1 (mulberry32). The seed is printed; `TEST_SEED` gives it again. */
export function seededRandom(t: { comment(text: string): void }): () => number {
  const given = process.env['TEST_SEED'];
  let state = given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
  t.comment(`seed ${state}`);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
