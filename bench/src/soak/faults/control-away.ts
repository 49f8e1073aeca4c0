import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startServiceProcess } from '@platen/chassis/service-process/start';
import { tenants } from '@platen/schema/seeds/identities';
import { call } from '../../environment/http.js';
import { type BenchPlatform, startBenchPlatform } from '../../environment/platform.js';
import { milliseconds } from '../run.js';
import { fellIntoRestart, follows, type Plane, readiness, restart, second, startPlane } from '../work/data-planes.js';
import { type Asked, describeAsked, failuresOf, findLostCustomers, startLightLoad } from '../work/light-load.js';
import { bearer, codeOf, type Person, readProducts, signInPerson } from '../work/person.js';
import { spell, timeUntil } from '../work/until.js';
import type { Fault, FaultContext } from './fault.js';

const usualMinutes = 10;
const restarts = 6;
/** A token lasts fifteen minutes, and the SDK renews it after five: who has an older one when the control plane goes has renewed it. */
const renewAfterMs = 5 * 60_000;
/** Of the outage: how long the first of the people have had their tokens when it begins, 4.5 minutes before ten. */
const leadShare = 0.45;
const limits = { followMs: 2_000, revocationMs: 1_000 } as const;
/** The control plane is killed and stays away, while people work and data planes are killed and come back. */
export const controlAway: Fault = async (context) => {
  const { minutes, random, say, onStop } = context;
  const outageMs = (minutes ?? usualMinutes) * 60_000;
  const platform = await startBenchPlatform({ profileDir: null });
  onStop(() => platform.stop());
  const broken = new Broken();
  let control = await platform.start('control-plane');
  const planes = [await startPlane(platform, 1), await startPlane(await second(platform), 2)];

  const people = await signInAll(platform, ['admin', 'manager', 'admin']);
  const load = startLightLoad({
    onStop,
    name: 'early',
    people,
    planes: planes.map(({ url }) => url),
    random,
    everyMs: 100,
  });
  const renewal = setInterval(() => void renewAll(people), 5_000);
  onStop(async () => clearInterval(renewal));
  say(`people work with the control plane there for ${((outageMs * leadShare) / 1_000).toFixed(0)} s`);
  await delay(outageMs * leadShare);
  const late = await signInAll(platform, ['admin', 'manager', 'admin']);
  const lateLoad = startLightLoad({
    onStop,
    name: 'late',
    people: late,
    planes: planes.map(({ url }) => url),
    random,
    everyMs: 100,
  });
  people.push(...late);

  const revoked = await revokeSome(platform, planes, broken);
  const wentAtMs = performance.now();
  say('the control plane is killed, and a data plane that has just refused who signed out');
  await Promise.all([control.kill(), restart(planes[0])]);
  await holdsStill(planes, revoked, 'when both were killed', broken);
  await withoutAnything(context, platform, people[0]?.token ?? '', broken);
  for (let n = 1; n < restarts; n += 1) {
    await delay(Math.max(0, wentAtMs + (outageMs * (n - 0.5 + random(100) / 200)) / restarts - performance.now()));
    const plane = planes[n % planes.length];
    await restart(plane);
    await holdsStill(planes, revoked, `after the restart of data plane ${plane?.number}`, broken);
    say(`${((performance.now() - wentAtMs) / 1_000).toFixed(0)} s: data plane ${plane?.number} killed and back`);
  }
  await delay(Math.max(0, wentAtMs + outageMs - performance.now()));

  control = await platform.start('control-plane');
  const awayMs = performance.now() - wentAtMs;
  const followedMs = await Promise.all(planes.map((plane) => timeUntil(() => follows(plane), 30_000)));
  await holdsStill(planes, revoked, 'when the control plane was back', broken, 'ok');
  const heardMs = await revokeAnew(platform, planes, broken);
  const refreshed = await Promise.all(people.map((person) => person.refresh()));
  await delay(5_000);
  clearInterval(renewal);
  await Promise.all([load.stop(), lateLoad.stop()]);

  const asked = [...load.asked, ...lateLoad.asked];
  const acknowledged = [...load.acknowledged, ...lateLoad.acknowledged];
  const isExcused = (one: Asked) => fellIntoRestart(one, planes[one.plane]);
  const excused = asked.filter((one) => one.status !== 200 && one.status !== 201 && isExcused(one));
  const served = asked.filter(({ status, sentAtMs }) => status < 300 && status > 0 && sentAtMs > wentAtMs);
  const goneMs = planes.flatMap(({ gone }) => gone.map(({ fromMs, untilMs }) => untilMs - fromMs));
  return {
    promises: [
      {
        promise: 'who is signed in reads and writes, but for the restarts themselves',
        broken: failuresOf(asked, isExcused),
      },
      {
        promise: 'what was acknowledged is stored, once',
        broken: await findLostCustomers(platform.superuserUrl('erp-1'), acknowledged),
      },
      { promise: 'what a data plane had refused it refuses after a SIGKILL', broken: broken.of('revoked') },
      {
        promise: 'without what it would be on disk a data plane is not ready, says why, and serves nobody',
        broken: broken.of('empty'),
      },
      {
        promise: `with the control plane back, data planes follow within ${limits.followMs} ms`,
        broken: followedMs.flatMap((ms, n) =>
          ms !== null && ms <= limits.followMs ? [] : [`data plane ${n + 1} followed after ${spell(ms)}`],
        ),
      },
      {
        promise: `and refuse within ${limits.revocationMs} ms what is revoked then`,
        broken: [
          ...broken.of('anew'),
          ...heardMs.flatMap((ms, n) =>
            ms !== null && ms <= limits.revocationMs ? [] : [`data plane ${n + 1} refused after ${spell(ms)}`],
          ),
        ],
      },
      {
        promise: 'and everybody renews the token that they have',
        broken: refreshed.flatMap((status, n) =>
          status === 200 ? [] : [`${people[n]?.email} was answered with ${status}`],
        ),
      },
    ],
    figures: [
      `away for ${(awayMs / 1_000).toFixed(0)} s: ${served.length} requests served meanwhile, ${acknowledged.length} writes in all; ${goneMs.length} SIGKILLs of data planes cost ${excused.length} requests`,
      `a data plane was there again ${milliseconds(goneMs)}; requests took ${milliseconds(served.map(({ sentAtMs, endedAtMs }) => endedAtMs - sentAtMs))}`,
      `the control plane back: data planes followed after ${followedMs.map(spell).join(' and ')}, refused a new sign-out after ${heardMs.map(spell).join(' and ')}`,
      ...excused.slice(0, 1).map((one) => `e.g. ${describeAsked(one)}`),
    ],
  };
};

