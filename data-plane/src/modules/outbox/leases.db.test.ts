import { setTimeout as delay } from 'node:timers/promises';
import type { LettersDatabase } from '@platen/chassis/bus/letters-store';
import { deleteDelivered } from '@platen/chassis/bus/outbox-leases';
import { createOutboxService } from '@platen/chassis/bus/outbox-service';
import { sourceIdOf } from '@platen/chassis/bus/source-id';
import { CloudEvent, eventSources } from '@platen/schema/events/cloud-event';
import { PlatenError } from '@platen/sdk/internal';
import { type Test, test } from 'tap';
import { Value } from 'typebox/value';
import { v7 as uuidv7 } from 'uuid';
import { type OutboxPlane, type OutboxTestDatabase, readRows, startOutboxPlane } from './plane.fixture.js';

const consumer = 'leases';
const topic = 'erp.quote';

async function start(t: Test, keys?: readonly string[]): Promise<OutboxPlane & { database: OutboxTestDatabase }> {
  const plane = await startOutboxPlane(t, keys);
  const [database] = plane.databases;
  if (!database) throw new Error('a plane has a database');
  return { ...plane, database };
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof PlatenError ? `${error.status} ${error.code}` : error),
  );

test('two owners compete: one reads, the other gets nothing until the lease is over, the loser cannot acknowledge', async (t) => {
  const { database, client } = await start(t);
  const { outbox } = client();
  await database.publish([1, 2, 3].map((ordinal) => ({ aggregateId: 'a', ordinal })));
  const [first, second] = [uuidv7(), uuidv7()];
  const pull = (owner: string, waitSeconds = 0) =>
    outbox.pull({ consumer, topic, owner, wait_seconds: waitSeconds, lease_seconds: 300 });

  const { batches } = await pull(first, 25);
  const [batch] = batches;
  if (!batch) throw new Error('the first owner gets the events');
  t.equal(batch.source, sourceIdOf('erp_1'));
  t.notMatch(batch.source, /erp/);
  t.same(
    batch.events.map(({ event }) => (event.data as { number: string }).number),
    ['1', '2', '3'],
  );
  for (const { event } of batch.events) t.ok(Value.Check(CloudEvent, event), 'a CloudEvents envelope');
  t.match(batch.events[0]?.event, { tenantid: database.tenantId, subject: 'a', correlationid: 'test-publish' });
  t.same(await pull(second), { batches: [] }, 'leased to another');
  t.match(await pull(first), { batches: [{ events: [{}, {}, {}] }] }, 'the owner may ask again');
  const last = batch.events[2]?.position ?? '';
  const ack = (owner: string, position: string, more: object = {}) =>
    outbox.ack({ source: batch.source, consumer, topic, owner, position, lease_seconds: 300, ...more });
  t.match(await ack(first, batch.events[0]?.position ?? ''), { position: '1', lag: 2 });
  t.equal(await codeOf(ack(second, last)), '409 lease_lost');
  t.equal(
    await codeOf(ack(first, '999')),
    '409 lease_lost',
    'a position that no event has: a database that was set back',
  );
  t.match(await ack(first, '0'), { position: '1' }, 'only forward');

  // By the database's clock: this is what being too slow looks like to it.
  await readRows(
    database,
    `update outbox_positions set lease_until = now() - interval '1 ms' where consumer = 'leases'`,
  );
  t.match(await pull(second), { batches: [{ events: [{ position: '2' }, { position: '3' }] }] });
  t.equal(await codeOf(ack(first, last)), '409 lease_lost');
  t.match(await ack(second, last, { release: true }), { position: '3', lag: 0 });
  t.equal(await codeOf(ack(second, last)), '409 lease_lost', 'released');
  t.same((await pull(first)).batches, []);
  t.match((await outbox.pull({ consumer: 'newcomer', topic, owner: first })).batches, [{ events: [{}, {}, {}] }]);
});

test('a long poll is woken by the commit; how long until then', async (t) => {
  const { database, client } = await start(t);
  const { outbox } = client();
  const owner = uuidv7();
  const latencies: number[] = [];
  for (let ordinal = 1; ordinal <= 30; ordinal += 1) {
    const waiting = outbox.pull({ consumer, topic, owner, wait_seconds: 25 });
    await delay(Math.random() * 50);
    await database.publish([{ aggregateId: 'a', ordinal }]);
    const committedMs = performance.now();
    const [batch] = (await waiting).batches;
    latencies.push(performance.now() - committedMs);
    const position = batch?.events[0]?.position ?? '';
    await outbox.ack({ source: batch?.source ?? '', consumer, topic, owner, position });
  }
  latencies.sort((a, b) => a - b);
  const [p50, last] = [latencies[14], latencies[29]].map((ms) => ms?.toFixed(1));
  t.pass(`30 events`);
  t.comment(`measured: commit to answer of a waiting poll, ms: p50 ${p50}, max ${last}`);
});

test('one database away or hanging does not stop the others; all away is 503', async (t) => {
  const { database, log } = await start(t);
  await database.publish([{ aggregateId: 'a', ordinal: 1 }]);
  const silent = { onPositions: () => () => undefined };
  const fail = () => Promise.reject(new Error('away'));
  const hang = () => new Promise<never>(() => undefined);
  const failing: LettersDatabase = { query: fail, transaction: fail };
  const hanging: LettersDatabase = { query: hang, transaction: hang };
  const bad = [
    { key: 'failing', system: failing, sequencer: silent },
    { key: 'hanging', system: hanging, sequencer: silent },
  ];
  const input = { consumer, topic, owner: uuidv7(), leaseSeconds: 5, limit: 10, waitSeconds: 25, after: new Map() };
  const ended = new AbortController().signal;
  const eventSource = eventSources.dataPlane;
  const service = createOutboxService({ log, eventSource, databases: [...bad, { ...database, sequencer: silent }] });
  const batches = await service.pull(input, ended);
  t.match(batches, [{ source: sourceIdOf(database.key) }]);
  t.equal(batches.length, 1);
  const none = createOutboxService({ log, eventSource, databases: bad.slice(0, 1) });
  await t.rejects(none.pull(input, ended), { code: 'database_unavailable' });
});

test('delivered events go after their time, what somebody still needs stays', async (t) => {
  const { database, client } = await start(t);
  const { outbox } = client();
  await database.publish([1, 2, 3, 4].map((ordinal) => ({ aggregateId: `k${ordinal}`, ordinal })));
  const owner = uuidv7();
  const { batches } = await outbox.pull({ consumer, topic, owner });
  const source = batches[0]?.source ?? '';
  const { id: event_id = '', tenantid: tenant_id = '' } = batches[0]?.events[0]?.event ?? {};
  const events = [{ event_id, tenant_id, attempts: 1, error: 'poison', retry_after_ms: null }];
  await outbox.park({ source, consumer, topic, events });
  await outbox.ack({ source, consumer, topic, owner, position: '3' });
  t.equal(await deleteDelivered(database.system, 3600, 100), 0, 'too young');
  await readRows(database, `update outbox_events set created_at = now() - interval '2 hours'`);
  t.equal(await deleteDelivered(database.system, 3600, 100), 2);
  const left = await readRows<{ position: string }>(database, 'select position from outbox_events order by position');
  t.same(left, [{ position: '1' }, { position: '4' }], 'the dead letter and the unread one');
});
