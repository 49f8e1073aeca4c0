import { deleteDelivered } from '@platen/chassis/bus/outbox-leases';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { createCursors } from '@platen/chassis/http/cursor';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { patient } from '@platen/chassis/testkit/patient';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import type { TestTenant } from '../../testkit/test-plane.js';
import { streamedTopics } from './index.js';
import { type Reader, type StreamPlane, startStreamPlane, type Where } from './stream.fixture.js';

const ids = (n: number) => Array.from({ length: n }, () => uuidv7());
/** A position as the tenant may see it. */
const shownTo = ({ id }: TestTenant, databaseKey: string) => {
  const { hide } = createCursors('a cursor secret for tests').positionsOf(id, databaseKey);
  return (position: number) => hide(BigInt(position));
};
const ordersOf = ({ events }: Reader) => events.map(({ data }) => data.order_id);

t.test('nothing of another tenant, organization or workspace reaches a stream, live or caught up', async (t) => {
  const plane = await startStreamPlane(t, ['erp_1', 'erp_2']);
  const acme = plane.addTenant('acme', 'erp_1');
  const globex = plane.addTenant('globex', 'erp_1');
  const far = plane.addTenant('far', 'erp_2');
  const [first, second] = acme.workspaceIds;
  const places: Record<string, Where> = {
    all: { tenant: acme },
    first: { tenant: acme, workspaceId: first },
    second: { tenant: acme, workspaceId: second },
    sister: { tenant: acme, organizationId: acme.organizationIds[1] },
    neighbour: { tenant: globex },
    far: { tenant: far },
  };
  // An event of each place, and who may see it. What belongs to the whole organization is seen in its workspaces.
  const seenBy: Record<string, readonly string[]> = {
    all: ['all', 'first', 'second'],
    first: ['all', 'first'],
    second: ['all', 'second'],
    sister: ['sister'],
    neighbour: ['neighbour'],
    far: ['far'],
  };
  const wanted = Object.fromEntries(Object.keys(places).map((place) => [place, [] as string[]]));
  const publishEverywhere = async () => {
    for (const [place, where] of Object.entries(places)) {
      const order = uuidv7();
      await plane.publish(where, order);
      for (const reader of seenBy[place] ?? []) wanted[reader]?.push(order);
    }
  };
  await publishEverywhere();
  const open = () =>
    Promise.all(
      Object.entries(places).map(async ([place, where]) => {
        const start = shownTo(where.tenant, where.tenant === far ? 'erp_2' : 'erp_1')(0);
        return [place, await plane.open(where, { query: `?last_event_id=${start}` })] as const;
      }),
    );
  const early = await open();
  await Promise.all(early.map(([, reader]) => reader.live()));
  for (let round = 0; round < 5; round += 1) await publishEverywhere();
  const late = await open();
  for (const [place, reader] of [...early, ...late]) {
    await reader.count(wanted[place]?.length ?? 0);
    t.same(ordersOf(reader), wanted[place], place);
  }
  // A last event for each, so that whatever else was on its way would have come before it.
  await publishEverywhere();
  for (const [place, reader] of [...early, ...late]) {
    await reader.count(wanted[place]?.length ?? 0);
    t.same(ordersOf(reader), wanted[place], `${place}, after all`);
  }
});

t.test('catching up while it goes on: every event once, in order, from wherever one was', async (t) => {
  const plane = await startStreamPlane(t);
  const tenant = plane.addTenant('acme', 'erp_1');
  const where = { tenant };
  const orders = ids(600);
  const positions = await withReader(plane, where, async (reader) => {
    await reader.live();
    await plane.publish(where, ...orders.slice(0, 300));
    await reader.count(300);
    return reader.events.map(({ id }) => id);
  });
  t.equal(new Set(positions).size, 300);
  const publishing = plane.publish(where, ...orders.slice(300));
  const readers: [number, Reader][] = [];
  for (let n = 0; n < 30; n += 1)
    readers.push([n * 10 + 1, await plane.open(where, { after: positions[n * 10] ?? '' })]);
  await publishing;
  for (const [seen, reader] of readers) {
    await reader.count(orders.length - seen);
    t.same(ordersOf(reader), orders.slice(seen));
    reader.close();
  }
});