/** What was seen by the way, by the promise that it breaks. */
class Broken {
  readonly #lines = new Map<string, string[]>();
  add(promise: 'revoked' | 'empty' | 'anew', line: string): void {
    this.#lines.set(promise, [...this.of(promise), line]);
  }
  of(promise: 'revoked' | 'empty' | 'anew'): string[] {
    return this.#lines.get(promise) ?? [];
  }
}

const signInAll = ({ urls }: BenchPlatform, names: readonly string[]): Promise<Person[]> =>
  Promise.all(names.map((name) => signInPerson(urls.control, `${name}@acme.test`)));

async function renewAll(people: readonly Person[]): Promise<void> {
  for (const person of people) if (performance.now() - person.renewedAtMs > renewAfterMs) await person.refresh();
}

interface Revoked {
  readonly what: string;
  readonly token: string;
  readonly code: RegExp;
}

/** A sign-out and somebody who was disabled, refused by both data planes; and a sign-out that the first has refused just now. */
async function revokeSome(platform: BenchPlatform, planes: readonly Plane[], broken: Broken): Promise<Revoked[]> {
  const [admin, leaving, disabled, last] = await signInAll(platform, ['admin', 'manager', 'buyer', 'manager']);
  if (!admin || !leaving || !disabled || !last) throw new Error('four were signed in');
  const revoked: Revoked[] = [
    { what: 'who signed out', token: leaving.token, code: /^token_revoked$/ },
    { what: 'who was disabled', token: disabled.token, code: /^token_(revoked|stale)$/ },
    { what: 'who signed out at the last moment', token: last.token, code: /^token_revoked$/ },
  ];
  for (const plane of planes)
    for (const { what, token } of revoked) {
      const { status } = await readProducts(plane.url, token);
      if (status !== 200) throw new Error(`${what} was answered with ${status} before`);
    }
  await leaving.signOut();
  const buyer = tenants.acme.users.find(({ email }) => email === disabled.email);
  const path = `/api/admin/users/${buyer?.id}/disable`;
  const answer = await call(platform.urls.control + path, { method: 'POST', headers: bearer(admin.token) });
  if (answer.status !== 200) throw new Error(`disabling was answered with ${answer.status}: ${answer.body}`);
  await last.signOut();
  for (const plane of planes)
    for (const { what, token } of revoked) {
      const ms = await timeUntil(async () => (await readProducts(plane.url, token)).status === 401, 10_000, 1);
      if (ms === null) broken.add('revoked', `data plane ${plane.number} never refused ${what}`);
    }
  return revoked;
}

