import { setTimeout as delay } from 'node:timers/promises';
import { runCommand } from '@platen/demo/commands';
import { call } from '../../environment/http.js';
import { type BenchPlatform, type Services, startBenchPlatform } from '../../environment/platform.js';
import { milliseconds } from '../run.js';
import { type Asked, failuresOf, findLostCustomers, startLightLoad } from '../work/light-load.js';
import { bearer, kidOf, type Person, readProducts, signInPerson } from '../work/person.js';
import { spell, timeUntil } from '../work/until.js';
import type { Fault } from './fault.js';

const rotations = 4;
const names = ['admin', 'sales', 'manager', 'admin', 'manager', 'sales'] as const;
const refreshEveryMs = 1_000;
const quietMs = 3_000;
/** What was promised is a minute; what is refused by an entry of the feed is refused as fast as any revocation. */
const limits = { refusedMs: 60_000, oursMs: 1_000, recoveredMs: 10_000 } as const;

/** Keys are rotated while people work and renew their tokens at two of each plane; then the key that signs is taken away. */
export const keyRotation: Fault = async ({ random, say, onStop }) => {
  const platform = await startBenchPlatform({ profileDir: null });
  onStop(() => platform.stop());
  const sites = [platform, await platform.another((databases) => databases)];
  for (const site of sites) for (const name of ['control-plane', 'data-plane'] as const) await site.start(name);
  const people = await Promise.all(
    names.map((name, n) => signInPerson(siteOf(sites, n).urls.control, `${name}@acme.test`)),
  );
  // Who renews nothing: what the first key has signed verifies until it runs out.
  const staying = await signInPerson(platform.urls.control, 'manager@acme.test');
  const firstKid = kidOf(staying.token);
  let isEmergency = false;
  const load = startLightLoad({
    onStop,
    name: 'rotation',
    people: [...people, staying],
    planes: sites.map(({ urls }) => urls.data),
    random,
    everyMs: 100,
    onUnauthorized: async (person) => {
      if (isEmergency) await person.refresh();
    },
  });
  const renewal = keepRenewing(people, sites);
  onStop(renewal.stop);

  const rotatedMs: number[] = [];
  for (let n = 0; n < rotations; n += 1) {
    await delay(quietMs + random(quietMs));
    const startedAtMs = performance.now();
    const said = await keys(platform, 'rotate');
    rotatedMs.push(performance.now() - startedAtMs);
    say(`rotation ${n + 1}: ${(rotatedMs.at(-1) ?? 0).toFixed(0)} ms, ${said.split('\n').at(-1)}`);
  }
  await delay(quietMs);
  await renewal.stop();
  const before = load.asked.length;
  const kids = new Set(load.asked.map(({ kid }) => kid));

  for (const person of people) await person.refresh();
  isEmergency = true;
  const current = kidOf(people[0]?.token ?? '');
  const held = people.filter(({ token }) => kidOf(token) === current).map(({ token }) => token);
  const emergency = await revokeKey(platform, sites, current, held);
  const recoveredMs = await timeUntil(() => allWork(sites, people, current), 30_000, 20);
  const feedMs = await timeUntil(
    async () => (await Promise.all(sites.map(feedOf))).every((feed) => feed === 'ok'),
    30_000,
  );
  const heardMs = await revocationHeard(sites);
  await delay(quietMs);
  const calmAtMs = performance.now();
  await delay(quietMs);
  await load.stop();

  const asked = load.asked.slice(0, before);
  const duringEmergency = (one: Asked) => one.status === 401 && one.kid === current && one.sentAtMs < calmAtMs;
  const late = emergency.refusedMs.filter((ms) => ms === null || ms > limits.refusedMs);
  const slow = emergency.refusedMs.filter((ms) => ms === null || ms > limits.oursMs);
  return {
    promises: [
      { promise: 'no token is refused in a rotation, none of an older key either', broken: failuresOf(asked) },
      { promise: 'every renewal is answered', broken: renewal.refused },
      {
        promise: `${rotations + 1} keys have signed`,
        broken: kids.size === rotations + 1 && kids.has(firstKid) ? [] : [`${kids.size} keys: ${[...kids].join(', ')}`],
      },
      {
        promise: `a key that is taken away is refused everywhere within ${limits.refusedMs / 1_000} s`,
        broken: late.map((ms) => `refused after ${spell(ms)}`),
      },
      { promise: `and that within ${limits.oursMs} ms`, broken: slow.map((ms) => `refused after ${spell(ms)}`) },
      {
        promise: `everybody works again by renewing the token, within ${limits.recoveredMs / 1_000} s; nobody else notices`,
        broken: [
          ...(recoveredMs !== null && recoveredMs <= limits.recoveredMs ? [] : [`after ${spell(recoveredMs)}`]),
          ...failuresOf(load.asked.slice(before), duringEmergency),
        ],
      },
      {
        promise: 'data planes follow with a new token of their own, and hear of the next sign-out',
        broken:
          feedMs !== null && heardMs !== null && heardMs <= limits.oursMs
            ? []
            : [`followed after ${spell(feedMs)}, heard after ${spell(heardMs)}`],
      },
      {
        promise: 'what was acknowledged is stored, once',
        broken: await findLostCustomers(platform.superuserUrl('erp-1'), load.acknowledged),
      },
    ],
    figures: [
      `${rotations} rotations under ${asked.length} requests and ${renewal.count()} renewals: ${asked.filter(({ status }) => status === 401).length} refused; a key taken away was refused by ${emergency.refusedMs.length} listeners after at most ${spell(Math.max(...emergency.refusedMs.map((ms) => ms ?? Number.POSITIVE_INFINITY)))}`,
      `a rotation took ${milliseconds(rotatedMs)}; the emergency's command ${spell(emergency.commandMs)}`,
      `everybody worked again ${spell(recoveredMs)} after it, ${load.asked.slice(before).filter(duringEmergency).length} requests were refused meanwhile; the next sign-out was heard after ${spell(heardMs)}`,
    ],
  };
};

