import { setTimeout as delay } from 'node:timers/promises';
import { startTestRedis } from '@platen/chassis/testkit/redis-server';
import { tenants } from '@platen/schema/seeds/identities';
import { call, plainHeaders } from '../../environment/http.js';
import {
  type BenchPlatform,
  liftLimit,
  runSql,
  type Services,
  startBenchPlatform,
} from '../../environment/platform.js';
import { signIn } from '../../environment/sign-in.js';
import type { Promised, Tried } from '../outcome.js';
import type { FaultContext } from './fault.js';
import { during, type Paced, p99Of, type Seen, slowestOf, startPaced, tookMs, untilCalm } from './paced.js';
import { drawQuota, judgeDrawn, quota } from './quota.js';

/** Promised. */
const limits = { slowerByMs: 150, revocationMs: 1_000 };
const windowMs = 10_000;
const everyMs = 50;
/** After so long a link that is not up again will not be. */
const reconnectMs = 30_000;

const host = 'globex.localhost';
const email = 'admin@globex.test';
const paths = {
  data: ['/api/erp/orders?limit=20', '/api/erp/products?limit=20'],
  control: ['/api/menu'],
};

/** An address that is asked again and again; what it answered first is what it must answer. */
interface Asked {
  readonly url: string;
  readonly paced: Paced;
}

interface Stage {
  readonly services: readonly Services[];
  readonly asked: readonly Asked[];
}

/** Two instances of each plane with one Redis, which is killed and comes back empty, and then stands still. */
export async function redisAway({ say, onStop }: FaultContext): Promise<Promised> {
  const redis = await startTestRedis();
  onStop(() => redis.stop());
  const platform = await startBenchPlatform({ profileDir: null, autovacuum: true, env: { REDIS_URL: redis.url } });
  onStop(() => platform.stop());
  await setQuota(platform);
  const services = [platform, await platform.another((databases) => databases)];
  for (const service of services) {
    await service.start('control-plane');
    await service.start('data-plane');
  }
  await untilRedis(services, true);
  const stage = { services, asked: await startAsking(services) };
  onStop(async () => void (await Promise.all(stage.asked.map(({ paced }) => paced.end()))));

  // The first sign-out of a process costs it more than all others, with Redis or without.
  await signOutMeanwhile(services);
  const outcomes: Promised[] = [await drawn(services, 'before', 'sales', true)];
  const refusing = { name: 'refused', users: ['press', 'buyer'], begin: redis.kill, end: redis.restart } as const;
  const silent = { name: 'a black hole', users: ['manager', 'admin'], begin: redis.freeze, end: redis.thaw } as const;
  for (const fault of [refusing, silent]) {
    outcomes.push(await tryFault(stage, fault));
    say(`${fault.name}: over`);
  }
  for (const { paced } of stage.asked) await paced.end();
  const figures = outcomes.flatMap((outcome) => outcome.figures);
  return {
    promises: [...outcomes.flatMap((outcome) => outcome.promises), judgeAnswers(stage)],
    figures: [...figures.filter(isHeadline), ...figures.filter((line) => !isHeadline(line))],
  };
}

const isHeadline = (line: string): boolean => line.includes('slowest');

interface RedisFault {
  readonly name: string;
  /** Who draws a quota while Redis is away, and once it is back: each has not asked before. */
  readonly users: readonly [string, string];
  readonly begin: () => Promise<void> | void;
  readonly end: () => Promise<void> | void;
}

async function tryFault(stage: Stage, { name, users, begin, end }: RedisFault): Promise<Promised> {
  const { services } = stage;
  const quiet = await watchQuiet(stage);
  const beganMs = performance.now();
  await begin();
  const revokedMs = await signOutMeanwhile(services);
  await untilRedis(services, false);
  await delay(Math.max(0, windowMs - (performance.now() - beganMs)));
  const endedMs = performance.now();
  const window = during(seenBy(stage), beganMs, endedMs);
  const alone = await drawn(services, name, users[0], false);
  await end();
  const backMs = await untilRedis(services, true);
  const together = await drawn(services, `${name}, and back`, users[1], true);
  const most = p99Of(quiet) + limits.slowerByMs;
  return {
    promises: [
      {
        promise: `${name}: no request takes longer than p99 before, and ${limits.slowerByMs} ms`,
        broken: stage.asked.flatMap(({ url, paced }) =>
          during(paced.seen, beganMs, endedMs)
            .filter((one) => tookMs(one) > most)
            .map(
              (one) => `${url}: ${tookMs(one).toFixed(0)} ms, ${(one.sentAtMs - beganMs).toFixed(0)} ms after it went`,
            ),
        ),
      },
      {
        promise: `${name}: who signs out meanwhile is refused by both data planes within ${limits.revocationMs / 1_000} s`,
        broken: revokedMs > limits.revocationMs ? [`after ${revokedMs.toFixed(0)} ms`] : [],
      },
      ...alone.promises,
      ...together.promises,
    ],
    figures: [
      `${name}: slowest ${slowestOf(window).toFixed(0)} and p99 ${p99Of(window).toFixed(1)} ms of ${window.length} requests, before ${slowestOf(quiet).toFixed(0)} and ${p99Of(quiet).toFixed(1)} ms of ${quiet.length}`,
      `${name}: shared again ${(backMs / 1_000).toFixed(1)} s after its return; a sign-out meanwhile refused after ${revokedMs.toFixed(0)} ms`,
      ...alone.figures,
      ...together.figures,
    ],
  };
}

