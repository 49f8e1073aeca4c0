import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '@platen/chassis/embedded-postgres/running-server';
import type { ServiceProcess } from '@platen/chassis/service-process/start';
import { errors } from '@platen/schema/errors';
import { clockAheadBy } from '../../environment/clock.js';
import { call } from '../../environment/http.js';
import type { Services } from '../../environment/platform.js';
import { judge } from '../judge.js';
import { milliseconds, untilEffects } from '../run.js';
import { buildStage, type Stage } from '../stage.js';
import { type Asked, describeAsked, findLostCustomers, type LightLoad, startLightLoad } from '../work/light-load.js';
import { bearer, type Person, readProducts, signInPerson } from '../work/person.js';
import { spell, timeUntil } from '../work/until.js';
import { startWriting, type Write } from '../writes.js';
import type { Fault, FaultContext } from './fault.js';

const offsetsSeconds = [30, -30, 600, -600] as const;
/** What clocks may differ by without anybody's noticing. */
const tolerated = 30;
const roundMs = 15_000;
const writesPerSecond = 20;
/** Less than a lease, which a worker of the right time holds meanwhile. */
const holdMs = 4_000;
const revocationMs = 1_000;

interface Round {
  readonly seconds: number;
  /** Who signed in where, and asked whom. */
  readonly loads: Readonly<Record<Side, LightLoad>>;
  readonly renewals: readonly { readonly side: Side; readonly status: number }[];
  readonly dead: readonly string[];
  readonly stolen: readonly string[];
  /** Null: within what is tolerated, and not refused in time. */
  readonly refusedMs: number | null;
}
const sides = ['control plane', 'data plane', 'none'] as const;
type Side = (typeof sides)[number];

/** One side's time of day is wrong: a control plane's, a data plane's, a worker's. The databases' is right. */
export const clocks: Fault = async (context) => {
  const { random, say, onStop } = context;
  const stage = await buildStage('clocks', 'outbox');
  onStop(() => stage.stop());
  const worker = stage.startConsumer();
  const writes: Write[] = [];
  const rounds: Round[] = [];
  for (const seconds of offsetsSeconds) {
    const round = await runRound({ ...context, random }, stage, { seconds, worker, writes });
    rounds.push(round);
    say(`${signed(seconds)}: ${sides.map((side) => `${side} ${answersOf(round.loads[side].asked)}`).join('; ')}`);
  }
  await untilEffects(stage);
  const verdict = await judge(stage, writes);
  const near = rounds.filter(({ seconds }) => Math.abs(seconds) <= tolerated);
  const far = rounds.filter(({ seconds }) => Math.abs(seconds) > tolerated);
  const codes = rounds.flatMap(({ seconds, loads }) =>
    sides.map((side) => `${signed(seconds)}, ${side}: ${answersOf(loads[side].asked)}`),
  );
  const acknowledged = rounds.flatMap(({ loads }) => sides.flatMap((side) => loads[side].acknowledged));
  return {
    promises: [
      {
        promise: `within ${tolerated} s nobody notices whose clock is wrong`,
        broken: near.flatMap((round) => [...failuresIn(round, sides), ...refusedRenewals(round)]),
      },
      {
        promise: `within ${tolerated} s a sign-out at a control plane whose clock is wrong is heard by both data planes in ${revocationMs} ms`,
        broken: near.flatMap(({ seconds, refusedMs }) =>
          refusedMs !== null && refusedMs <= revocationMs ? [] : [`${signed(seconds)}: ${spell(refusedMs)}`],
        ),
      },
      {
        promise: 'ten minutes: what is not answered as ever is refused with a problem that says so',
        broken: far.flatMap((round) => oddAnswers(round)),
      },
      {
        promise: 'who has to do only with those whose clocks are right does not notice',
        broken: far.flatMap((round) => failuresIn(round, ['none'])),
      },
      { promise: 'nobody ends by itself', broken: rounds.flatMap(({ dead }) => dead) },
      {
        promise: "leases go by the database's clock: what a worker holds, no other one gets",
        broken: rounds.flatMap(({ stolen }) => stolen),
      },
      {
        promise: 'what was acknowledged is stored and has its effect once, in order of its key',
        broken: verdict.broken,
      },
      {
        promise: 'a customer that was acknowledged is stored, once',
        broken: await findLostCustomers(stage.platform.superuserUrl('erp-1'), acknowledged),
      },
    ],
    figures: [
      `clocks wrong by ${offsetsSeconds.map(signed).join(', ')}: ${rounds.reduce((sum, { loads }) => sum + sides.reduce((all, side) => all + loads[side].asked.length, 0), 0)} requests, ${near.flatMap((round) => failuresIn(round, sides)).length} refused within ${tolerated} s; ${verdict.acknowledged} events, ${verdict.effects} effects, ${verdict.repeats} deliveries without one`,
      `a sign-out there was heard after ${near.map(({ refusedMs }) => spell(refusedMs)).join(' and ')}; requests took ${milliseconds(rounds.flatMap(({ loads }) => loads.none.asked.map(({ sentAtMs, endedAtMs }) => endedAtMs - sentAtMs)))}`,
      ...codes,
    ],
  };
};

const signed = (seconds: number): string => `${seconds < 0 ? '−' : '+'}${Math.abs(seconds)} s`;

interface RoundOptions {
  readonly seconds: number;
  readonly worker: ReturnType<Stage['startConsumer']>;
  readonly writes: Write[];
}

