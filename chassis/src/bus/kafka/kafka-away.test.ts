import { test } from 'tap';
import { kafkaIsMissing, startTestKafka } from '../../testkit/kafka-server.js';
import type { Delivery } from '../bus.js';
import { countEffects, feed, keys } from './effects.fixture.js';
import { eventOf, messageOf, openTopic, startConsumer } from './kafka.fixture.js';

test('the broker dies and comes back: nothing is lost, and no consumer has to be started anew', {
  skip: kafkaIsMissing,
}, async (t) => {
  const broker = await startTestKafka();
  t.teardown(() => broker.stop());
  const topic = await openTopic(t, { partitions: 3, brokers: broker.brokers });
  const total = 50 * keys.length;
  const { found, done, until, handle } = countEffects(total);
  const consumer = startConsumer(t, topic, { handler: ({ event }) => handle(event) });
  await feed(topic, 50);
  await until(500);
  await broker.kill();
  // A new session finds no broker either.
  const failed = 'consuming from Kafka failed; joining again';
  await consumer.untilLines(failed, consumer.lines.filter(({ message }) => message === failed).length + 1);
  await broker.restart();
  await until(total);
  t.equal(done.size, total);
  t.equal(found.outOfOrder, 0);
  await consumer.stop();
  const warnings = consumer.lines.filter(({ level }) => level === 'warn' || level === 'error');
  // As long as it was away: each session has its words, and no more.
  const sessions = warnings.filter(({ message }) => message === failed).length;
  t.ok(warnings.length < 20 * sessions, `${warnings.length} lines about ${sessions} sessions`);
  t.comment(
    `measured: ${found.handled} handled for ${total} effects, ${warnings.length} warnings of ${sessions} sessions`,
  );

  const small = await openTopic(t, { brokers: broker.brokers, topicPrefix: 'small.' });
  const arrived = countEffects(2);
  const open = (name: string) => {
    const handler = async ({ event }: Delivery) => arrived.handle({ ...event, id: `${name} ${event.id}` });
    return startConsumer(t, small, { consumer: name, handler });
  };
  const [second, third] = [open('second'), open('third')];
  await small.send([messageOf(eventOf('a', 1))]);
  await arrived.until(2);
  broker.freeze();
  const frozenMs = performance.now();
  await second.stop();
  const stoppedMs = performance.now();
  broker.thaw();
  await broker.kill();
  const killedMs = performance.now();
  await third.stop();
  t.pass('stopping does not wait for a broker');
  const [frozen, killed] = [stoppedMs - frozenMs, performance.now() - killedMs].map(Math.round);
  t.comment(`measured: stopped after ${frozen} ms with the broker frozen, ${killed} ms with it killed`);
});
