import t from 'tap';
import { testLimits } from '../testkit/limits-suite.js';
import { createTokenBuckets, rateLimit } from './token-buckets.js';

t.test('a bucket refills by the time that passed, up to its quota', async (t) => {
  const limits = createTokenBuckets();
  const limit = rateLimit('write', 60);
  t.same(limits.take('a', limit, 60, 0), { allowed: true, remaining: 0, resetSeconds: 60 });
  t.same(limits.take('a', limit, 1, 500), { allowed: false, remaining: 0, resetSeconds: 1 });
  t.equal(limits.take('a', limit, 1, 1000).allowed, true);
  t.equal(limits.take('a', limit, 1, 0).allowed, false, 'a clock that steps back gives nothing');
  t.equal(limits.take('a', limit, 1, 10_000_000).remaining, 59);
  t.equal(limits.take('b', limit, 1, 0).remaining, 59);
});

t.test('a quota of nothing lets nothing through', async (t) => {
  t.equal(createTokenBuckets().take('a', rateLimit('none', 0), 1, 0).allowed, false);
});

t.test('forgetting favours the caller', async (t) => {
  const limits = createTokenBuckets({ maxBuckets: 1 });
  const limit = rateLimit('x', 1);
  t.equal(limits.take('a', limit, 1, 0).allowed, true);
  limits.take('b', limit, 1, 0);
  t.equal(limits.take('a', limit, 1, 0).allowed, true);
});

testLimits('limits of one instance', async () => {
  let nowMs = 0;
  const pass = async (ms: number) => {
    nowMs += ms;
  };
  return { limits: createTokenBuckets(), nowMs: () => nowMs, pass, settled: async () => undefined };
});