async function drawn(services: readonly Services[], when: string, user: string, isShared: boolean): Promise<Promised> {
  const draw = await drawQuota(services, user);
  const admitted = draw.admitted.join(' and ');
  return {
    promises: [
      {
        promise: `${when}: ${isShared ? 'one quota over both instances' : "each instance's own quota"}`,
        broken: judgeDrawn(draw, isShared),
      },
    ],
    figures: [
      `${when}: of a quota of ${quota} ${admitted} let through by two instances in ${draw.seconds.toFixed(1)} s`,
    ],
  };
}

async function setQuota(platform: BenchPlatform): Promise<void> {
  const control = platform.superuserUrl('control');
  await liftLimit(control, tenants.globex.id, 'requests_per_minute');
  await runSql(
    control,
    `update tenant_platform_limits set value = $2 where tenant_id = $1 and limit_code = 'requests_per_minute'`,
    [tenants.acme.id, quota],
  );
}

async function startAsking(services: readonly Services[]): Promise<Asked[]> {
  const [first] = services;
  if (first === undefined) throw new Error('no services');
  const { accessToken } = await signIn(first.urls.control, host, email);
  const headers = { ...plainHeaders(host), authorization: `Bearer ${accessToken}` };
  return services
    .flatMap(({ urls }) => [
      ...paths.data.map((path) => urls.data + path),
      ...paths.control.map((path) => urls.control + path),
    ])
    .map((url) => ({ url, paced: startPaced(everyMs, () => ({ url, headers })) }));
}

const seenBy = ({ asked }: Stage): Seen[] => asked.flatMap(({ paced }) => paced.seen);

/** What is answered while nothing is wrong. */
async function watchQuiet(stage: Stage): Promise<Seen[]> {
  await untilCalm(() => seenBy(stage));
  const fromMs = performance.now();
  await delay(windowMs);
  return during(seenBy(stage), fromMs, performance.now());
}

/** Over the whole run: as at first, to the byte. */
function judgeAnswers({ asked }: Stage): Tried {
  const broken = asked.flatMap(({ url, paced: { seen } }) => {
    const [first, ...others] = [...seen].sort((a, b) => a.number - b.number);
    if (first?.status !== 200) return [`${url} was answered with ${first?.status} at first`];
    return others
      .filter(({ status, body }) => status !== 200 || body !== first.body)
      .map(({ status, body }) => `${url} was answered with ${status} and ${body.slice(0, 200)}`);
  });
  return { promise: 'every answer is what it was before, at both instances', broken };
}

/** Milliseconds until both data planes refuse the token; what tells them is not Redis. */
async function signOutMeanwhile(services: readonly Services[]): Promise<number> {
  const [first] = services;
  if (first === undefined) throw new Error('no services');
  const { accessToken, refreshToken } = await signIn(first.urls.control, host, email);
  const headers = { ...plainHeaders(host), authorization: `Bearer ${accessToken}` };
  const left = await call(`${first.urls.control}/api/auth/logout`, {
    method: 'POST',
    headers: { ...headers, cookie: `platen_rt=${refreshToken}` },
  });
  if (left.status !== 204) throw new Error(`signing out was answered with ${left.status}: ${left.body}`);
  const leftAtMs = performance.now();
  for (const { urls } of services) {
    const read = () => call(`${urls.data}/api/erp/products?limit=1`, { headers });
    while ((await read()).status !== 401 && performance.now() - leftAtMs < reconnectMs) await delay(5);
  }
  return performance.now() - leftAtMs;
}

/** Until every instance says so. Milliseconds that it took. */
async function untilRedis(services: readonly Services[], isUp: boolean): Promise<number> {
  const sinceMs = performance.now();
  const internals = services.flatMap((service) => [
    service.urls.controlInternal,
    `http://127.0.0.1:${service.environment('data-plane')['DATA_INTERNAL_PORT']}`,
  ]);
  for (const internal of internals) {
    for (;;) {
      const { body } = await call(`${internal}/metrics`);
      if (/^platen_redis_state(?:\{.*\})? ([01])$/m.exec(body)?.[1] === (isUp ? '1' : '0')) break;
      if (performance.now() - sinceMs > reconnectMs)
        throw new Error(`Redis is not ${isUp ? 'up' : 'away'} for ${internal}`);
      await delay(20);
    }
  }
  return performance.now() - sinceMs;
}
