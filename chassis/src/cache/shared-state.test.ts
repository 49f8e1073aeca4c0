import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import t from 'tap';
import { Type } from 'typebox';
import { loadConfig } from '../config/load-config.js';
import { createLogger } from '../log/logger.js';
import { redisIsMissing, startTestRedis } from '../testkit/redis-server.js';
import { openSharedState, RedisUrl } from './shared-state.js';
import { rateLimit } from './token-buckets.js';

const log = createLogger({ service: 'test', level: 'silent' });
const service = 'test';

t.test('without Redis', async (t) => {
  const { cache, limits, close } = await openSharedState({ service, log, registry: new Registry() });
  const tenant = randomUUID();
  await cache.space('suite').set(tenant, 'a', 'value', 1_000);
  t.equal(await cache.space('suite').get(tenant, 'a'), 'value');
  t.equal(limits.take('a', rateLimit('read', 1), 1, 0).allowed, true);
  await close();
});

t.test('closing gives back what is held, and ends', { skip: redisIsMissing }, async (t) => {
  const server = await startTestRedis();
  t.teardown(() => server.stop());
  const registry = new Registry();
  const state = await openSharedState({ redisUrl: server.url, service, log, registry });
  state.limits.take('a', rateLimit('read', 10), 1, Date.now());
  await state.close();
  t.match(await registry.metrics(), /platen_redis_state 0/);
});

t.test('the variable: absent, or the URL of a Redis', async (t) => {
  const schema = Type.Object({ REDIS_URL: RedisUrl });
  t.same(loadConfig(schema, {}), {});
  t.same(loadConfig(schema, { REDIS_URL: 'rediss://a:b@cache:6380/1' }), { REDIS_URL: 'rediss://a:b@cache:6380/1' });
  t.throws(() => loadConfig(schema, { REDIS_URL: 'http://canary' }), { message: /REDIS_URL(?!.*canary)/s });
});