async function runRound(
  { random, onStop }: FaultContext,
  stage: Stage,
  { seconds, worker, writes }: RoundOptions,
): Promise<Round> {
  const { platform } = stage;
  const clock = clockAheadBy(seconds);
  const control = await platform.another((databases) => databases, { 'control-plane': clock });
  const data = await platform.another((databases) => databases, {
    'data-plane': { ...clock, CONTROL_INTERNAL_URL: platform.urls.controlInternal },
  });
  const services = {
    'control plane': await control.start('control-plane'),
    'data plane': await data.start('data-plane'),
  };
  const workers = {
    'a worker': stage.startConsumer({ env: clock }),
    'a worker at that data plane': stage.startConsumer({ dataUrl: internalUrlOf(data) }),
  };
  const writing = await startWriting({
    ...stage,
    total: (roundMs / 1_000) * writesPerSecond,
    perSecond: writesPerSecond,
    random,
  });
  const people: Record<Side, Person[]> = {
    'control plane': await signInTwo(control.urls.control),
    'data plane': await signInTwo(platform.urls.control),
    none: await signInTwo(platform.urls.control),
  };
  const load = (side: Side, url: string) =>
    startLightLoad({
      onStop,
      name: `clock${seconds}-${sides.indexOf(side)}`,
      people: people[side],
      planes: [url],
      random,
      everyMs: 100,
      patienceMs: 1_000,
    });
  const loads = {
    'control plane': load('control plane', platform.urls.data),
    'data plane': load('data plane', data.urls.data),
    none: load('none', platform.urls.data),
  };
  const stolen = await holdOne(stage, worker, seconds);
  const renewals = await renewAll(people);
  const refusedMs = Math.abs(seconds) > tolerated ? null : await heardMs([platform, data], control, platform);
  await writing.done;
  for (const side of sides) await loads[side].stop();
  writes.push(...writing.writes);
  const dead = await findDead(services, seconds);
  for (const one of Object.values(workers)) await one.stop();
  for (const service of Object.values(services)) await service.stop();
  return { seconds, loads, renewals, dead, stolen, refusedMs };
}

function internalUrlOf(services: Services): string {
  const url = services.environment('erp-worker')['DATA_INTERNAL_URL'];
  if (url === undefined) throw new Error('a worker is told no data plane');
  return url;
}

const signInTwo = (controlUrl: string): Promise<Person[]> =>
  Promise.all(['manager', 'admin'].map((name) => signInPerson(controlUrl, `${name}@acme.test`)));

/** Its effect is there, and it is not settled: nobody else may be given it, whatever their clock says of the lease. */
async function holdOne(stage: Stage, worker: RoundOptions['worker'], seconds: number): Promise<string[]> {
  const round = Math.abs(seconds) * 2 + (seconds > 0 ? 1 : 0);
  const eventId = await worker.hold(round);
  await delay(holdMs);
  const { rows } = await stage.effects.query<{ worker: number }>(
    'select worker from soak_repeats where event_id = $1',
    [eventId],
  );
  worker.tell({ kind: 'go' });
  return rows.map(
    ({ worker: thief }) => `${signed(seconds)}: worker ${thief} was given what worker ${worker.number} held`,
  );
}

async function renewAll(people: Readonly<Record<Side, readonly Person[]>>) {
  const renewals: { side: Side; status: number }[] = [];
  for (const side of sides) for (const person of people[side]) renewals.push({ side, status: await person.refresh() });
  return renewals;
}

/** Milliseconds until every data plane refuses somebody who has signed out at a control plane whose clock is wrong. */
async function heardMs(planes: readonly Services[], wrong: Services, right: Services): Promise<number | null> {
  const person = await signInPerson(right.urls.control, 'sales@acme.test');
  const statuses = () =>
    Promise.all(planes.map(async ({ urls }) => (await readProducts(urls.data, person.token)).status));
  if (!(await statuses()).every((status) => status === 200)) return null;
  const { status } = await call(`${wrong.urls.control}/api/auth/logout`, {
    method: 'POST',
    headers: bearer(person.token),
  });
  if (status !== 204) return null;
  return timeUntil(async () => (await statuses()).every((one) => one === 401), 30_000, 2);
}

async function findDead(services: Readonly<Record<string, ServiceProcess>>, seconds: number): Promise<string[]> {
  const dead: string[] = [];
  for (const [name, { pid }] of Object.entries(services))
    if (!(await isAlive(pid))) dead.push(`${signed(seconds)}: the ${name} has ended`);
  return dead;
}

const isRefused = ({ status }: Asked): boolean => status < 200 || status > 299;

const failuresIn = ({ seconds, loads }: Round, of: readonly Side[]): string[] =>
  of.flatMap((side) =>
    loads[side].asked
      .filter(isRefused)
      .map((one) => `${signed(seconds)} at the side of ${side}: ${describeAsked(one)}`),
  );

const refusedRenewals = ({ seconds, renewals }: Round): string[] =>
  renewals.flatMap(({ side, status }) =>
    status === 200 ? [] : [`${signed(seconds)} at the side of ${side}: a renewal was answered with ${status}`],
  );

/** A refusal has a code that the documents have, and is about the token. */
function oddAnswers({ seconds, loads }: Round): string[] {
  const isKnown = ({ status, code }: Asked) => status === 401 && code !== null && code in errors;
  return sides.flatMap((side) =>
    loads[side].asked
      .filter((one) => isRefused(one) && !isKnown(one))
      .map((one) => `${signed(seconds)} at the side of ${side}: ${describeAsked(one)}`),
  );
}

function answersOf(asked: readonly Asked[]): string {
  const counts = new Map<string, number>();
  for (const { status, code } of asked) {
    const answer = status < 300 && status > 0 ? 'served' : `${status || 'nothing'} ${code ?? ''}`.trim();
    counts.set(answer, (counts.get(answer) ?? 0) + 1);
  }
  return [...counts].map(([answer, count]) => `${count} ${answer}`).join(', ');
}