function siteOf<T>(sites: readonly T[], n: number): T {
  const site = sites[n % sites.length];
  if (site === undefined) throw new Error('there are no sites');
  return site;
}

/** `npm run keys --`, as an operator calls it. */
function keys(platform: BenchPlatform, ...args: string[]): Promise<string> {
  const { KEY_ENCRYPTION_KEY = '', CONTROL_PLATFORM_DB_URL = '' } = platform.environment('control-plane');
  return runCommand('control-plane/dist/commands/keys/main.js', { KEY_ENCRYPTION_KEY, CONTROL_PLATFORM_DB_URL }, args);
}

/** Each person every second, at the one control plane and the other in turns. */
function keepRenewing(people: readonly Person[], sites: readonly Services[]) {
  const refused: string[] = [];
  let isOver = false;
  let count = 0;
  const working = Promise.all(
    people.map(async (person) => {
      for (let n = 0; !isOver; n += 1) {
        await delay(refreshEveryMs);
        const status = await person.refresh(siteOf(sites, n).urls.control);
        count += 1;
        if (status !== 200 && !isOver)
          refused.push(`renewing the token of ${person.email} was answered with ${status}`);
      }
    }),
  );
  return {
    refused,
    count: () => count,
    async stop() {
      isOver = true;
      await working;
    },
  };
}

/** Both planes of both sites. */
function listenersOf(sites: readonly Services[]): ((token: string) => Promise<number>)[] {
  return sites.flatMap(({ urls }) => [
    async (token: string) => (await readProducts(urls.data, token)).status,
    async (token: string) => (await call(`${urls.control}/api/auth/session`, { headers: bearer(token) })).status,
  ]);
}

/** Milliseconds from the end of the command to the last of the refusals of each listener. */
async function revokeKey(platform: BenchPlatform, sites: readonly Services[], kid: string, tokens: readonly string[]) {
  const [token] = tokens;
  if (token === undefined) throw new Error(`nobody has a token of ${kid}`);
  const listeners = listenersOf(sites);
  for (const ask of listeners) {
    const status = await ask(token);
    if (status !== 200) throw new Error(`a token of ${kid} was answered with ${status} before`);
  }
  const startedAtMs = performance.now();
  await keys(platform, 'revoke', kid);
  const commandMs = performance.now() - startedAtMs;
  const refusedMs = await Promise.all(
    listeners.map((ask) =>
      timeUntil(
        async () => (await Promise.all(tokens.map(ask))).every((status) => status === 401),
        2 * limits.refusedMs,
        1,
      ),
    ),
  );
  return { commandMs, refusedMs };
}

async function allWork(sites: readonly Services[], people: readonly Person[], revoked: string): Promise<boolean> {
  for (const person of people) {
    if (kidOf(person.token) === revoked) await person.refresh();
    for (const { urls } of sites) if ((await readProducts(urls.data, person.token)).status !== 200) return false;
  }
  return true;
}

async function feedOf({ urls }: Services): Promise<string | undefined> {
  const { body } = await call(`${urls.data}/ready`);
  // Its own contract, of which one member is read.
  return (JSON.parse(body) as { dependencies?: Record<string, string> }).dependencies?.['feed'];
}

/** Milliseconds until every data plane refuses somebody who has signed out just now. */
async function revocationHeard(sites: readonly Services[]): Promise<number | null> {
  const person = await signInPerson(siteOf(sites, 0).urls.control, 'sales@acme.test');
  const answers = () =>
    Promise.all(sites.map(async ({ urls }) => (await readProducts(urls.data, person.token)).status));
  if (!(await answers()).every((status) => status === 200)) return null;
  await person.signOut();
  return timeUntil(async () => (await answers()).every((status) => status === 401), 30_000, 2);
}
