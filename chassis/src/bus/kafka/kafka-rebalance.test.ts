import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { AssignerProtocol, Kafka, logLevel, type PartitionAssigner } from 'kafkajs';
import { type Test, test } from 'tap';
import { kafkaIsMissing } from '../../testkit/kafka-server.js';
import { Progress } from '../../testkit/progress.js';
import { countEffects, feed, keys } from './effects.fixture.js';
import { eventOf, type KafkaTopic, messageOf, openTopic, startConsumer } from './kafka.fixture.js';
import { trackSockets } from './sockets.js';

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
  await topic.untilCommitted(total);
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

/** Partition 0 to the consumer that is tested, the others to the member that led the group first. */
const fixed: PartitionAssigner = () => ({
  name: 'RoundRobinAssigner',
  version: 0,
  async assign({ members, topics: [topic = ''] }) {
    const [other] = members.filter(({ memberId }) => memberId.startsWith('first'));
    return members.map(({ memberId }) => {
      const partitions = memberId.startsWith('test') ? [0] : memberId === other?.memberId ? [1] : [];
      const assignment = { version: 0, assignment: { [topic]: partitions }, userData: Buffer.alloc(0) };
      return { memberId, memberAssignment: AssignerProtocol.MemberAssignment.encode(assignment) };
    });
  },
  protocol: ({ topics }) => ({
    name: 'RoundRobinAssigner',
    metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }),
  }),
});

/** Another member of the group; it joins again when what it handles is done, not before. */
async function join(t: Test, { place, name }: KafkaTopic, clientId: string, handle: () => Promise<void>) {
  const sockets = trackSockets();
  const { brokers, topicPrefix } = place;
  const kafka = new Kafka({ brokers, clientId, logLevel: logLevel.NOTHING, socketFactory: sockets.open });
  const settings = { heartbeatInterval: 200, maxWaitTimeInMs: 100, retry: { restartOnFailure: async () => false } };
  const member = kafka.consumer({ groupId: `${topicPrefix}suite`, partitionAssigners: [fixed], ...settings });
  t.teardown(() => sockets.closeAll());
  const joined = new Promise<void>((resolve) => member.on('consumer.group_join', () => resolve()));
  await member.connect();
  await member.subscribe({ topic: name, fromBeginning: true });
  await member.run({ autoCommit: false, eachBatch: handle });
  return joined;
}

test('who stops in the middle of a rebalance commits what was handled when that is over', {
  skip: kafkaIsMissing,
}, async (t) => {
  const topic = await openTopic(t, { partitions: 2 });
  const progress = new Progress();
  const seen = { first: false, tested: false };
  const [handled, rejoined] = [new AbortController(), new AbortController()];
  const until = (gate: AbortController) => once(gate.signal, 'abort').then(() => undefined);
  await join(t, topic, 'first', () => {
    seen.first = true;
    progress.changed();
    return until(rejoined);
  });
  const consumer = startConsumer(t, topic, {
    handler: () => {
      seen.tested = true;
      progress.changed();
      return until(handled);
    },
  });
  await consumer.untilLines('partitions assigned');
  await topic.send([messageOf(eventOf('a', 1))], 0);
  await topic.send([messageOf(eventOf('b', 1))], 1);
  await progress.until(() => seen.first && seen.tested);
  const third = join(t, topic, 'third', async () => undefined);
  await consumer.untilLines('kafka: The group is rebalancing, re-joining');
  handled.abort();
  const stopping = consumer.stop();
  // Longer than a commit takes that nothing is in the way of.
  await delay(1_500);
  rejoined.abort();
  await Promise.all([stopping, third]);
  t.equal((await topic.committed())[0], 1);
});
