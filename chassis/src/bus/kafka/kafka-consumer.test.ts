import { test } from 'tap';
import { kafkaIsMissing } from '../../testkit/kafka-server.js';
import { Progress } from '../../testkit/progress.js';
import { DependencyAway } from '../bus.js';
import { eventOf, messageOf, openTopic, ordinalOf, standInLetters, startConsumer } from './kafka.fixture.js';

const series = (subject: string, count: number, first = 1) =>
  Array.from({ length: count }, (_, index) => messageOf(eventOf(subject, first + index)));

function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test('offsets are committed after the effects, and only the settled prefix', { skip: kafkaIsMissing }, async (t) => {
  const topic = await openTopic(t);
  await topic.send([...series('a', 2), ...series('b', 3)]);
  const { open, opened } = gate();
  const progress = new Progress();
  const handled: string[] = [];
  let lag = 0;
  const consumer = startConsumer(t, topic, {
    handler: async ({ event }) => {
      if (event.subject === 'a' && ordinalOf(event) === 2) await opened;
      handled.push(`${event.subject}${ordinalOf(event)}`);
      progress.changed();
    },
    observer: {
      lag: (_topic, _partition, events) => {
        lag = events;
        progress.changed();
      },
    },
  });
  await progress.until(() => handled.length === 4);
  t.same([...handled].sort(), ['a1', 'b1', 'b2', 'b3'], 'a slow key does not stop its partition');
  await progress.until(() => lag === 4);
  t.same(await topic.committed(), [1], 'one settled before what runs');
  open();
  await progress.until(() => handled.length === 5);
  await consumer.stop();
  t.same(await topic.committed(), [5]);
  const { groups } = await topic.admin.describeGroups([`${topic.place.topicPrefix}suite`]);
  t.match(groups, [{ state: 'Empty' }], 'who stops leaves the group');
});

test('a full window pauses its partition and no other, and goes on', { skip: kafkaIsMissing }, async (t) => {
  const topic = await openTopic(t, { partitions: 2 });
  await topic.send([...series('slow', 1), ...series('a', 49)], 0);
  const { open, opened } = gate();
  const progress = new Progress();
  const handled: string[] = [];
  const lags = new Map<string, number>();
  startConsumer(
    t,
    topic,
    {
      handler: async ({ event }) => {
        if (event.subject === 'slow') await opened;
        handled.push(event.subject);
        progress.changed();
      },
      observer: {
        lag: (_topic, partition, events) => {
          lags.set(partition, events);
          progress.changed();
        },
      },
    },
    { windowSize: 16 },
  );
  await progress.until(() => handled.length === 49);
  await topic.send(series('a', 50, 50), 0);
  await topic.send(series('b', 1), 1);
  await progress.until(() => handled.includes('b'));
  t.equal(handled.length, 50, 'nothing more of the paused partition');
  await progress.until(() => lags.get('0') === 100);
  t.pass('its lag is seen growing all the same');
  open();
  await progress.until(() => handled.length === 101);
  await progress.until(() => lags.get('0') === 0 && lags.get('1') === 0);
  t.equal(handled.filter((subject) => subject === 'a').length, 99);
});

test('a dependency that is away longer than a session parks nothing and costs no membership', {
  skip: kafkaIsMissing,
}, async (t) => {
  const topic = await openTopic(t);
  await topic.send(series('a', 3));
  const letters = standInLetters();
  const progress = new Progress();
  const handled: number[] = [];
  const startedMs = performance.now();
  const consumer = startConsumer(
    t,
    topic,
    {
      retry: { tries: 2, firstMs: 200, longestMs: 500, laterMs: [] },
      handler: async ({ event }) => {
        if (performance.now() - startedMs < 8_000) throw new DependencyAway('later');
        handled.push(ordinalOf(event));
        progress.changed();
      },
    },
    { letters },
  );
  await progress.until(() => handled.length === 3);
  t.same(handled, [1, 2, 3]);
  t.same(letters.parked, []);
  t.equal(consumer.lines.filter(({ message }) => message === 'partitions assigned').length, 1, 'joined once');
});

test('what is no event of the topic is passed over, and said', { skip: kafkaIsMissing }, async (t) => {
  const topic = await openTopic(t);
  const [good] = series('a', 1);
  const foreign = messageOf({ ...eventOf('a', 1), type: 'erp.order.confirmed' });
  await topic.send([{ key: null, value: 'canary' }, { key: 'k', value: null }, foreign]);
  await topic.send(good ? [good] : []);
  const progress = new Progress();
  const handled: number[] = [];
  let skipped = 0;
  const consumer = startConsumer(t, topic, {
    handler: async ({ event }) => {
      handled.push(ordinalOf(event));
      progress.changed();
    },
    observer: {
      skipped: () => {
        skipped += 1;
      },
    },
  });
  await progress.until(() => handled.length === 1);
  await consumer.stop();
  t.equal(skipped, 3);
  t.same(await topic.committed(), [4]);
  const lines = consumer.lines.filter(({ level }) => level === 'error');
  t.match(lines, [{ data: { topic: 'erp.quote', partition: 0, offset: '0' } }, {}, { data: { offset: '2' } }]);
  t.notMatch(JSON.stringify(consumer.lines), 'canary');
});

test('a topic that was made anew is read from its start', { skip: kafkaIsMissing }, async (t) => {
  const topic = await openTopic(t);
  await topic.send(series('a', 5));
  const progress = new Progress();
  const handled: number[] = [];
  let lag = 5;
  startConsumer(t, topic, {
    handler: async ({ event }) => {
      handled.push(ordinalOf(event));
      progress.changed();
    },
    observer: {
      lag: (_topic, _partition, events) => {
        lag = events;
        progress.changed();
      },
    },
  });
  await progress.until(() => handled.length === 5 && lag === 0);
  await topic.admin.deleteTopics({ topics: [topic.name] });
  await topic.create();
  await topic.send(series('a', 3, 6));
  await progress.until(() => handled.length === 8);
  t.same(handled, [1, 2, 3, 4, 5, 6, 7, 8]);
});

test('how long from the broker to the handler', { skip: kafkaIsMissing }, async (t) => {
  const topic = await openTopic(t, { partitions: 3 });
  const progress = new Progress();
  let handled = 0;
  startConsumer(t, topic, {
    handler: async () => {
      handled += 1;
      progress.changed();
    },
  });
  await topic.send(series('a', 1));
  await progress.until(() => handled === 1);
  const latencies: number[] = [];
  for (let i = 2; i <= 60; i += 1) {
    const sentMs = performance.now();
    const sending = topic.send(series(`k${i}`, 1));
    await progress.until(() => handled === i);
    latencies.push(performance.now() - sentMs);
    await sending;
  }
  latencies.sort((a, b) => a - b);
  const [p50, p95, last] = [latencies[29], latencies[55], latencies.at(-1)].map((ms) => ms?.toFixed(1));
  t.equal(handled, 60);
  t.comment(`measured: from sending to the handler, ms: p50 ${p50}, p95 ${p95}, max ${last}`);
});
