import { createKafkaBus } from '@platen/chassis/bus/kafka/consumer';
import { startRelays } from '@platen/chassis/bus/relays';
import { testBus } from '@platen/chassis/testkit/bus-suite';
import { kafkaIsMissing, testKafka } from '@platen/chassis/testkit/kafka-server';
import { eventSources } from '@platen/schema/events/cloud-event';
import { Registry } from 'prom-client';
import { test } from 'tap';
import { actOnParked, listParked } from './parked.fixture.js';
import { startOutboxPlane } from './plane.fixture.js';

if (kafkaIsMissing) test('kafka', { skip: kafkaIsMissing }, () => undefined);
else
  testBus('kafka', async (t) => {
    const { brokers, topicPrefix } = await testKafka(t);
    const kafka = { brokers: [...brokers], topicPrefix, clientId: 'test', ssl: false };
    const plane = await startOutboxPlane(t);
    const [database] = plane.databases;
    if (!database) throw new Error('a plane has a database');
    const relays = await startRelays({
      settings: { kafka, partitions: 2, replication: 1 },
      databases: plane.sequenced,
      eventSource: eventSources.dataPlane,
      log: plane.log,
      registry: new Registry(),
    });
    t.teardown(() => relays.stop());
    return {
      openBus: () =>
        createKafkaBus({ kafka, letters: plane.client().outbox, log: plane.log, sessionSeconds: 6, windowSize: 16 }),
      publish: (items) => database.publish(items),
      listParked: () => listParked(database),
      actOnParked: (act, aggregateId, ordinal) => actOnParked(plane.client(), act, aggregateId, ordinal),
    };
  });
