import { hourMs, minuteMs } from '@platen/chassis/durations';
import fc from 'fast-check';
import t from 'tap';
import { cycleSeconds } from './cycle.js';
import { type Part, partsOfSpan } from './run-span.js';

t.test('a span is taken apart so that each moment of it is in one part', async () => {
  // Lengths of all sizes, and ends that are whole more often than chance would have it.
  const moment = fc.oneof(
    fc.integer({ min: 0, max: 4 * hourMs }),
    fc.integer({ min: 0, max: 240 }).map((n) => n * minuteMs),
    fc.integer({ min: 0, max: 4 }).map((n) => n * hourMs),
  );
  fc.assert(
    fc.property(moment, moment, (a, b) => {
      const span = { fromMs: Math.min(a, b), toMs: Math.max(a, b) };
      const { hours, minutes, readings } = partsOfSpan(span);
      const inOrder = [readings[0], minutes[0], hours, minutes[1], readings[1]];
      let untilMs = span.fromMs;
      for (const { fromMs, toMs } of inOrder.filter((part) => part.toMs > part.fromMs)) {
        if (fromMs !== untilMs) throw new Error(`${untilMs} to ${fromMs} is in no part, or in two`);
        untilMs = toMs;
      }
      if (untilMs !== span.toMs) throw new Error(`it ends at ${untilMs}`);
      const isWhole = (length: number) => (part: Part) =>
        part.fromMs === part.toMs || (part.fromMs % length === 0 && part.toMs % length === 0);
      const isShort = ({ fromMs, toMs }: Part) => toMs - fromMs < minuteMs;
      return isWhole(hourMs)(hours) && minutes.every(isWhole(minuteMs)) && readings.every(isShort);
    }),
    { numRuns: 2_000 },
  );
});

const minutesOf = (increases: readonly number[]) =>
  increases.map((increase, n) => ({ lastMs: (n + 1) * minuteMs, increase }));

t.test('the cycle is of the work: not of stops, and of the whole time that a slow piece takes', async (t) => {
  t.equal(cycleSeconds(minutesOf([30, 30, 30]), 1, 0), 2);
  t.equal(cycleSeconds(minutesOf([30, 30, 30]), 2, 0), 1, 'two at a stroke');
  t.equal(cycleSeconds(minutesOf([0, 0, 1, 0, 0, 1]), 1, 0), 180, 'a piece in three minutes');
  t.equal(cycleSeconds(minutesOf([500, 500]), 0.0001, 0), 1200, 'stitches');
  const stopped = [...Array<number>(5).fill(30), ...Array<number>(40).fill(0), 30, ...Array<number>(4).fill(30)];
  t.equal(cycleSeconds(minutesOf(stopped), 1, 0), 2, 'what came after a stop says nothing of how long it took');
  t.equal(cycleSeconds([{ lastMs: 20 * minuteMs, increase: 1 }], 1, 0), 1200, 'one that is always slow');
  t.equal(cycleSeconds(minutesOf([0, 0, 0]), 1, 0), null);
  t.equal(cycleSeconds([], 1, 0), null);
  t.equal(cycleSeconds([{ lastMs: 5, increase: 9 }], 1, 10), null, 'counted before it began');
  t.equal(cycleSeconds(minutesOf([1e12]), 1, 0), 0.001);
  t.equal(cycleSeconds(minutesOf([1]), 1e-9, 0), 1_000_000);
});

t.test('a machine of any steady pace, read in any minutes, has that pace', async (t) => {
  const pace = fc.property(
    fc.integer({ min: 1, max: 240 }),
    // With 3 minutes in which a slow piece was not done yet, 6 more are still no stop.
    fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 30 }),
    (seconds, minutesBetweenReads) => {
      let lastMs = 0;
      let before = 0;
      const minutes = minutesBetweenReads.map((apart) => {
        lastMs += apart * minuteMs;
        const count = Math.floor(lastMs / 1000 / seconds);
        const increase = count - before;
        before = count;
        return { lastMs, increase };
      });
      const cycle = cycleSeconds(minutes, 1, 0);
      if (cycle === null || before === 0) return cycle === null && before === 0;
      // The piece that was begun and not done is less than one of those that were counted.
      return cycle >= seconds && cycle < (seconds * (before + 1)) / before + 0.0005;
    },
  );
  t.doesNotThrow(() => fc.assert(pace, { numRuns: 2_000 }));
});