t.test(
  'a position that is not kept any more, or of another time, is a reset; the stream goes on from now',
  async (t) => {
    const plane = await startStreamPlane(t);
    const tenant = plane.addTenant('acme', 'erp_1');
    const where = { tenant };
    const [database] = plane.databases;
    if (!database) throw new Error('a plane has a database');
    await withReader(plane, where, async (reader) => {
      await reader.live();
      await plane.publish(where, ...ids(5));
      await reader.count(5);
    });
    await asSuperuser(database.superuserUrl, (client) =>
      client.query(`update outbox_events set created_at = now() - interval '2 hours' where position <= 3`),
    );
    const system = systemDatabase({ name: 'test', url: database.systemUrl, poolSize: 1, ...patient });
    t.equal(await deleteDelivered(system, 3600, 100), 0, 'a consumer may still come');
    t.equal(await deleteDelivered(system, 3600, 100, { streamedTopics: ['erp.order', ...streamedTopics] }), 3);
    await system.close();
    const shown = shownTo(tenant, 'erp_1');
    let last = 5;
    for (const after of [2, 99, 3]) {
      const read = async (reader: Reader) => {
        await reader.live();
        const kept = after === 3 ? [4, 5, 6, 7].map((n) => ({ type: 'erp.order.blanks_changed', id: shown(n) })) : [];
        const reset = { type: 'reset', id: shown(last), data: { position: shown(last) } };
        t.match(reader.events, after === 3 ? kept : [reset], `${after}`);
        t.equal(reader.events.length, after === 3 ? 4 : 1);
        await plane.publish(where, uuidv7());
        await reader.count(after === 3 ? 5 : 2);
        last += 1;
      };
      await withReader(plane, where, read, shown(after));
    }
  },
);

t.test('positions tell a tenant nothing of how busy the others are, and another one’s are none', async (t) => {
  const plane = await startStreamPlane(t);
  const [acme, globex] = [plane.addTenant('acme', 'erp_1'), plane.addTenant('globex', 'erp_1')];
  const seen = async (tenant: TestTenant, after: string | undefined, count: number) => {
    const reader = await plane.open({ tenant }, after === undefined ? {} : { after });
    await reader.live();
    if (count > 0) await plane.publish({ tenant }, ...ids(count));
    await reader.count(count + (after === undefined ? 0 : 1));
    reader.close();
    return reader.events;
  };
  const before = await seen(acme, undefined, 2);
  await plane.publish({ tenant: globex }, ...ids(20));
  const [first, second, third] = [...before, ...(await seen(acme, undefined, 1))].map(({ id }) => BigInt(id));
  const distances = [second, third].map((id, n) => (id ?? 0n) - ([first, second][n] ?? 0n));
  for (const distance of distances) t.ok(distance > 1_000_000n || distance < -1_000_000n, `${distance}`);
  t.match(await seen(globex, before[0]?.id, 0), [{ type: 'reset' }], 'another tenant’s');
  t.match(await seen(acme, '3', 0), [{ type: 'reset' }], 'a made-up one');
});

t.test('an end of the session ends the stream, at once', async (t) => {
  const plane = await startStreamPlane(t);
  const tenant = plane.addTenant('acme', 'erp_1');
  const sid = uuidv7();
  const reader = await plane.open({ tenant }, { token: plane.token(tenant, { sid }) });
  const other = await plane.open({ tenant });
  await Promise.all([reader.live(), other.live()]);
  const revokedAtMs = performance.now();
  plane.apply({
    kind: 'revoked_session',
    tenant_id: tenant.id,
    session_id: sid,
    forget_at: new Date(Date.now() + 1e6).toISOString(),
  });
  await reader.ended;
  t.comment(
    `measured: from the feed's change to the end of the stream: ${(performance.now() - revokedAtMs).toFixed(1)} ms`,
  );
  const order = uuidv7();
  await plane.publish({ tenant }, order);
  await other.count(1);
  t.same(ordersOf(other), [order], 'others go on');
  t.same(ordersOf(reader), []);
});

t.test('fifty streams of one context cost one reader', async (t) => {
  const plane = await startStreamPlane(t);
  const tenant = plane.addTenant('acme', 'erp_1');
  const readers = await Promise.all(Array.from({ length: 50 }, () => plane.open({ tenant })));
  await Promise.all(readers.map((reader) => reader.live()));
  const orders = ids(300);
  const latencies: number[] = [];
  const before = process.cpuUsage();
  for (const [n, order] of orders.entries()) {
    await plane.publish({ tenant }, order);
    const committedAtMs = performance.now();
    await Promise.all(readers.map((reader) => reader.count(n + 1)));
    latencies.push(performance.now() - committedAtMs);
  }
  const { user, system } = process.cpuUsage(before);
  for (const reader of readers) t.same(ordersOf(reader), orders);
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)]?.toFixed(1);
  t.comment(
    `measured: commit to the last of 50 streams, ms: p50 ${at(0.5)}, p99 ${at(0.99)}; CPU of an event, with its commit and 50 clients in this process: ${((user + system) / 1000 / orders.length).toFixed(2)} ms`,
  );
});

async function withReader<T>(
  plane: StreamPlane,
  where: Where,
  work: (reader: Reader) => Promise<T>,
  after?: string,
): Promise<T> {
  const reader = await plane.open(where, after === undefined ? {} : { after });
  try {
    return await work(reader);
  } finally {
    reader.close();
  }
}
