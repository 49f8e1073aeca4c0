import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { eventSources } from '@platen/schema/events/cloud-event';
import { Registry } from 'prom-client';
import { type Test, test } from 'tap';
import { asSuperuser } from '../../testkit/database-templates.js';
import { recordLog } from '../../testkit/http.js';
import { kafkaIsMissing, startTestKafka, testKafka } from '../../testkit/kafka-server.js';
import { Progress } from '../../testkit/progress.js';
import { dropLetters } from '../dead-letters-store.js';
import { deleteDelivered } from '../outbox-leases.js';
import { addOutboxMetrics } from '../outbox-metrics.js';
import { sourceIdOf } from '../source-id.js';
import type { EventProducer } from './producer.js';
import { firstOutOfOrder, openRelayedDatabase, type RelayedDatabase, readTopic } from './relay.fixture.js';
import { startRelay } from './relay.js';
import { hasUnsequenced } from './relay-store.js';

const options = { skip: kafkaIsMissing };
const rowsOf = <Row extends object>({ superuserUrl }: RelayedDatabase, text: string): Promise<Row[]> =>
  asSuperuser(superuserUrl, async (client) => (await client.query<Row>(text)).rows);
const relayRow = (database: RelayedDatabase) =>
  rowsOf<{ position: string; owner: string | null; last: string }>(
    database,
    `select position, owner, (select position from outbox_positions where consumer = '@sequencer') as last
     from outbox_positions where consumer = '@relay'`,
  );

/** The first event makes the topics. */
async function relayFirst(database: RelayedDatabase): Promise<void> {
  await database.writeOne('first', '1');
  while ((await relayRow(database))[0]?.position !== '1') await delay(20);
}

test(
  'several writers at once: none lost, none invented, in order per key; stopping relays what is there',
  options,
  async (t) => {
    const [database, kafka] = await Promise.all([openRelayedDatabase(t), testKafka(t)]);
    // As long as it takes: how much can be relayed in three seconds is the machine's affair.
    const relay = database.startRelay(kafka, { drainMs: 120_000 });
    await relayFirst(database);
    const reader = await readTopic(t, kafka);
    const committed = 1 + (await database.write(400));
    await relay.stop();
    // What was not relayed does not come any more: nobody would end waiting for it.
    const isAll = { position: String(committed), last: String(committed), owner: null };
    if (!t.match(await relayRow(database), [isAll])) return;
    await reader.until(committed);
    const stored = await rowsOf<{ id: string }>(database, 'select id from outbox_events order by position');
    const byPosition = [...reader.seen].sort((a, b) => Number(a.position - b.position));
    t.same(
      byPosition.map(({ event }) => event.id),
      stored.map(({ id }) => id),
    );
    t.equal(firstOutOfOrder(reader.seen), undefined);
    // As if a week had passed.
    await rowsOf(database, `update outbox_events set created_at = created_at - interval '1 day' where position < 100`);
    t.equal(await deleteDelivered(database.system, 3600, 1000), 0, 'pulled, they would wait for a consumer');
    t.equal(await deleteDelivered(database.system, 3600, 1000, { isRelayed: true }), 99);
    t.match(await metricsOf(database), 'outbox_lag_events{database="test",consumer="@relay",topic="*"} 0\n');
    t.match(reader.seen[0], {
      source: sourceIdOf('test'),
      contentType: 'application/cloudevents+json',
      traceparent: reader.seen[0]?.event.traceparent,
    });
  },
);

test('an event that gets its position while the relay stops is relayed too', async (t) => {
  const database = await openRelayedDatabase(t);
  const { sequencer, system: whole } = database;
  let isLate = true;
  const system: typeof whole = {
    ...whole,
    async query(declared, values) {
      // After a read that found nothing: it is written and has its position by the time that the question is answered.
      if (declared.name === 'relay.unsequenced' && isLate) {
        isLate = false;
        await database.writeOne('late', '1');
        while ((await relayRow(database))[0]?.last !== '2') await delay(20);
      }
      return whole.query(declared, values);
    },
  };
  const sent: string[] = [];
  const progress = new Progress();
  const producer: EventProducer = {
    async send(events) {
      sent.push(...events.map(({ key }) => key));
      progress.changed();
    },
    close: async () => undefined,
  };
  const relay = startRelay({
    database: { key: 'test', system, sequencer },
    eventSource: eventSources.dataPlane,
    openProducer: async () => producer,
    log: recordLog().log,
    drainMs: 120_000,
  });
  t.teardown(() => relay.stop());
  await database.writeOne('first', '1');
  await progress.until(() => sent.length === 1);
  await relay.stop();
  t.equal(isLate, false);
  t.match(sent, [/first/, /late/]);
});

