import { createPullBus } from '@platen/chassis/bus/pull-consumer';
import { testBus } from '@platen/chassis/testkit/bus-suite';
import { type OutboxTestDatabase, readRows, startOutboxPlane } from './plane.fixture.js';

const listParked = async (database: OutboxTestDatabase) =>
  (
    await readRows<{ key: string; ordinal: number; attempts: number }>(
      database,
      `select letter.key, (payload->>'number')::int as ordinal, letter.attempts
       from outbox_dead_letters letter join outbox_events event on event.id = letter.event_id
       where consumer = 'suite' order by letter.position`,
    )
  ).map(({ key, ordinal, attempts }) => ({ aggregateId: key.slice(key.indexOf(':') + 1), ordinal, attempts }));

testBus('pull', async (t) => {
  const plane = await startOutboxPlane(t);
  const [database] = plane.databases;
  if (!database) throw new Error('a plane has a database');
  return {
    openBus: () => createPullBus({ client: plane.client().outbox, log: plane.log, leaseSeconds: 5, windowSize: 16 }),
    publish: (items) => database.publish(items),
    listParked: () => listParked(database),
  };
});
