import type { ServiceProcess } from '@platen/chassis/service-process/start';
import { call } from '../../environment/http.js';
import { type BenchPlatform, runSql } from '../../environment/platform.js';
import type { Promised, Tried } from '../outcome.js';
import { during, isOk, p99Of, type Seen, slowestOf, tally, tookMs } from './paced.js';
import { acknowledgedCodes, type Shop, type TwoShops } from './two-shops.js';

/** Promised. */
export const limits = { recoveryMs: 5_000, blackHoleMs: 3_000, healthMs: 100, neighbourTimes: 2 };

/** Between which times the database was in trouble. */
export interface Trouble {
  readonly fromMs: number;
  /** It answers again. */
  readonly backMs: number;
}

export interface TroubledRun {
  readonly name: string;
  readonly platform: BenchPlatform;
  readonly plane: ServiceProcess;
  readonly shops: TwoShops;
  readonly quietFromMs: number;
  readonly troubles: readonly Trouble[];
}

/** What two tenants have seen, one of whose databases was in trouble, held against what was promised. */
export async function judgeTroubles(run: TroubledRun): Promise<Promised> {
  const { plane, shops, quietFromMs, troubles, name } = run;
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
  const looks = troubles.flatMap(({ fromMs, backMs }) => during(shops.health.seen, fromMs, backMs + limits.recoveryMs));
  const late = looks.filter((one) => !isOk(one) || tookMs(one) > limits.healthMs);
  const quietLooks = during(shops.health.seen, quietFromMs, first.fromMs);
  const neighbour = judgeNeighbour(shops.other, quietFromMs, troubles);
  const lost = await findLost(run.platform, shops.troubled);
  const again = await writeAgain(run.platform, shops.troubled);
  const promises: Tried[] = [
    {
      promise: 'the process lives',
      broken: isRunning(plane) ? [] : ['the data plane has ended'],
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
      broken: late.map((one) => `${one.status} after ${tookMs(one).toFixed(0)} ms`),
    },
    ...neighbour.promises,
    { promise: 'what was acknowledged is stored', broken: lost },
    { promise: 'what was refused is done once when it is sent again', broken: again },
  ];
  return {
    promises: promises.map(({ promise, broken }) => ({ promise: `${name}: ${promise}`, broken })),
    figures: [
      `${name} for ${troubles.map(({ fromMs, backMs }) => ((backMs - fromMs) / 1_000).toFixed(1)).join(', ')} s: first successes ${Math.max(...recoveries).toFixed(0)} ms after its return at most; ${tally(inTrouble)}; /health at most ${slowestOf(looks).toFixed(0)} ms of ${looks.length}, quiet ${slowestOf(quietLooks).toFixed(0)} ms`,
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
  const [first, last] = [troubles[0], troubles.at(-1)];
  if (first === undefined || last === undefined) throw new Error('there was no trouble');
  // Before and after: what else the machine does comes and goes.
  const quiet = [
    ...during(all, quietFromMs, first.fromMs),
    ...during(all, last.backMs + limits.recoveryMs, Number.POSITIVE_INFINITY),
  ];
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
