import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import t from 'tap';
import { testCache } from '../testkit/cache-suite.js';
import { openTestLink } from '../testkit/redis-link.js';
import { redisIsMissing, startTestRedis } from '../testkit/redis-server.js';
import { createRedisCache } from './redis-cache.js';

const skip = redisIsMissing;
const server = skip === false ? await startTestRedis() : undefined;
t.teardown(() => server?.stop());
const url = server?.url ?? '';
const tenant = randomUUID();

// The server's clock is the only one that counts for an entry's end.
const pass = (ms: number) => delay(ms);

testCache('Redis cache', async (t) => ({ cache: createRedisCache((await openTestLink(t, url)).link), pass }), skip);
testCache(
  'Redis cache with near copies',
  async (t) => {
    const cache = createRedisCache((await openTestLink(t, url)).link);
    return { cache: { space: (purpose) => cache.space(purpose, { nearTtlMs: 60_000 }) }, pass };
  },
  skip,
);

t.test('an entry of one instance is found by another, and deleted for it', { skip }, async (t) => {
  const [here, there] = await Promise.all([openTestLink(t, url), openTestLink(t, url)]);
  const [ours, theirs] = [here, there].map(({ link }) => createRedisCache(link).space('two'));
  await ours?.set(tenant, 'a', 'value', 60_000);
  t.equal(await theirs?.get(tenant, 'a'), 'value');
  await theirs?.delete(tenant, 'a');
  t.equal(await ours?.get(tenant, 'a'), undefined);
});

t.test('a near copy spares the way to Redis, and ends no later than its entry', { skip }, async (t) => {
  const [here, there] = await Promise.all([openTestLink(t, url), openTestLink(t, url)]);
  const ours = createRedisCache(here.link).space('near', { nearTtlMs: 60_000 });
  const theirs = createRedisCache(there.link).space('near', { nearTtlMs: 60_000 });
  await theirs.set(tenant, 'a', 'value', 60_000);
  t.equal(await ours.get(tenant, 'a'), 'value');
  await theirs.delete(tenant, 'a');
  t.equal(await theirs.get(tenant, 'a'), undefined, 'gone at once for who deleted it');
  t.equal(await ours.get(tenant, 'a'), 'value', 'as stale as was allowed');
  await theirs.set(tenant, 'b', 'value', 1_500);
  t.equal(await ours.get(tenant, 'b'), 'value');
  await pass(1_510);
  t.equal(await ours.get(tenant, 'b'), undefined);
  t.equal(await theirs.get(tenant, 'b'), undefined);
});

t.test('an entry that another kind of value is in the way of is a miss, told once', { skip }, async (t) => {
  const { link, lines } = await openTestLink(t, url);
  const space = createRedisCache(link).space('wrong');
  const client = new Redis(url);
  t.teardown(() => client.disconnect());
  await client.hset(`platen:cache:wrong:${tenant}:a`, 'field', 'value');
  t.equal(await space.get(tenant, 'a'), undefined);
  t.equal(await space.get(tenant, 'a'), undefined);
  t.equal(link.isUp, true, 'a server that answers is not away');
  t.equal(lines().filter((line) => line.includes('refuses')).length, 1);
});
