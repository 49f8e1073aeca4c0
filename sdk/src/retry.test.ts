import t from 'tap';
import { delayMs, readRetryAfterMs } from './retry.js';

t.test('Retry-After in both forms', async (t) => {
  const nowMs = Date.parse('2026-03-01T09:30:00Z');
  t.equal(readRetryAfterMs('7', nowMs), 7_000);
  t.equal(readRetryAfterMs('Sun, 01 Mar 2026 09:30:05 GMT', nowMs), 5_000);
  t.equal(readRetryAfterMs('Sun, 01 Mar 2026 09:00:00 GMT', nowMs), 0);
  t.equal(readRetryAfterMs('soon', nowMs), undefined);
  t.equal(readRetryAfterMs(null, nowMs), undefined);
});

t.test('waits are anywhere between nothing and a step that doubles up to a bound', async (t) => {
  const longest = [0, 1, 2, 3, 10].map((tries) => delayMs(tries, undefined, () => 1));
  t.same(longest, [100, 200, 400, 800, 5_000]);
  t.equal(
    delayMs(5, undefined, () => 0),
    0,
  );
  t.equal(
    delayMs(0, 3_000, () => 0.5),
    3_050,
    "after the server's own wish",
  );
});
