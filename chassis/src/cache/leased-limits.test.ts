import { randomUUID } from 'node:crypto';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { testLimits } from '../testkit/limits-suite.js';
import { openTestLink } from '../testkit/redis-link.js';
import { redisIsMissing, startTestRedis } from '../testkit/redis-server.js';
import { sliceOf } from './lease.js';
import { createLeasedLimits, type LeasedLimits } from './leased-limits.js';
import { rateLimit } from './token-buckets.js';

const skip = redisIsMissing;
const server = skip === false ? await startTestRedis() : undefined;
t.teardown(() => server?.stop());
const url = server?.url ?? '';
/** A round between two lines of a test would give back what the second looks for. */
const onlyWhenAsked = 3_600_000;

async function openInstance(t: Test, service = 'suite'): Promise<LeasedLimits> {
  const { link } = await openTestLink(t, url);
  const limits = createLeasedLimits({ redis: link, service, settleEveryMs: onlyWhenAsked });
  t.teardown(() => limits.close());
  return limits;
}

/** What the bucket has left, as the server keeps it. */
async function readBucket(t: Test, key: string, service = 'suite'): Promise<number> {
  const client = new Redis(url);
  t.teardown(() => client.disconnect());
  return Number(await client.hget(`platen:limits:${service}:${key}`, 'tokens'));
}

testLimits(
  'limits over Redis',
  async (t) => {
    const limits = await openInstance(t);
    return { limits, nowMs: Date.now, pass: (ms) => delay(ms), settled: () => limits.settle() };
  },
  skip,
);

t.test('instances under load at once admit the quota and at most a slice each more', { skip }, async (t) => {
  const limit = rateLimit('read', 400, 3600);
  const key = randomUUID();
  const instances = await Promise.all(Array.from({ length: 4 }, () => openInstance(t)));
  const admit = async (limits: LeasedLimits) => {
    let admitted = 0;
    const takeFive = () => {
      const taken = Array.from({ length: 5 }, () => limits.take(key, limit, 1, Date.now()));
      const allowed = taken.filter((one) => one.allowed).length;
      admitted += allowed;
      return allowed;
    };
    for (;;) {
      if (takeFive() === 0) {
        // Tokens may be there and only not here yet: empty is what is refused after an answer too.
        await limits.settle();
        if (takeFive() === 0) return admitted;
      }
      await nextTurn();
    }
  };
  const admitted = await Promise.all(instances.map(admit));
  const total = admitted.reduce((sum, count) => sum + count, 0);
  await Promise.all(instances.map((limits) => limits.close()));
  const bound = instances.length * sliceOf(limit);
  t.comment(`measured: ${total} of 400 admitted by 4 instances (${admitted.join(', ')}), bound ${400 + bound}`);
  t.ok(total <= 400 + bound, `${total} admitted, ${400 + bound} allowed`);
  t.ok(total >= 400, `${total} admitted, 400 promised`);
  const left = await readBucket(t, key);
  t.ok(Math.abs(400 - left - total) < 1, `every token is accounted for: ${total} admitted, ${left} left`);
});

t.test('one after the other they admit the quota, but for what each has not heard of yet', { skip }, async (t) => {
  const limit = rateLimit('read', 50, 3600);
  const key = randomUUID();
  const instances = await Promise.all(Array.from({ length: 3 }, () => openInstance(t)));
  let admitted = 0;
  for (let index = 0; index < 90; index += 1) {
    const limits = instances[index % instances.length];
    if (limits?.take(key, limit, 1, Date.now()).allowed) admitted += 1;
    await limits?.settle();
    // What is held here would be missing there.
    await limits?.settle();
  }
  t.ok(admitted >= 50 && admitted < 50 + instances.length, `${admitted} admitted`);
});

t.test('what nobody uses is given back, and at the end all of it', { skip }, async (t) => {
  const limit = rateLimit('read', 100, 3600);
  const key = randomUUID();
  const limits = await openInstance(t);
  const takeFive = () => {
    for (let index = 0; index < 5; index += 1) t.equal(limits.take(key, limit, 1, Date.now()).allowed, true);
  };
  takeFive();
  await limits.settle();
  t.equal(Math.round(await readBucket(t, key)), 85, 'five used and a lease of ten, a whole slice');
  await limits.settle();
  t.equal(Math.round(await readBucket(t, key)), 95, 'nobody asked: given back');
  takeFive();
  await limits.settle();
  takeFive();
  await limits.close();
  t.equal(Math.round(await readBucket(t, key)), 85, 'fifteen used');
});

t.test(
  'a burst of less than a slice passes in one turn; a larger one waits for the answer only',
  { skip },
  async (t) => {
    const limit = rateLimit('read', 1000, 3600);
    const limits = await openInstance(t);
    const key = randomUUID();
    const burst = (count: number) =>
      Array.from({ length: count }, () => limits.take(key, limit, 1, Date.now())).filter(({ allowed }) => allowed)
        .length;
    t.equal(burst(100), 100);
    t.match(limits.take(key, limit, 1, Date.now()), { allowed: false, resetSeconds: 1 });
    await limits.settle();
    t.equal(burst(200), 200, 'a slice held, and a slice of credit');
  },
);

t.test('services have buckets of their own', { skip }, async (t) => {
  const limit = rateLimit('read', 10, 3600);
  const key = randomUUID();
  const [control, data] = await Promise.all([openInstance(t, 'control-plane'), openInstance(t, 'data-plane')]);
  t.match(control.take(key, limit, 10, Date.now()), { allowed: true });
  await control.settle();
  t.match(data.take(key, limit, 1, Date.now()), { allowed: true, remaining: 9 });
});

t.test('an entry of a bucket ends when the bucket is full', { skip }, async (t) => {
  const key = randomUUID();
  const limits = await openInstance(t);
  limits.take(key, rateLimit('read', 100, 1_000), 50, Date.now());
  await limits.settle();
  const client = new Redis(url);
  t.teardown(() => client.disconnect());
  const leftMs = await client.pttl(`platen:limits:suite:${key}`);
  t.ok(leftMs > 501_000 && leftMs <= 601_000, `${leftMs} ms: half a window, what is leased, and a second`);
});
