import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceProcess } from '@platen/chassis/service-process/start';
import { startTcpProxy } from '@platen/chassis/testkit/tcp-proxy';
import { call } from '../../environment/http.js';
import type { OwnServer } from '../../environment/own-server.js';
import { type BenchPlatform, runSql, type Services, startBenchPlatform } from '../../environment/platform.js';
import type { Promised, Tried } from '../outcome.js';
import type { Random } from '../random.js';
import type { FaultContext } from './fault.js';
import { during, isOk, p99Of, type Seen, slowestOf, tally, tookMs } from './paced.js';
import { acknowledgedCodes, openShops, type Shop, type TwoShops } from './two-shops.js';

/** Promised. */
const limits = { recoveryMs: 5_000, blackHoleMs: 3_000, healthMs: 100, neighbourTimes: 2 };
const restarts = 3;
const quietMs = 12_000;
const awayMs = { least: 1_000, more: 3_000 };
const holeMs = 12_000;
/** After which nothing is refused any more. */
const calmMs = limits.recoveryMs;

/** One part of the run: what was sent, and between which times the database was in trouble. */
interface Trouble {
  readonly fromMs: number;
  /** It answers again. */
  readonly backMs: number;
}

/** Two tenants on two servers, one of which is killed under load and then a black hole. */
export async function postgresRestart({ random, say, onStop }: FaultContext): Promise<Promised> {
  const platform = await startBenchPlatform({ profileDir: null, autovacuum: true, erpServer: true });
  onStop(() => platform.stop());
  const server = platform.erpServer;
  if (server === null) throw new Error('the platform has no server for erp-1 of its own');
  const killed = await killedServer(platform, server, random, say);
  const hole = await blackHole(platform, say);
  return { promises: [...killed.promises, ...hole.promises], figures: [...killed.figures, ...hole.figures] };
}

async function killedServer(
  platform: BenchPlatform,
  server: OwnServer,
  random: Random,
  say: (line: string) => void,
): Promise<Promised> {
  const { services, shops } = await open(platform, 'killed');
  const quietFromMs = performance.now();
  await delay(quietMs);
  const troubles: Trouble[] = [];
  for (let nth = 0; nth < restarts; nth += 1) {
    const fromMs = performance.now();
    await server.kill();
    await delay(awayMs.least + random(awayMs.more));
    await server.restart();
    const backMs = performance.now();
    troubles.push({ fromMs, backMs });
    say(`killed, back after ${(backMs - fromMs).toFixed(0)} ms`);
    await delay(calmMs + 1_000);
  }
  await shops.end();
  const judged = await judge({ platform, services, shops, quietFromMs, troubles, name: 'killed' });
  await close(services);
  return judged;
}

/** On the way to the same database: connections stand, and are accepted, and carry nothing. */
async function blackHole(platform: BenchPlatform, say: (line: string) => void): Promise<Promised> {
  const direct = new URL(platform.superuserUrl('erp-1'));
  const proxy = await startTcpProxy(Number(direct.port));
  const viaProxy = (url: string) => {
    const way = new URL(url);
    way.port = String(proxy.port);
    return way.toString();
  };
  try {
    const others = await platform.another((databases) => ({
      ...databases,
      erp: Object.fromEntries(
        Object.entries(databases.erp).map(([key, urls]) => [
          key,
          key === 'erp-1' ? { appUrl: viaProxy(urls.appUrl), systemUrl: viaProxy(urls.systemUrl) } : urls,
        ]),
      ),
    }));
    const { services, shops } = await open(others, 'hole');
    const quietFromMs = performance.now();
    await delay(quietMs);
    const fromMs = performance.now();
    proxy.swallow();
    await delay(holeMs);
    proxy.heal();
    const backMs = performance.now();
    say(`a black hole for ${(backMs - fromMs).toFixed(0)} ms`);
    await delay(calmMs + 1_000);
    await shops.end();
    const judged = await judge({
      platform,
      services,
      shops,
      quietFromMs,
      troubles: [{ fromMs, backMs }],
      name: 'a black hole',
    });
    const held = during(shops.troubled.all(), fromMs, backMs);
    const late = held.filter((seen) => tookMs(seen) > limits.blackHoleMs);
    await close(services);
    return {
      promises: [
        ...judged.promises,
        {
          promise: `a black hole: what needs it fails within ${limits.blackHoleMs / 1_000} s`,
          broken: late.map((seen) => `${seen.status} after ${tookMs(seen).toFixed(0)} ms`),
        },
      ],
      figures: [
        ...judged.figures,
        `a black hole: the longest of ${held.length} waited ${slowestOf(held).toFixed(0)} ms`,
      ],
    };
  } finally {
    await proxy.close();
  }
}

interface Open {
  readonly services: { readonly plane: ServiceProcess; readonly control: ServiceProcess };
  readonly shops: TwoShops;
}

async function open(services: Pick<Services, 'urls' | 'start'>, run: string): Promise<Open> {
  const control = await services.start('control-plane');
  const plane = await services.start('data-plane');
  return { services: { control, plane }, shops: await openShops(services, run) };
}

async function close({ plane, control }: Open['services']): Promise<void> {
  await plane.stop();
  await control.stop();
}

interface Run extends Open {
  readonly platform: BenchPlatform;
  readonly quietFromMs: number;
  readonly troubles: readonly Trouble[];
  readonly name: string;
}

