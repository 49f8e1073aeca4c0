import t from 'tap';
import { timestampOf } from './timestamps.js';

t.test('a time is written as a date writes it, whatever was written before', (t) => {
  const aroundMs = [
    0,
    1,
    999,
    1_000,
    -1,
    -1_000,
    -1_001,
    Date.UTC(2026, 1, 28, 23, 59, 59, 999),
    Date.UTC(-1, 0),
    8.64e15,
    -8.64e15,
  ];
  // A second that is kept in the same place as another one, and each of them twice.
  const all = aroundMs.flatMap((ms) => [ms, ms + 1_024_000, ms, ms - 1_024_000, ms + 1_024_000]);
  for (const ms of all.filter((ms) => Math.abs(ms) <= 8.64e15)) t.equal(timestampOf(ms), new Date(ms).toISOString());
  t.throws(() => timestampOf(8.64e15 + 1_000), RangeError);
  t.throws(() => timestampOf(Number.NaN), RangeError);
  t.end();
});
