import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { redisIsMissing, startTestRedis } from '@platen/chassis/testkit/redis-server';
import { until } from '@platen/chassis/testkit/until';
import { platformAdmins } from '@platen/schema/seeds/identities';
import t, { type Test as Tap } from 'tap';
import type { RawAnswer, SendRaw } from './http.js';
import { percentile, runningMs } from './measure.js';
import { startPlatform } from './platform.js';
import { checkQuota, quota, setLimits } from './quota.js';
import {
  at,
  disabledUsers,
  type Lane,
  read,
  refreshAt,
  refreshed,
  removedStores,
  revokedKeys,
  roleChanges,
  type Sites,
  signInAt,
  signOuts,
  suspensions,
} from './revocations.js';
import { startSecondPair } from './second-pair.js';
import { bearer, claimsOf, readCookies, signIn, signInPlatform } from './sign-in.js';
import { acme, acmePrint, forgerOf } from './world.js';

// Two control planes and two data planes as processes, one Redis, one set of databases.
async function runAll(): Promise<void> {
  const redis = await startTestRedis();
  t.teardown(() => redis.stop());
  // What is no number is no time limit of a command: with 75 ms, any pause would let each instance go on alone for a moment.
  const REDIS_URL = `${redis.url}?commandTimeout=none`;
  const env = {
    'control-plane': { REDIS_URL, AUTH_REQUESTS_PER_MINUTE: '100000' },
    'data-plane': { REDIS_URL },
  };
  const platform = await startPlatform(t, { services: ['control-plane', 'data-plane'], env, prepare: setLimits });
  const second = await startSecondPair(t, platform, env);
  const sites: Sites = {
    platform,
    controls: [
      { send: platform.control, port: platform.ports.control },
      { send: second.control, port: second.ports.control },
    ],
    datas: [platform.data, second.data],
  };
  const internals = [platform.controlInternal, second.controlInternal, platform.dataInternal, second.dataInternal];
  const redisState = async (wanted: 0 | 1) => {
    for (const internal of internals) {
      await until(
        () => internal({ host: '127.0.0.1:1', path: '/metrics' }),
        ({ text }) => /^platen_redis_state(?:\{.*\})? ([01])$/m.exec(text)?.[1] === String(wanted),
      );
    }
  };
  await redisState(1);

  t.test('one session over both control planes: its refresh tokens stay one chain', (t) => checkChain(t, sites));
  t.test('what one control plane revokes, both data planes refuse', (t) => checkRevocations(t, sites));
  t.test('one quota over both data planes', async (t) => {
    const { admitted, seconds } = await checkQuota(t, sites, 'one Redis');
    t.ok(admitted <= quota * 1.2 + (seconds * quota) / 60, `${admitted} of a quota of ${quota}`);
  });
  t.test('Redis is killed, and comes back', async (t) => {
    await checkLossOfRedis(t, sites, () => redis.kill());
    await redisState(0);
    const { admitted, seconds } = await checkQuota(t, sites, 'without Redis');
    t.ok(admitted <= 2 * (quota + (seconds * quota) / 60) + 2, 'each instance by itself');
    await redis.restart();
    await redisState(1);
    const again = await checkQuota(t, sites, 'Redis back');
    t.ok(again.admitted <= quota * 1.2 + (again.seconds * quota) / 60, 'shared again');
  });
  t.test('npm run keys -- rotate, under load', (t) => checkRotation(t, sites));
  t.test('a control plane is killed: the other one serves and signs', (t) => checkLossOfControl(t, sites));
}

/** More than a plane has connections for a tenant; each waits for the others' turns, and at most two seconds. */
const atOnce = 24;

