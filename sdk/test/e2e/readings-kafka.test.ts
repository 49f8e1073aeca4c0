import { randomUUID } from 'node:crypto';
import { openProducer } from '@platen/chassis/bus/kafka/producer';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { recordLog } from '@platen/chassis/testkit/http';
import { kafkaIsMissing, testKafka } from '@platen/chassis/testkit/kafka-server';
import { until } from '@platen/chassis/testkit/until';
import type { CloudEvent } from '@platen/schema/events/cloud-event';
import { createClient } from '@platen/sdk';
import { createNodeTransport } from '@platen/sdk/node';
import { test } from 'tap';
import { readExposition } from './exposition.js';
import { startPlatform } from './platform.js';
import { newDevice, newMetric } from './samples-telemetry.js';
import { victimOf } from './victim.js';
import { allPermissions, createWorld } from './world.js';

const topic = 'telemetry.readings';
const deviceCount = 4;
const eventsOfPart = 8;
const readingsOfEvent = 10;

test('readings from a broker are there once, whatever becomes of the worker and however often they come', {
  skip: kafkaIsMissing,
}, async (t) => {
  const { brokers, topicPrefix } = await testKafka(t);
  const kafka = { EVENT_BUS: 'kafka', KAFKA_BROKERS: brokers.join(','), KAFKA_TOPIC_PREFIX: topicPrefix };
  const services = ['control-plane', 'data-plane', 'telemetry-worker'] as const;
  const platform = await startPlatform(t, {
    services,
    env: Object.fromEntries(services.map((name) => [name, { ...kafka, KAFKA_PARTITIONS: '2' }])),
  });
  const { ports, databases } = platform;
  const world = await createWorld(platform, ports.data);
  const victim = victimOf(world, platform);
  const transport = createNodeTransport();
  t.teardown(() => transport.close());
  const token = world.forger.sign({ ...world.user, sub: randomUUID(), sid: randomUUID(), prm: allPermissions });
  const client = createClient({
    controlUrl: `http://acme.localhost:${ports.control}`,
    dataUrl: `http://acme.localhost:${ports.data}`,
    transport,
    token: () => token,
  });
  const metric = await newMetric(victim);
  const devices = await Promise.all(Array.from({ length: deviceCount }, () => newDevice(victim)));
  const codes = devices.map(({ code }) => code);

  const producer = await openProducer({
    kafka: { brokers: [...brokers], topicPrefix, clientId: 'gateway', ssl: false },
    topics: { partitions: 2, replication: 1 },
    log: recordLog().log,
  });
  t.teardown(() => producer.close());
  const { tid, org, ws } = world.user;
  const send = (events: readonly CloudEvent[]) =>
    producer.send(
      events.map((event) => ({
        topic,
        key: `${event.tenantid}:${event.subject}`,
        value: JSON.stringify(event),
        headers: { source: 'gateway-1' },
      })),
    );
  const eventOf = (device: string, readings: readonly object[]): CloudEvent => ({
    specversion: '1.0',
    id: randomUUID(),
    source: 'urn:example:gateway-1',
    type: 'telemetry.readings.received',
    time: new Date().toISOString(),
    subject: device,
    tenantid: tid,
    organizationid: org,
    workspaceid: ws,
    correlationid: `gateway-${randomUUID()}`,
    traceparent: null,
    dataschema: 'platen:telemetry.readings.received:1',
    data: { readings },
  });
  const fromMs = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
  const sent = new Map(codes.map((code) => [code, [] as { ts: number; value: number }[]]));
  /** Of each device in turns, each reading a second after the one before. */
  const newPart = () =>
    Array.from({ length: eventsOfPart }, (_, n) => {
      const code = codes[n % deviceCount] as string;
      const own = sent.get(code) ?? [];
      const readings = Array.from({ length: readingsOfEvent }, () => {
        const reading = { ts: fromMs + own.length * 1000, value: own.length };
        own.push(reading);
        return { device: code, metric: metric.code, ...reading };
      });
      return eventOf(code, readings);
    });
  const stored = async () => {
    const { series } = await client.telemetry.series.read({
      devices: codes.join(),
      metrics: metric.code,
      from: new Date(fromMs).toISOString(),
      step: 'raw',
      aggregate: 'last',
    });
    return new Map(series.map(({ device, t: times, v }) => [device, times.map((ts, n) => ({ ts, value: v[n] }))]));
  };
  const untilStored = () =>
    until(stored, (there) => codes.every((code) => there.get(code)?.length === sent.get(code)?.length), 100);

  const first = newPart();
  await send(first);
  t.same(await untilStored(), sent, 'a gateway writes, and the API answers');

  await t.test('killed when the plane has been asked, and has not answered', () =>
    asSuperuser(databases['telemetry-1'].superuserUrl, async (database) => {
      // Nothing that comes by events gets in while this is held.
      await database.query('begin');
      await database.query('lock table inbox_events in exclusive mode');
      await send(newPart());
      const waiting = `select from pg_locks where not granted and relation = 'inbox_events'::regclass`;
      await until(
        () => database.query(waiting),
        ({ rowCount }) => (rowCount ?? 0) > 0,
      );
      await platform.kill('telemetry-worker');
      await database.query('commit');
    }),
  );

  const unknown = eventOf('nobody', [{ device: 'nobody', metric: metric.code, value: 1 }]);
  await send([...first.slice(0, 1), unknown, ...newPart()]);
  await platform.start('telemetry-worker');
  t.same(await untilStored(), sent, 'another goes on');
  await until(
    async () => platform.logLines('telemetry-worker').filter((line) => line.includes(unknown.id)),
    (lines) => lines.some((line) => /"level":"warn".*"unknown_device":1/.test(line)),
    100,
  );
  const readCounts = async () => {
    const answer = await fetch(`http://127.0.0.1:${ports.dataInternal}/metrics`);
    const { samples = [] } = readExposition(await answer.text()).get('telemetry_readings_total') ?? {};
    return (result: string) => samples.find(({ labels }) => labels['result'] === result)?.value ?? 0;
  };
  const all = 3 * eventsOfPart * readingsOfEvent;
  // Stored comes before counted.
  const counted = await until(readCounts, (count) => count('accepted') >= all, 50);
  t.equal(counted('accepted'), all, 'each counts once');
  t.ok(counted('duplicate') >= 2 * readingsOfEvent, 'what was sent twice, and what nobody knew to be stored');
});
