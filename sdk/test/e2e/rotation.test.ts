import { statement } from '@platen/chassis/db/statement';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { makeBadTokens } from '@platen/chassis/testkit/bad-tokens';
import { patient } from '@platen/chassis/testkit/patient';
import { faultsOfProblem } from '@platen/chassis/testkit/problem-document';
import { until } from '@platen/chassis/testkit/until';
import { runKeys } from '@platen/control-plane/commands/keys/run-keys';
import { createTextCipher, deriveKey } from '@platen/control-plane/modules/keys/private-key-cipher';
import t from 'tap';
import type { SendRaw } from './http.js';
import { startPlatform } from './platform.js';
import { startSecondPair } from './second-pair.js';
import { bearer, claimsOf, serviceToken, signIn } from './sign-in.js';
import { acmePrint, mainStreet, readSigningKey } from './world.js';

// Two control planes and two data planes, as processes, over one control database.
const platform = await startPlatform(t, { services: ['control-plane', 'data-plane'] });
const second = await startSecondPair(t, platform);
const controls = [platform.control, second.control];
const datas = [platform.data, second.data];

const db = systemDatabase({ name: 'rotation', url: platform.databases.control.platformUrl, poolSize: 2, ...patient });
t.teardown(() => db.close());
const cipher = createTextCipher(deriveKey(platform.secrets.keyEncryptionKey, 'signing-keys'));
async function keys(...args: string[]): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const code = await runKeys(args, { db, cipher, print: (line) => lines.push(line), pollMs: 20 });
  return { code, lines };
}
const kidOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8')) as { kid: string }).kid;

/** A new token of a control plane, for whoever has one. */
async function switched(control: SendRaw, token: string): Promise<string> {
  const answer = await control({
    method: 'POST',
    host: 'acme',
    path: '/api/context/switch',
    headers: bearer(token),
    body: { organization_id: acmePrint.id, workspace_id: mainStreet.id },
  });
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  return (answer.json as { access_token: string }).access_token;
}
const read = (data: SendRaw, token: string) =>
  data({ host: 'acme', path: '/api/erp/quotes?limit=1', headers: bearer(token) });
const session = (control: SendRaw, token: string) =>
  control({ host: 'acme', path: '/api/auth/session', headers: bearer(token) });
const changes = (internal: SendRaw, token: string) =>
  internal({ host: '127.0.0.1:1', path: '/internal/changes?after=0&wait_seconds=0', headers: bearer(token) });
const enter = async () => (await signIn(platform, 'admin@acme.test')).access;

t.test('a rotation under load: nobody is refused', async (t) => {
  const first = await enter();
  let stop = false;
  const counts = { requests: 0, refused: 0, kids: new Set<string>() };
  const load = controls.flatMap((control) =>
    datas.map(async (data) => {
      for (let token = first; !stop; ) {
        const [old, fresh] = [token, await switched(control, token).catch(() => null)];
        counts.requests += 1;
        if (fresh === null) {
          counts.refused += 1;
          continue;
        }
        token = fresh;
        counts.kids.add(kidOf(token));
        for (const each of [old, fresh]) {
          counts.requests += 1;
          if ((await read(data, each)).status !== 200) counts.refused += 1;
        }
      }
    }),
  );
  await until(async () => counts.kids.size, Boolean);
  const { code, lines } = await keys('rotate');
  t.equal(code, 0, lines.join('\n'));
  const active = /published (\S+)/.exec(lines.join('\n'))?.[1] ?? '';
  await until(async () => counts.kids.has(active), Boolean);
  await until(
    async () => counts.requests,
    (requests) => requests > 300,
  );
  stop = true;
  await Promise.all(load);
  t.equal(counts.refused, 0);
  t.equal(counts.kids.size, 2, 'both keys signed');
  for (const control of controls) t.equal(kidOf(await switched(control, first)), active, 'each signs with the new one');
  t.comment(`measured: ${counts.requests} requests during a rotation, ${counts.refused} refused`);
});

t.test('a data plane that was away during a rotation recovers by itself', async (t) => {
  await second.kill('data-plane');
  // As if it had been away for longer than instances are waited for. The other one reports again before it is asked.
  await db.query(
    statement<never>('test_age_instances', `update platform_instances set last_seen_at = now() - interval '1 minute'`),
  );
  const { code, lines } = await keys('rotate');
  t.equal(code, 0, lines.join('\n'));
  const active = /published (\S+)/.exec(lines.join('\n'))?.[1];
  const token = await until(
    async () => switched(second.control, await enter()),
    (fresh) => kidOf(fresh) === active,
  );
  await second.start('data-plane');
  t.equal((await read(second.data, token)).status, 200, 'from its first request on');
});

t.test('a revoked key is refused everywhere, and everybody comes in again', async (t) => {
  const token = await switched(platform.control, await enter());
  const service = await serviceToken(platform, 'data-plane');
  const places: Record<string, () => Promise<{ status: number }>> = {
    'control plane 1': () => session(platform.control, token),
    'control plane 2': () => session(second.control, token),
    'data plane 1': () => read(platform.data, token),
    'data plane 2': () => read(second.data, token),
    'control plane 1, internal': () => changes(platform.controlInternal, service),
    'control plane 2, internal': () => changes(second.controlInternal, service),
  };
  for (const [name, ask] of Object.entries(places)) t.equal((await ask()).status, 200, name);
  const startedAt = performance.now();
  const { code } = await keys('revoke', kidOf(token));
  const committedAt = performance.now();
  t.equal(code, 0);
  const tookMs = await Promise.all(
    Object.entries(places).map(async ([name, ask]) => {
      await until(ask, ({ status }) => status === 401, 1);
      return `${name} ${Math.round(performance.now() - committedAt)} ms`;
    }),
  );
  t.comment(`measured: key revoked in ${Math.round(committedAt - startedAt)} ms, then refused: ${tookMs.join(', ')}`);
  const again = await until(enter, (fresh) => kidOf(fresh) !== kidOf(token));
  for (const data of datas) {
    await until(
      () => read(data, again),
      ({ status }) => status !== 401,
    );
    t.equal((await read(data, await switched(platform.control, again))).status, 200);
  }
});

t.test('bad tokens over HTTP: refused with their code by both planes', async (t) => {
  const access = await switched(platform.control, await enter());
  const key = await readSigningKey(platform);
  const service = await serviceToken(platform, 'data-plane');
  const listeners: Record<string, { good: string; ask: (token: string) => ReturnType<SendRaw> }> = {
    'control plane': { good: access, ask: (token) => session(platform.control, token) },
    'data plane': { good: access, ask: (token) => read(platform.data, token) },
    'control plane, internal': { good: service, ask: (token) => changes(platform.controlInternal, token) },
    'data plane, internal': {
      good: service,
      ask: (token) =>
        platform.dataInternal({
          host: '127.0.0.1:1',
          path: `/internal/outbox?consumer=bad-tokens&topic=erp.quote&owner=${acmePrint.id}&wait_seconds=0`,
          headers: bearer(token),
        }),
    },
  };
  for (const [name, { good, ask }] of Object.entries(listeners)) {
    const bad = Object.entries(makeBadTokens(key, claimsOf(good))).filter(([, { token }]) => token.length < 8_000);
    const findings: string[] = [];
    for (const [attack, { token, code }] of bad) {
      const faults = faultsOfProblem(await ask(token), code);
      findings.push(...faults.map((fault) => `${attack}: ${fault}`));
    }
    t.same(findings, [], `${name}: ${bad.length} bad tokens`);
    t.not((await ask(good)).status, 401, 'the good one is taken');
  }
});