/** Every revocation holds at every plane, and it says of itself what the feed is. */
async function holdsStill(
  planes: readonly Plane[],
  revoked: readonly Revoked[],
  when: string,
  broken: Broken,
  feed = 'degraded',
) {
  for (const plane of planes) {
    for (const { what, token, code } of revoked) {
      const { status, body } = await readProducts(plane.url, token);
      if (status !== 401 || !code.test(codeOf(body) ?? ''))
        broken.add(
          'revoked',
          `${when}, ${what} was answered by data plane ${plane.number} with ${status} ${codeOf(body) ?? ''}`,
        );
    }
    const { status, body } = await readiness(plane);
    if (status !== 200 || body.dependencies?.['feed'] !== feed)
      broken.add('empty', `${when}, data plane ${plane.number} says ${status} ${JSON.stringify(body)}`);
  }
}

const repository = fileURLToPath(new URL('../../../../', import.meta.url));

/** A data plane that has never heard of anything. */
async function withoutAnything(
  { onStop }: FaultContext,
  platform: BenchPlatform,
  token: string,
  broken: Broken,
): Promise<void> {
  const services = await second(platform);
  const env = services.environment('data-plane');
  const logFile = path.join(platform.dataDir, 'data-plane-without-anything.log');
  const entry = path.join(repository, 'data-plane/dist/main.js');
  const service = await startServiceProcess({
    name: 'data-plane',
    entry,
    env,
    logFile,
    readyUrl: `${services.urls.data}/health`,
  });
  onStop(() => service.kill());
  const ready = await call(`${services.urls.data}/ready`);
  if (ready.status !== 503 || !/"reason":"[^"]*none on disk/.test(ready.body))
    broken.add('empty', `/ready was answered with ${ready.status} ${ready.body}`);
  const asked = await readProducts(services.urls.data, token);
  if (asked.status < 400) broken.add('empty', `a read was answered with ${asked.status}`);
  await service.kill();
}

/** Milliseconds until each data plane refuses somebody who has signed in and out just now. */
async function revokeAnew(
  platform: BenchPlatform,
  planes: readonly Plane[],
  broken: Broken,
): Promise<(number | null)[]> {
  const person = await signInPerson(platform.urls.control, 'sales@acme.test');
  for (const plane of planes) {
    const { status } = await readProducts(plane.url, person.token);
    if (status !== 200)
      broken.add('anew', `who signed in then was answered with ${status} by data plane ${plane.number}`);
  }
  await person.signOut();
  const refused = (plane: Plane) => async () => (await readProducts(plane.url, person.token)).status === 401;
  return Promise.all(planes.map((plane) => timeUntil(refused(plane), 30_000, 2)));
}
