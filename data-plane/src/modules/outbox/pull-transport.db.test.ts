import { createPullBus } from '@platen/chassis/bus/pull-consumer';
import { testBus } from '@platen/chassis/testkit/bus-suite';
import { actOnParked, listParked } from './parked.fixture.js';
import { startOutboxPlane } from './plane.fixture.js';

testBus('pull', async (t) => {
  const plane = await startOutboxPlane(t);
  const [database] = plane.databases;
  if (!database) throw new Error('a plane has a database');
  return {
    openBus: () => createPullBus({ client: plane.client().outbox, log: plane.log, leaseSeconds: 5, windowSize: 16 }),
    publish: (items) => database.publish(items),
    listParked: () => listParked(database),
    actOnParked: (act, aggregateId, ordinal) => actOnParked(plane.client(), act, aggregateId, ordinal),
  };
});
