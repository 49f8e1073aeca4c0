import { test } from 'tap';
import { kafkaIsMissing } from '../../testkit/kafka-server.js';
import { countEffects, feed, keys } from './effects.fixture.js';
import { openTopic, startConsumer } from './kafka.fixture.js';

test('consumers come and go while 5,000 events flow: none lost, one effect each, in order', {
  skip: kafkaIsMissing,
}, async (t) => {
  const rounds = 125;
  const total = rounds * keys.length;
  const topic = await openTopic(t, { partitions: 6 });
  const { found, done, until, handle } = countEffects(total);
  const start = () => startConsumer(t, topic, { handler: ({ event }) => handle(event), concurrency: 4 });
  const feeding = feed(topic, rounds);
  const consumers = [start()];
  for (let step = 1; step <= 6; step += 1) {
    await until(step * 700);
    // In full flow: what is started or stopped now has partitions with events in hand on both sides.
    if (step % 3 === 0) await consumers.shift()?.stop();
    else consumers.push(start());
  }
  await feeding;
  await until(total);
  for (const consumer of consumers) await consumer.stop();
  t.equal(done.size, total, 'each has its effect');
  t.equal(found.outOfOrder, 0, 'in order of its key');
  const left = await topic.committed();
  t.equal(
    left.reduce((sum, offset) => sum + offset, 0),
    total,
    'all committed',
  );
  t.comment(`measured: ${found.handled} handled for ${total} effects through 6 rebalances`);
});
