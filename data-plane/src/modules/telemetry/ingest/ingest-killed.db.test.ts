import { randomUUID } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readPidFile } from '@platen/chassis/embedded-postgres/running-server';
import { startEmbeddedPostgres } from '@platen/chassis/embedded-postgres/start';
import { describeDatabase } from '@platen/chassis/testkit/database';
import { ensureTestRoles, prepareTemplate, templateNames } from '@platen/chassis/testkit/database-templates';
import { makeScratchFolder } from '@platen/chassis/testkit/scratch-folder';
import pg from 'pg';
import t, { type Test } from 'tap';
import { openTestPlane } from '../../../testkit/test-plane.js';

const kills = 2;
const fromMs = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;

t.test('killed and back while readings come: each that was acknowledged is there once', async (t) => {
  const server = await startServer(t);
  const database = describeDatabase(server.url, templateNames.telemetry);
  const plane = openTestPlane(t, { telemetry_1: { ...database, kind: 'telemetry' } });
  const tenant = plane.addTenant('acme', 'erp_1', { telemetry_db_key: 'telemetry_1' });
  const [organizationId] = tenant.organizationIds;
  /** Readings of a request, a sender each, which is a device. */
  const sizes = [1, 1, 1, 40, 40];
  await asSuperuser(database.superuserUrl, async (client) => {
    for (const no of sizes.keys())
      await client.query(
        `insert into tel_devices (tenant_id, organization_id, id, code, name, device_no, kind) values ($1, $2, $3, $4, $4, $5, 'press')`,
        [tenant.id, organizationId, randomUUID(), `press-${no}`, no + 1],
      );
    await client.query(
      `insert into tel_metrics (tenant_id, organization_id, id, code, name, kind, metric_no) values ($1, $2, $3, 'pieces', 'Pieces', 'gauge', 1)`,
      [tenant.id, organizationId, randomUUID()],
    );
  });

  const token = plane.token(tenant);
  const refused = new Map<number, number>();
  let acknowledged = 0;
  let isOver = false;
  const post = (device: number, first: number, size: number) =>
    plane.call(tenant, token, {
      method: 'POST',
      url: '/api/telemetry/readings',
      payload: {
        readings: Array.from({ length: size }, (_, n) => ({
          ...{ device: `press-${device}`, metric: 'pieces', ts: fromMs + first + n, value: first + n },
        })),
      },
    });
  /** One request after the other, each until it is acknowledged. Answers how many readings were. */
  const send = async (size: number, device: number): Promise<number> => {
    let first = 0;
    for (; !isOver; first += size) {
      for (let tries = 1; ; tries += 1) {
        const { status, body } = await post(device, first, size);
        if (status === 200) {
          const isWhole = body.accepted === size || (tries > 1 && body.accepted === 0 && body.duplicates === size);
          if (!isWhole) t.fail(`request ${first} of ${device}: ${JSON.stringify(body)} at try ${tries}`);
          break;
        }
        refused.set(status, (refused.get(status) ?? 0) + 1);
        await delay(20);
      }
      acknowledged += 1;
      // Answers that are here at once would keep all else waiting.
      await delay(1);
    }
    return first;
  };
  const senders = sizes.map(send);
  const untilMore = async () => {
    for (const before = acknowledged; acknowledged < before + 40; ) await delay(5);
  };
  await untilMore();
  for (let kill = 0; kill < kills; kill += 1) {
    const before = refused.get(503) ?? 0;
    await server.kill();
    while ((refused.get(503) ?? 0) <= before) await delay(5);
    await server.restart();
    await untilMore();
  }
  isOver = true;
  const counts = await Promise.all(senders);
  t.same([...refused.keys()], [503], 'meanwhile it is 503');
  const stored = await asSuperuser(database.superuserUrl, async (client) => {
    const { rows } = await client.query(
      `select device_no - 1 as device, count(*)::int as n, min(value) as first, max(value) as last, count(*) filter (
         where extract(epoch from ts) * 1000 = $1::int8 + value)::int as right
       from tel_readings group by device_no order by 1`,
      [fromMs],
    );
    return rows;
  });
  t.same(
    stored,
    counts.map((n, device) => ({ device, n, first: 0, last: n - 1, right: n })),
  );
  t.comment(
    `measured: ${kills} SIGKILLs under ${acknowledged} requests, ${refused.get(503)} answers of 503: none lost, none twice`,
  );
});

async function asSuperuser<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** One of its own, which has written what it acknowledges: it may be killed. */
async function startServer(t: Test) {
  const dataDir = await makeScratchFolder('platen-test-killed-');
  await chmod(dataDir, 0o755);
  const options = { dataDir, durable: false, settings: { synchronous_commit: 'on' } };
  let server = await startEmbeddedPostgres(options);
  t.teardown(() => server.stop());
  const { url, port } = server;
  await ensureTestRoles(url);
  await prepareTemplate(url, 'telemetry');
  return {
    url,
    async kill() {
      const found = await readPidFile(path.join(dataDir, 'cluster'));
      if (found === undefined) throw new Error('the server runs no more');
      process.kill(found.pid, 'SIGKILL');
      await server.stop();
    },
    async restart() {
      // Those that it left behind end when they notice; until then no other one starts there.
      for (let tries = 1; ; tries += 1) {
        try {
          server = await startEmbeddedPostgres({ ...options, port });
          return;
        } catch (error) {
          if (tries === 600) throw error;
          await delay(100);
        }
      }
    },
  };
}
