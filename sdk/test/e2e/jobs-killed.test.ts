import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { firstTime } from '@platen/chassis/bus/inbox';
import { statement } from '@platen/chassis/db/statement';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { lockHeldJob } from '@platen/data-plane/modules/jobs/index';
import { openJobs, type Where } from '@platen/data-plane/modules/jobs/jobs.fixture';
import { tenantOf } from '@platen/data-plane/testkit/test-plane';
import t, { type Test as Tap } from 'tap';
import { programAt } from './platform.js';

// A worker is a process of its own and is killed where it hurts. Another one goes on: every step's effect is there once.

const child = programAt('workers/erp-worker/dist/jobs/worker.child.js');
const steps = 6;
const points = ['before claim', 'after claim', 'midway', 'after the effect', 'after complete'] as const;

// Each death is two processes, one after the other.
t.setTimeout(180_000);
const plane = await openJobs(t, { withOutbox: true });
const where: Where = { tenant: plane.addTenant('acme', 'erp_1') };
await plane.app.internal.listen({ host: '127.0.0.1', port: 0 });
const portOf = (server: { address(): AddressInfo | string | null }) => (server.address() as AddressInfo).port; // on TCP
await asSuperuser(plane.database.superuserUrl, async (client) => {
  await client.query('create table test_effects (job uuid, step int, attempt int)');
  await client.query('grant insert on test_effects to platen_app');
});

interface Effect {
  readonly tenant_id: string;
  readonly id: string;
  readonly owner: string;
  readonly attempt: number;
  readonly step: number;
}
const insertEffect = statement<never>(
  'test.insert_effect',
  'insert into test_effects values ($1::uuid, $2::int, $3::int)',
);
/** As internal endpoints do it: fenced by the attempt, once by the inbox, in one transaction. */
async function applyEffect({ tenant_id: tenantId, id, step, ...holder }: Effect): Promise<void> {
  tenantOf(plane.store, tenantId);
  await plane.db(where).transaction(async (tx) => {
    await lockHeldJob(tx, id, { ...holder, workspaceId: null });
    const isFirst = await firstTime(tx, { tenantId, consumer: `test.step-${step}`, eventId: id });
    if (isFirst) tx.defer(insertEffect, [id, step, holder.attempt]);
  });
}
const effects = createServer((request, response) => {
  json(request)
    .then((body) => applyEffect(body as Effect)) // what the child sends
    .then(
      () => response.writeHead(204).end(),
      () => response.writeHead(409).end(),
    );
});
effects.listen(0, '127.0.0.1');
await once(effects, 'listening');
t.teardown(() => {
  effects.closeAllConnections();
  effects.close();
});

interface Child {
  /** Resolves when it says that it is there. */
  at(point: string): Promise<void>;
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}
function startChild(t: Tap, hangAt = ''): Child {
  const env = {
    PLANE_URL: `http://127.0.0.1:${portOf(plane.app.internal.server)}`,
    EFFECT_URL: `http://127.0.0.1:${portOf(effects)}`,
    TOKEN: plane.issuer.serviceToken(['outbox', 'erp.job']),
    HANG_AT: hangAt,
  };
  const started: ChildProcess = spawn(process.execPath, [child], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(started, 'exit');
  t.teardown(() => started.kill('SIGKILL'));
  const said = new Set<string>();
  const waiting = new Map<string, () => void>();
  if (started.stdout) {
    createInterface({ input: started.stdout }).on('line', (line) => {
      said.add(line);
      waiting.get(line)?.();
    });
  }
  return {
    at: (point) =>
      said.has(`at ${point}`) ? Promise.resolve() : new Promise((resolve) => waiting.set(`at ${point}`, resolve)),
    async end(signal) {
      started.kill(signal);
      await exited;
    },
  };
}

/** Who is dead renews nothing: the leases are over. By the database's clock, so nobody has to wait for it. */
const passTime = () =>
  plane.sql(
    `with job as (update erp_jobs set lease_until = now() - interval '1 s' where status = 'running'),
       due as (update due_work set due_at = now() - interval '1 s' where kind = 'job_running')
     update outbox_positions set lease_until = now() - interval '1 s'`,
  );

async function finish(t: Tap, id: string): Promise<void> {
  const healthy = startChild(t);
  await passTime();
  await plane.runner().runDue();
  for (;;) {
    const next = plane.nextEvent();
    const { status, error } = await plane.job(where, id);
    if (status === 'failed') throw new Error(`the job failed: ${error?.message}`);
    if (status === 'succeeded') break;
    await next;
  }
  await healthy.end('SIGTERM');
}

/** Every effect once, whatever attempt had it; and what readers were told never went back. */
async function check(t: Tap, id: string): Promise<void> {
  const done = await plane.sql<{ step: number }>('select step from test_effects where job = $1 order by step', [id]);
  t.same(
    done.map(({ step }) => step),
    Array.from({ length: steps }, (_, n) => n),
  );
  const told = await plane.sql<{ progress: number }>(
    `select (payload ->> 'progress')::int as progress from outbox_events where payload ->> 'job_id' = $1 order by seq`,
    [id],
  );
  const progress = told.map(({ progress: at }) => at);
  t.same(
    progress,
    [...progress].sort((a, b) => a - b),
  );
  t.match(await plane.job(where, id), { status: 'succeeded', progress: steps, progress_total: steps });
}

for (const point of points) {
  t.test(`killed ${point}`, async (t) => {
    const doomed = startChild(t, point);
    const { id } = await plane.request(where);
    await doomed.at(point);
    await doomed.end('SIGKILL');
    await finish(t, id);
    await check(t, id);
    const { attempts } = await plane.job(where, id);
    t.equal(attempts, point === 'before claim' || point === 'after complete' ? 1 : 2);
  });
}

t.test('a worker that stops gives its job back at once, which is no failure', async (t) => {
  const stopping = startChild(t, 'midway');
  const { id } = await plane.request(where);
  await stopping.at('midway');
  await stopping.end('SIGTERM');
  t.match(await plane.job(where, id), { status: 'queued', progress: 4, error: null }, 'without a lease that ends');
  await finish(t, id);
  await check(t, id);
});