async function checkChain(t: Tap, sites: Sites): Promise<void> {
  const first = await signInAt(sites, at(sites, 0), 'sales@acme.test');
  const session = await refreshed(at(sites, 1), first);
  const startedMs = performance.now();
  const answers = await Promise.all(Array.from({ length: atOnce }, (_, i) => refreshAt(at(sites, i), session)));
  const tookMs = performance.now() - startedMs;
  t.same([...new Set(answers.map(({ status }) => status))], [200], 'all at once are all answered');
  const successors = new Set(answers.map(({ headers }) => readCookies(headers['set-cookie'])['platen_rt']));
  t.equal(successors.size, 1, 'with the same successor');
  const chain = () =>
    asSuperuser(sites.platform.databases.control.superuserUrl, async (client) => {
      const { rows } = await client.query<{ all: number; live: number }>(
        `select count(*)::int as all, count(*) filter (where used_at is null)::int as live
         from res_refresh_tokens where session_id = $1`,
        [first.claims.sid],
      );
      return rows[0];
    });
  t.same(await chain(), { all: 3, live: 1 }, 'one chain, one live token');
  const [successor = ''] = successors;
  const last = await refreshed(at(sites, 0), { ...session, refresh: successor });
  t.same(await chain(), { all: 4, live: 1 });
  t.equal((await refreshAt(at(sites, 1), session)).status, 401, 'a used one is refused by the other control plane');
  for (const data of sites.datas) {
    await until(
      () => read(data, 'acme', last.access),
      ({ status }) => status === 401,
    );
  }
  t.equal((await refreshAt(at(sites, 0), last)).status, 401, 'and ended the session');
  t.comment(
    `measured: ${atOnce} refreshes at once over two control planes in ${tookMs.toFixed(0)} ms: ${successors.size} successor, one live token`,
  );
}

async function checkRevocations(t: Tap, sites: Sites): Promise<void> {
  const { platform } = sites;
  const admin = (await signIn(platform, 'admin@acme.test')).access;
  const operator = (await signInPlatform(platform, platformAdmins.operator.email)).access;
  const forger = await forgerOf(platform);
  const { claims } = await signIn(platform, 'admin@globex.test');
  // Storefronts raise the tenant's epoch: a token of any later one.
  const tokenOf = () => forger.sign({ ...claims, epo: [1_000, claims.epo[1]] });
  const [, sales, press, buyer] = acme.users;
  const platformParts = { operator, tokenOf };
  const taken: Record<string, { ms: number; codes: readonly string[] }[]> = {};
  const run = async (name: string, times: number, lane: Lane) => {
    for (let i = 0; i < times; i += 1) {
      const measured = await lane(i);
      taken[name] = [...(taken[name] ?? []), measured];
    }
  };
  await Promise.all([
    run('sign-out', 25, signOuts(sites)),
    run('sign-out', 25, signOuts(sites)),
    run('role change', 25, await roleChanges(sites, admin, sales)),
    run('role change', 25, await roleChanges(sites, admin, press)),
    run('user disabled', 30, disabledUsers(sites, admin, buyer)),
    run('API key revoked', 30, revokedKeys(sites, admin)),
    run('tenant suspended', 20, suspensions(sites, platformParts)).then(() =>
      run('store removed', 20, removedStores(sites, platformParts)),
    ),
  ]);
  const expected: Record<string, RegExp> = {
    'sign-out': /^token_revoked$/,
    'role change': /^token_stale$/,
    'user disabled': /^token_(revoked|stale)$/,
    'API key revoked': /^token_revoked$/,
    'tenant suspended': /^tenant_suspended$/,
    'store removed': /^tenant_not_found$/,
  };
  for (const [name, list] of Object.entries(taken)) {
    const codes = [...new Set(list.flatMap((each) => each.codes))];
    for (const code of codes) t.match(code, expected[name], name);
    const slowest = Math.max(...list.map(({ ms }) => ms));
    t.comment(`measured: ${name}: ${list.length} times, slowest of both data planes ${slowest.toFixed(0)} ms`);
  }
  const all = Object.values(taken).flatMap((list) => list.map(({ ms }) => ms));
  const [p50, p99] = [percentile(all, 0.5), percentile(all, 0.99)];
  t.comment(
    `measured: ${all.length} revocations at one of two control planes, refused by both data planes: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`,
  );
  t.equal(all.length, 200);
  t.ok(p99 <= 1_000, 'the promise of one second');
}

