import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { openTestLink, type TestLink, type TestLinkOptions } from '../testkit/redis-link.js';
import { redisIsMissing, startTestRedis } from '../testkit/redis-server.js';
import { startTcpProxy } from '../testkit/tcp-proxy.js';
import type { CacheSpace } from './cache.js';
import { createLeasedLimits, type LeasedLimits } from './leased-limits.js';
import { createRedisCache } from './redis-cache.js';
import { rateLimit } from './token-buckets.js';

const skip = redisIsMissing;
const tenant = randomUUID();
const limit = rateLimit('read', 50, 3600);

interface Instance extends TestLink {
  readonly cache: CacheSpace;
  readonly limits: LeasedLimits;
}

async function openInstance(t: Test, url: string, options?: TestLinkOptions): Promise<Instance> {
  const opened = await openTestLink(t, url, options);
  // Settled when the test says so: fallbacks are counted.
  const limits = createLeasedLimits({ redis: opened.link, service: 'suite', settleEveryMs: 3_600_000 });
  t.teardown(() => limits.close());
  return { ...opened, cache: createRedisCache(opened.link).space('faults'), limits };
}

async function openServer(t: Test) {
  const server = await startTestRedis();
  t.teardown(() => server.stop());
  return server;
}

const admit = (limits: LeasedLimits, key: string, count: number) =>
  Array.from({ length: count }, () => limits.take(key, limit, 1, Date.now())).filter(({ allowed }) => allowed).length;

const count = (lines: string[], text: string) => lines.filter((line) => line.includes(text)).length;

const readMetric = async ({ registry }: Instance, name: string, use?: string) => {
  const { values } = (await registry.getSingleMetric(name)?.get()) ?? { values: [] };
  return values.find(({ labels }) => use === undefined || labels['use'] === use)?.value;
};

/** What a request does: a look-up, and a token. Milliseconds that it took, and whether it was let through. */
async function request({ cache, limits }: Instance, key: string) {
  const startedAt = performance.now();
  const { allowed } = limits.take(key, limit, 1, Date.now());
  const value = await cache.get(tenant, 'a');
  return { tookMs: performance.now() - startedAt, allowed, value };
}

t.test('killed and started anew', { skip }, async (t) => {
  const server = await openServer(t);
  const instance = await openInstance(t, server.url);
  const { cache, limits, link } = instance;
  const key = randomUUID();
  await cache.set(tenant, 'a', 'value', 60_000);
  t.equal(admit(limits, key, 4), 4);
  await limits.settle();
  t.equal(await readMetric(instance, 'platen_redis_state'), 1);

  await server.kill();
  await instance.until(false);
  t.equal(await cache.get(tenant, 'a'), undefined, 'a miss');
  await cache.set(tenant, 'a', 'value', 60_000);
  await cache.delete(tenant, 'a');
  t.equal(admit(limits, key, 60), 46, 'alone, from the level that was known');
  t.equal(admit(limits, randomUUID(), 60), 50, 'a new bucket is a full one');
  await limits.settle();
  t.equal(await readMetric(instance, 'platen_redis_state'), 0);
  t.equal(await readMetric(instance, 'platen_redis_fallbacks_total', 'cache'), 3);
  t.equal(await readMetric(instance, 'platen_redis_fallbacks_total', 'limits'), 120);
  t.equal(count(instance.lines(), 'Redis is away'), 1, 'told once');

  await server.restart();
  await instance.until(true);
  t.equal(link.isUp, true);
  t.equal(await cache.get(tenant, 'a'), undefined, 'it came back empty');
  await cache.set(tenant, 'a', 'new', 60_000);
  t.equal(await cache.get(tenant, 'a'), 'new');
  const other = randomUUID();
  t.equal(admit(limits, other, 3), 3);
  await limits.settle();
  const client = new Redis(server.url);
  t.teardown(() => client.disconnect());
  t.ok(Number(await client.hget(`platen:limits:suite:${other}`, 'tokens')) < 50, 'shared again');
  t.equal(count(instance.lines(), 'Redis answers'), 2);
  t.equal(count(instance.lines(), 'Redis is away'), 1);
});

t.test('not there when the service starts, and there later', { skip }, async (t) => {
  const server = await openServer(t);
  await server.kill();
  const instance = await openInstance(t, server.url, { awaitUp: false });
  t.equal(await instance.cache.get(tenant, 'a'), undefined);
  t.equal(admit(instance.limits, randomUUID(), 60), 50);
  await server.restart();
  await instance.until(true);
  await instance.cache.set(tenant, 'a', 'value', 60_000);
  t.equal(await instance.cache.get(tenant, 'a'), 'value');
});

