import { randomUUID } from 'node:crypto';
import t from 'tap';
import { testCache } from '../testkit/cache-suite.js';
import { createMemoryCache } from './cache.js';

testCache('in-process cache', async () => {
  let nowMs = 1;
  const pass = async (ms: number) => {
    nowMs += ms;
  };
  return { cache: createMemoryCache({ clock: () => nowMs }), pass };
});

t.test('the least recently used entries make room, by bytes', async (t) => {
  const space = createMemoryCache({ maxBytes: 3_000 }).space('room');
  const tenant = randomUUID();
  const value = 'x'.repeat(900);
  for (const key of ['a', 'b', 'c']) await space.set(tenant, key, value, 60_000);
  await space.get(tenant, 'a');
  await space.set(tenant, 'd', value, 60_000);
  const kept = await Promise.all(['a', 'b', 'c', 'd'].map((key) => space.get(tenant, key)));
  t.same(
    kept.map((entry) => entry !== undefined),
    [true, false, true, true],
  );
});