async function judge(run: Run): Promise<Promised> {
  const { services, shops, quietFromMs, troubles, name } = run;
  const [first] = troubles;
  if (first === undefined) throw new Error('there was no trouble');
  const seen = shops.troubled.all();
  const inTrouble = troubles.flatMap(({ fromMs, backMs }) => during(seen, fromMs, backMs + limits.recoveryMs));
  const refused = seen.filter((one) => !isOk(one));
  const strange = refused.filter(({ status, retryAfter }) => status !== 503 || retryAfter === undefined);
  const untimely = refused.filter((one) => !inTrouble.includes(one));
  const recoveries = troubles.flatMap(({ backMs }) => [
    firstOk(shops.troubled.reads.seen, backMs),
    firstOk(shops.troubled.writes.seen, backMs),
  ]);
  const health = shops.health.seen.filter((one) => !isOk(one) || tookMs(one) > limits.healthMs);
  const neighbour = judgeNeighbour(shops.other, quietFromMs, troubles);
  const lost = await findLost(run.platform, shops.troubled);
  const again = await writeAgain(run.platform, shops.troubled);
  const promises: Tried[] = [
    {
      promise: 'the process lives',
      broken: isRunning(services.plane) ? [] : ['the data plane has ended'],
    },
    {
      promise: 'what needs the database is answered, or refused with 503 and Retry-After',
      broken: strange.map((one) => `${one.status}, Retry-After ${one.retryAfter}: ${one.body.slice(0, 200)}`),
    },
    {
      promise: `first success within ${limits.recoveryMs / 1_000} s of its return, and no refusal after that`,
      broken: [
        ...recoveries.filter((ms) => ms > limits.recoveryMs).map((ms) => `${ms.toFixed(0)} ms`),
        ...untimely.map(
          (one) => `${one.status} ${(one.doneAtMs - first.fromMs).toFixed(0)} ms after the first trouble`,
        ),
      ],
    },
    {
      promise: `/health within ${limits.healthMs} ms`,
      broken: health.map((one) => `${one.status} after ${tookMs(one).toFixed(0)} ms`),
    },
    ...neighbour.promises,
    { promise: 'what was acknowledged is stored', broken: lost },
    { promise: 'what was refused is done once when it is sent again', broken: again },
  ];
  return {
    promises: promises.map(({ promise, broken }) => ({ promise: `${name}: ${promise}`, broken })),
    figures: [
      `${name} for ${troubles.map(({ fromMs, backMs }) => ((backMs - fromMs) / 1_000).toFixed(1)).join(', ')} s: first successes ${Math.max(...recoveries).toFixed(0)} ms after its return at most; ${tally(inTrouble)}; /health at most ${slowestOf(shops.health.seen).toFixed(0)} ms`,
      neighbour.figure,
    ].map((figure, at) => (at === 0 ? figure : `${name}: ${figure}`)),
  };
}

const isRunning = ({ pid }: ServiceProcess): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Milliseconds from the return; 0: it was there before it was said to be. */
function firstOk(seen: readonly Seen[], backMs: number): number {
  const times = seen.filter((one) => isOk(one) && one.sentAtMs >= backMs).map(({ doneAtMs }) => doneAtMs - backMs);
  return times.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...times);
}

function judgeNeighbour(shop: Shop, quietFromMs: number, troubles: readonly Trouble[]) {
  const all = shop.all();
  const quiet = during(all, quietFromMs, troubles[0]?.fromMs ?? quietFromMs);
  const troubled = troubles.flatMap(({ fromMs, backMs }) => during(all, fromMs, backMs));
  const [before, meanwhile] = [p99Of(quiet), p99Of(troubled)];
  const times = meanwhile / before;
  return {
    promises: [
      {
        promise: 'tenants of the other database have no error',
        broken: all.filter((one) => !isOk(one)).map(({ status, body }) => `${status}: ${body.slice(0, 200)}`),
      },
      {
        promise: `and a p99 within ${limits.neighbourTimes} times of quiet`,
        broken: times > limits.neighbourTimes ? [`${times.toFixed(1)} times`] : [],
      },
    ],
    figure: `the other tenant's p99 ${meanwhile.toFixed(1)} ms of ${troubled.length}, quiet ${before.toFixed(1)} ms of ${quiet.length}: ${times.toFixed(1)} times`,
  };
}

const storedCodes = async (platform: BenchPlatform, shop: Shop): Promise<string[]> => {
  const rows = await runSql(platform.superuserUrl('erp-1'), 'select code from erp_customers where code like $1', [
    `${shop.codeOf(0).slice(0, -1)}%`,
  ]);
  // The statement names the one column.
  return (rows as { code: string }[]).map(({ code }) => code);
};

async function findLost(platform: BenchPlatform, shop: Shop): Promise<string[]> {
  const stored = new Set(await storedCodes(platform, shop));
  return acknowledgedCodes(shop)
    .filter((code) => !stored.has(code))
    .map((code) => `${code} is not there`);
}

/** Of what was not acknowledged nobody knew whether it was done; with the same key it is, once. */
async function writeAgain(platform: BenchPlatform, shop: Shop): Promise<string[]> {
  const broken: string[] = [];
  for (const { number } of shop.writes.seen.filter((one) => !isOk(one))) {
    const { url, ...options } = shop.again(number);
    const answer = await call(url, options);
    if (answer.status !== 201) broken.push(`${shop.codeOf(number)}: ${answer.status} ${answer.body.slice(0, 200)}`);
  }
  const stored = await storedCodes(platform, shop);
  const wanted = shop.writes.seen.length;
  if (stored.length !== wanted || new Set(stored).size !== wanted)
    broken.push(`${stored.length} are stored, ${wanted} were written`);
  return broken;
}
