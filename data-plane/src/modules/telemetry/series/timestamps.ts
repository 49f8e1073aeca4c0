interface KnownSecond {
  readonly second: number;
  readonly text: string;
}

/** The last readings of a fleet are of few seconds: writing each time anew took more than a third of writing an answer. */
const knownSeconds: KnownSecond[] = Array.from({ length: 1_024 }, () => ({ second: Number.NaN, text: '' }));
const ends = Array.from({ length: 1_000 }, (_, millis) => `${String(millis).padStart(3, '0')}Z`);

/** As `toISOString` writes it. @throws RangeError no time of a calendar */
export function timestampOf(ms: number): string {
  const second = Math.floor(ms / 1_000);
  const slot = second & 1_023;
  let known = knownSeconds[slot];
  if (known?.second !== second) {
    known = { second, text: new Date(second * 1_000).toISOString().slice(0, -4) };
    knownSeconds[slot] = known;
  }
  return known.text + ends[ms - second * 1_000];
}