/** Far more than an answer takes on a machine that is busy: silence before the hole would be one more. */
const noticed: TestLinkOptions = { commandTimeoutMs: 1_000 };

/** Requests one after another while nothing answers: the first to find out waits, once, and no other. */
async function checkBlackHole(t: Test, instance: Instance, begin: () => void, end: () => void) {
  const key = randomUUID();
  await instance.cache.set(tenant, 'a', 'value', 60_000);
  t.match(await request(instance, key), { allowed: true, value: 'value' });
  await instance.limits.settle();

  begin();
  const together = Promise.all(Array.from({ length: 20 }, () => request(instance, key)));
  t.ok((await together).every(({ value }) => value === undefined));
  t.equal(instance.link.isUp, false, 'found out by the first');
  const times: number[] = (await together).map(({ tookMs }) => tookMs);
  let unasked = 0;
  for (let index = 0; index < 500; index += 1) {
    // Nothing is sent while the link is not up, so there is nothing to wait for.
    if (!instance.link.isUp) unasked += 1;
    times.push((await request(instance, key)).tookMs);
  }
  t.equal(unasked, 500);
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
  t.comment(
    `measured: ${times.length} requests while nothing answers for ${noticed.commandTimeoutMs} ms, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${times.at(-1)?.toFixed(2)} ms`,
  );

  end();
  await instance.until(true);
  t.equal(await instance.cache.get(tenant, 'a'), 'value');
  const fresh = randomUUID();
  t.equal(instance.limits.take(fresh, limit, 1, Date.now()).allowed, true);
  await instance.limits.settle();
}

t.test('frozen: connected, accepting, and silent', { skip }, async (t) => {
  const server = await openServer(t);
  t.teardown(() => server.thaw());
  const instance = await openInstance(t, server.url, noticed);
  await checkBlackHole(t, instance, server.freeze, server.thaw);
});

t.test('a black hole on the way', { skip }, async (t) => {
  const server = await openServer(t);
  const proxy = await startTcpProxy(server.port);
  t.teardown(() => proxy.close());
  const instance = await openInstance(t, `redis://127.0.0.1:${proxy.port}`, noticed);
  await checkBlackHole(t, instance, proxy.swallow, proxy.heal);
});

t.test('emptied: limits begin anew, and every instance goes on', { skip }, async (t) => {
  const server = await openServer(t);
  const [one, two] = [await openInstance(t, server.url), await openInstance(t, server.url)];
  const key = randomUUID();
  await one.cache.set(tenant, 'a', 'value', 60_000);
  for (let round = 0; round < 20; round += 1) {
    admit(one.limits, key, 5);
    await one.limits.settle();
  }
  t.equal(admit(one.limits, key, 1), 0, 'used up');
  const client = new Redis(server.url);
  t.teardown(() => client.disconnect());
  await client.flushall();
  t.equal(await one.cache.get(tenant, 'a'), undefined);
  t.equal(admit(two.limits, key, 1), 1);
  await two.limits.settle();
  t.equal(one.link.isUp && two.link.isUp, true, 'nothing that anyone need be told of');
});

t.test('a memory that is full refuses to write: misses, limits of one instance, told once', { skip }, async (t) => {
  const server = await openServer(t);
  const instance = await openInstance(t, server.url);
  const client = new Redis(server.url);
  t.teardown(() => client.disconnect());
  await client.config('SET', 'maxmemory', '1');
  const key = randomUUID();
  await instance.cache.set(tenant, 'a', 'value', 60_000);
  t.equal(await instance.cache.get(tenant, 'a'), undefined);
  let admitted = 0;
  for (let round = 0; round < 30; round += 1) {
    admitted += admit(instance.limits, key, 3);
    await instance.limits.settle();
  }
  t.equal(admitted, 50);
  t.equal(instance.link.isUp, true);
  t.equal(count(instance.lines(), 'Redis refuses'), 1);
});

t.test('a wrong password is told, without it', { skip }, async (t) => {
  const server = await openServer(t);
  const client = new Redis(server.url);
  t.teardown(() => client.disconnect());
  await client.config('SET', 'requirepass', 'the right one');
  const instance = await openInstance(t, server.url.replace('//', '//:canary-password@'), { awaitUp: false });
  while (count(instance.lines(), 'Redis is away') === 0) await delay(5);
  t.match(instance.lines().join(''), /WRONGPASS/);
  t.notMatch(instance.lines().join(''), /canary-password/);
});