test('the holder is killed: another goes on, none lost, repeats only behind their first', options, async (t) => {
  const [database, kafka] = await Promise.all([openRelayedDatabase(t), testKafka(t)]);
  const file = fileURLToPath(new URL('./relay.child.js', import.meta.url));
  const args = [file, database.systemUrl, kafka.brokers[0] ?? '', kafka.topicPrefix];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const relayed = createInterface({ input: child.stdout });
  await database.writeOne('first', '1');
  await once(relayed, 'line');
  const standby = database.startRelay(kafka, { leaseSeconds: 60 });
  const writing = database.write(400);
  await once(relayed, 'line');
  t.equal(standby.isHolder, false);
  child.kill('SIGKILL');
  const committed = 1 + (await writing);
  const reader = await readTopic(t, kafka);
  await reader.until(committed);
  t.equal(firstOutOfOrder(reader.seen), undefined);
  t.equal(standby.isHolder, true);
  t.comment(`measured: ${reader.seen.length - committed} of ${committed} events came twice`);
});

test('a broker of its own', options, async (t) => {
  const kafka = await startTestKafka({ 'message.max.bytes': '20000' });
  t.teardown(() => kafka.stop());
  const place = { brokers: kafka.brokers, topicPrefix: '' };
  const database = await openRelayedDatabase(t);
  const relay = database.startRelay(place);

  await t.test('is killed and comes back: no write is refused meanwhile, and none of them is lost', async (t) => {
    await relayFirst(database);
    const before = database.write(100);
    await kafka.kill();
    const committed = 1 + (await before) + (await database.write(200));
    // Who gives them their positions takes them in another order: the table first, so that neither waits for the other.
    const alone = 'lock table outbox_events in share row exclusive mode';
    await rowsOf(database, `${alone}; update outbox_events set created_at = created_at - interval '1 day'`);
    const gone = await deleteDelivered(database.system, 3600, 1000, { isRelayed: true });
    t.ok(gone < 200, 'what is not with the broker stays, however old');
    await kafka.restart();
    const reader = await readTopic(t, place);
    await reader.until(committed);
    t.equal(firstOutOfOrder(reader.seen), undefined);
  });

  await t.test('takes no message of such a size: it is a letter, its key waits, others flow on', (t) =>
    relayTooLarge(t, database, place),
  );

  await t.test('is away when the relay stops: that takes no longer', async (t) => {
    await kafka.kill();
    await database.write(10);
    while (await hasUnsequenced(database.system)) await delay(5);
    await relay.stop();
    const [row] = await relayRow(database);
    const lag = Number(row?.last) - Number(row?.position);
    t.ok(lag > 0);
    t.equal(row?.owner, null);
    t.match(
      await metricsOf(database),
      `outbox_lag_events{database="test",consumer="@relay",topic="erp.quote"} ${lag}\n`,
    );
  });
});

function metricsOf({ system }: RelayedDatabase): Promise<string> {
  const registry = new Registry();
  addOutboxMetrics(registry, [{ key: 'test', system }]);
  return registry.metrics();
}

async function relayTooLarge(t: Test, database: RelayedDatabase, place: Parameters<typeof readTopic>[1]) {
  const reader = await readTopic(t, place);
  const count = Number((await relayRow(database))[0]?.last);
  const large = await database.writeOne('large', 'x'.repeat(30_000));
  const follower = await database.writeOne('large', '2');
  const committed = await database.write(100);
  await reader.until(count + committed);
  const letters = await rowsOf(
    database,
    `select consumer, event_id, attempts, retry_at from outbox_dead_letters order by position`,
  );
  t.match(letters, [
    { consumer: '@relay', event_id: large, attempts: 1, retry_at: null },
    { consumer: '@relay', event_id: follower, attempts: 0, retry_at: null },
  ]);
  t.notOk(reader.seen.some(({ event }) => event.id === follower));
  t.equal(firstOutOfOrder(reader.seen), undefined);
  await database.writeOne('large', '3');
  const [letter] = await rowsOf<{ tenant_id: string }>(database, 'select tenant_id from outbox_dead_letters');
  await dropLetters(database.system, [{ consumer: '@relay', tenant_id: letter?.tenant_id ?? '', event_id: large }]);
  await reader.until(count + committed + 2);
  const numbers = reader.seen.filter(({ event }) => event.subject === 'large').map(({ number }) => number);
  t.same([...new Set(numbers)], ['2', '3']);
}
