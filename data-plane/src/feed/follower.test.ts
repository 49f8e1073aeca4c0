import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { recordLog } from '@platen/chassis/testkit/http';
import type { FeedEntity } from '@platen/schema/contracts/internal/feed';
import t, { type Test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { type FeedDisk, openFeedDisk } from './disk.js';
import { FakeControl } from './fake-control.fixture.js';
import { FeedFollower, maxAgeMs } from './follower.js';
import { FeedStore } from './store.js';

const tenantId = uuidv7();
const tenant: FeedEntity = {
  kind: 'tenant',
  id: tenantId,
  slug: 'acme',
  name: 'Acme',
  status: 'active',
  domains: [],
  erp_db_key: 'erp-1',
  telemetry_db_key: null,
  authz_epoch: 0,
  modules: [],
  limits: {},
};
const keys: FeedEntity = {
  kind: 'signing_keys',
  keys: [{ kty: 'RSA', kid: 'k1', use: 'sig', alg: 'RS256', n: 'n', e: 'AQAB' }],
};
const revoked = (sessionId: string): FeedEntity => ({
  kind: 'revoked_session',
  tenant_id: tenantId,
  session_id: sessionId,
  forget_at: new Date(Date.now() + 960_000).toISOString(),
});
const token = (sid: string) => ({ sub: uuidv7(), sid, epo: [0, 0] as const });

interface Following {
  readonly store: FeedStore;
  readonly follower: FeedFollower;
  readonly lines: Record<string, unknown>[];
  until(condition: () => boolean): Promise<void>;
}

async function follow(
  t: Test,
  folder: string,
  control: FakeControl,
  options: { now?: () => number; disk?: (disk: FeedDisk) => FeedDisk } = {},
): Promise<Following> {
  const now = options.now ?? Date.now;
  const store = new FeedStore({ baseDomain: 'localhost', now });
  const { log, lines } = recordLog();
  const disk = await openFeedDisk(folder);
  const follower = new FeedFollower({
    store,
    disk: options.disk?.(disk) ?? disk,
    client: control,
    log,
    instanceId: uuidv7(),
    now,
    heartbeatMs: 20,
    backOff: { firstMs: 1, longestMs: 5 },
  });
  await follower.start();
  t.teardown(() => follower.stop());
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return { store, follower, lines, until };
}

const controlWith = (...entities: object[]): FakeControl =>
  Object.assign(new FakeControl(), { snapshotEntities: entities });

t.test('snapshot, changes, heartbeat', async (t) => {
  const control = controlWith(keys, tenant);
  const { store, follower, until } = await follow(t, t.testdir(), control);
  await until(() => follower.status().ready && follower.status().isFollowing);
  t.equal(store.tenantByHost('acme.localhost')?.id, tenantId);
  const sid = uuidv7();
  const position = control.publish({ kind: 'weather' }, revoked(sid));
  await until(() => store.position === BigInt(position));
  t.equal(store.refusalOf(tenantId, token(sid)), 'token_revoked');
  await until(() => control.reports.at(-1)?.feed_position === position);
  t.same(control.reports.at(-1)?.key_ids, ['k1']);
  t.equal(control.snapshots, 1);
  t.same(control.left, []);
  await follower.stop();
  t.same(control.left, [control.reports.at(-1)?.instance_id], 'nobody waits for one that has stopped');
});

t.test('a control plane that is away at the start', async (t) => {
  const control = controlWith(keys, tenant);
  control.isAway = true;
  const folder = t.testdir();
  const first = await follow(t, folder, control);
  t.match(first.follower.status(), { ready: false, reason: /control plane has not been reached/, ageMs: null });
  control.isAway = false;
  await first.until(() => first.follower.status().ready);
  const sid = uuidv7();
  control.publish(revoked(sid));
  await first.until(() => first.store.refusalOf(tenantId, token(sid)) !== null);
  await first.follower.stop();

  control.isAway = true;
  const second = await follow(t, folder, control);
  t.match(second.follower.status(), { ready: true, isFollowing: false, isOnDisk: true }, 'serves from its disk');
  t.equal(second.store.refusalOf(tenantId, token(sid)), 'token_revoked', 'and refuses what it refused');
  t.equal(second.store.refusalOf(tenantId, token(uuidv7())), null);
  await second.until(() => second.lines.some((line) => line['message'] === 'feed is interrupted'));
  control.isAway = false;
  const other = uuidv7();
  control.publish(revoked(other));
  await second.until(() => second.store.refusalOf(tenantId, token(other)) !== null);
  t.equal(control.snapshots, 1, 'goes on where it was');
  t.equal(second.lines.filter((line) => line['message'] === 'feed is interrupted').length, 1, 'said once');
});

t.test('what is too old, or has no keys, is not ready', async (t) => {
  const control = controlWith(keys, tenant);
  const folder = t.testdir();
  const first = await follow(t, folder, control);
  await first.until(() => first.follower.status().isFollowing || first.follower.status().ready);
  await first.follower.stop();
  control.isAway = true;
  const late = await follow(t, folder, control, { now: () => Date.now() + maxAgeMs + 1000 });
  t.match(late.follower.status(), { ready: false, reason: /older than 24 hours/ });

  const keyless = await follow(t, t.testdir({}), controlWith(tenant));
  await keyless.until(() => keyless.follower.status().isFollowing || keyless.store.asOfMs !== null);
  t.match(keyless.follower.status(), { ready: false, reason: /No keys/ });
});

t.test('past retention, out of order, repeated, or from a log that began anew', async (t) => {
  const control = controlWith(keys, tenant);
  const { store, until, follower } = await follow(t, t.testdir(), control);
  await until(() => follower.status().ready);
  const [a, b] = [uuidv7(), uuidv7()];
  control.publish(revoked(a));
  await until(() => store.refusalOf(tenantId, token(a)) !== null);

  control.nextAnswer = { changes: [{ position: '1', entity: revoked(b) }], position: '1' };
  control.wake();
  await until(() => control.nextAnswer === undefined);
  control.publish({ ...tenant, name: 'Acme 2' });
  await until(() => store.tenantById(tenantId)?.name === 'Acme 2');
  t.equal(store.refusalOf(tenantId, token(b)), null, 'a repeated position is not applied again');
  t.equal(control.snapshots, 1);

  const unordered = [9, 8].map((position) => ({ position: String(position), entity: revoked(b) }));
  control.nextAnswer = { changes: unordered, position: '9' };
  control.wake();
  await until(() => control.snapshots === 2);
  t.equal(store.refusalOf(tenantId, token(b)), null, 'nothing of a batch in the wrong order is used');

  control.goneBefore = 100n;
  control.changesSent.push({ position: '200', entity: { kind: 'weather' } });
  control.wake();
  await until(() => control.snapshots === 3 && store.position === 200n);
  t.equal(store.refusalOf(tenantId, token(a)), 'token_revoked', 'the snapshot did not revive the session');
});

t.test('a snapshot that is cut short changes nothing', async (t) => {
  const control = controlWith(keys, tenant);
  const { store, until, follower } = await follow(t, t.testdir(), control);
  await until(() => follower.status().ready);
  control.snapshot = async () => {
    control.snapshots += 1;
    return (async function* () {
      yield { position: '500' };
      yield { end: true, count: 7 };
    })();
  };
  control.goneBefore = 400n;
  control.publish({ kind: 'weather' });
  await until(() => control.snapshots >= 3);
  t.equal(store.tenantById(tenantId)?.slug, 'acme');
  t.equal(follower.status().ready, true);
});

t.test('the disk: a torn last line is cut off, damage before it is not believed', async (t) => {
  const control = controlWith(keys, tenant);
  const folder = t.testdir();
  const sid = uuidv7();
  const first = await follow(t, folder, control);
  await first.until(() => first.follower.status().ready);
  control.publish(revoked(sid));
  await first.until(() => first.store.refusalOf(tenantId, token(sid)) !== null);
  await first.follower.stop();
  control.isAway = true;

  const log = path.join(folder, 'changes.ndjson');
  const whole = await readFile(log);
  await appendFile(log, '{"position":"2","entity":{"kind":"revo');
  const torn = await follow(t, folder, control);
  t.equal(torn.store.refusalOf(tenantId, token(sid)), 'token_revoked');
  t.equal(torn.follower.status().ready, true);
  await torn.follower.stop();
  t.same(await readFile(log), whole);

  await writeFile(log, Buffer.concat([Buffer.from('{"position":"1",\n'), whole]));
  const damaged = await follow(t, folder, control);
  t.equal(damaged.follower.status().ready, false);
  t.ok(damaged.lines.some((line) => line['message'] === 'feed on disk cannot be used'));
});

t.test('a disk that fails does not keep a revocation from being applied, nor is it believed later', async (t) => {
  const control = controlWith(keys, tenant);
  const folder = t.testdir();
  const failing = { append: false, replace: false };
  const disk = (real: FeedDisk): FeedDisk => ({
    ...real,
    get logByteSize() {
      return real.logByteSize;
    },
    append: (changes) => (failing.append ? Promise.reject(new Error('ENOSPC')) : real.append(changes)),
    replace: (snapshot) => (failing.replace ? Promise.reject(new Error('ENOSPC')) : real.replace(snapshot)),
  });
  const { store, until, follower } = await follow(t, folder, control, { disk });
  await until(() => follower.status().ready);
  failing.append = true;
  failing.replace = true;
  const sid = uuidv7();
  control.publish(revoked(sid));
  await until(() => store.refusalOf(tenantId, token(sid)) !== null);
  t.equal(follower.status().isOnDisk, false);
  t.same(await readdir(folder), ['changes.ndjson'], 'a restart finds nothing rather than something stale');
  failing.replace = false;
  control.publish({ ...tenant, name: 'Acme 3' });
  await until(() => follower.status().isOnDisk);
  t.ok((await readFile(path.join(folder, 'snapshot.ndjson'), 'utf8')).includes(sid), 'there is room again');
});

t.test('SIGKILL at any moment: what was in force is still in force after a restart', async (t) => {
  const fixture = fileURLToPath(new URL('./crash.fixture.js', import.meta.url));
  for (let round = 0; round < 5; round += 1) {
    const folder = t.testdir();
    const child = spawn(process.execPath, [fixture, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    const enough = 20 + Math.floor(Math.random() * 200);
    for await (const chunk of child.stdout) {
      output += chunk;
      if (output.split('\n').length > enough) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const inForce = output.split('\n').slice(0, -1);
    const control = new FakeControl();
    control.isAway = true;
    const { store } = await follow(t, folder, control);
    const fixtureTenant = '01930000-0000-7000-8000-000000000001';
    const lost = inForce.filter((sid) => store.refusalOf(fixtureTenant, token(sid)) !== 'token_revoked');
    t.ok(inForce.length >= enough);
    t.same(lost, [], `${inForce.length} revocations, killed after ${enough}`);
  }
});