async function checkLossOfRedis(t: Tap, sites: Sites, kill: () => Promise<void>): Promise<void> {
  const { access } = await signIn(sites.platform, 'manager@acme.test');
  const menu = (control: SendRaw) => control({ host: 'acme', path: '/api/menu', headers: bearer(access) });
  const calls = [
    ...sites.datas.map((data) => () => read(data, 'acme', access)),
    ...sites.controls.map(
      ({ send }) =>
        () =>
          menu(send),
    ),
  ];
  const phases = { before: [] as number[], after: [] as number[] };
  let phase: keyof typeof phases = 'before';
  let stop = false;
  const failed: RawAnswer[] = [];
  const load = calls.map(async (call) => {
    while (!stop) {
      const [into, startedAt] = [phases[phase], runningMs()];
      const answer = await call();
      into.push(runningMs() - startedAt);
      if (answer.status !== 200) failed.push(answer);
    }
  });
  const enough = (list: readonly number[]) =>
    until(
      async () => list.length,
      (count) => count >= 600,
    );
  await enough(phases.before);
  phase = 'after';
  await kill();
  await enough(phases.after);
  stop = true;
  await Promise.all(load);
  t.same(failed, [], 'every request is answered as before');
  const [before, after] = [percentile(phases.before, 0.99), percentile(phases.after, 0.99)];
  t.ok(after - before < 150, 'nobody waits for it');
  t.comment(
    `measured: Redis killed under load: p99 ${before.toFixed(1)} ms before, ${after.toFixed(1)} ms after; slowest ${Math.max(...phases.before).toFixed(0)} and ${Math.max(...phases.after).toFixed(0)} ms; ${phases.after.length} requests, none failed`,
  );
}

const execute = promisify(execFile);
const keysCommand = fileURLToPath(new URL('../../../control-plane/dist/commands/keys/main.js', import.meta.url));
const kidOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8')) as { kid: string }).kid;

async function checkRotation(t: Tap, sites: Sites): Promise<void> {
  const { platform } = sites;
  const old = await signIn(platform, 'manager@acme.test');
  let stop = false;
  let requests = 0;
  const refused: RawAnswer[] = [];
  const load = sites.datas.map(async (data, index) => {
    for (let session = await signInAt(sites, at(sites, index), 'press@acme.test'); !stop; ) {
      session = await refreshed(at(sites, index), session);
      for (const token of [old.access, session.access]) {
        const answer = await read(data, 'acme', token);
        requests += 1;
        if (answer.status !== 200) refused.push(answer);
      }
    }
  });
  const startedAt = performance.now();
  const { stdout } = await execute(process.execPath, [keysCommand, 'rotate'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      CONTROL_PLATFORM_DB_URL: platform.databases.control.platformUrl,
      KEY_ENCRYPTION_KEY: platform.secrets.keyEncryptionKey,
    },
  });
  const tookMs = performance.now() - startedAt;
  const kid = /published (\S+)/.exec(stdout)?.[1] ?? '';
  for (const index of [0, 1]) {
    await until(
      () => signInAt(sites, at(sites, index), 'manager@acme.test'),
      ({ access }) => kidOf(access) === kid,
    );
  }
  stop = true;
  await Promise.all(load);
  t.same(refused, [], 'no token is refused that should not be');
  t.not(kidOf(old.access), kid, 'the older key verifies still');
  t.comment(`measured: keys rotate took ${tookMs.toFixed(0)} ms; ${requests} requests meanwhile, none refused`);
}

async function checkLossOfControl(t: Tap, sites: Sites): Promise<void> {
  const { platform, datas } = sites;
  const begun = await signInAt(sites, at(sites, 0), 'manager@acme.test');
  await platform.kill('control-plane');
  const other = at(sites, 1);
  const kept = await refreshed(other, begun);
  const fresh = await signInAt(sites, other, 'sales@acme.test');
  for (const [index, data] of datas.entries()) {
    for (const { access } of [begun, kept, fresh]) {
      t.equal((await read(data, 'acme', access)).status, 200, `data plane ${index + 1} takes what the other signed`);
    }
  }
  t.equal(claimsOf(fresh.access).org, acmePrint.id);
  const left = await other.send({
    method: 'POST',
    host: 'acme',
    path: '/api/auth/logout',
    headers: bearer(kept.access),
  });
  t.equal(left.status, 204);
  const refusedBy = (data: SendRaw) =>
    until(
      () => read(data, 'acme', kept.access),
      ({ status }) => status === 401,
    );
  await refusedBy(datas[1]);
  await platform.start('control-plane');
  await refusedBy(datas[0]);
  t.pass('the data plane that lost its control plane hears of the sign-out when it is back');
}

if (redisIsMissing !== false) t.test('two of each plane and one Redis', { skip: redisIsMissing }, () => undefined);
else await runAll();
