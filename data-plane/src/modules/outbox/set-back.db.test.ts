import type { PullClient } from '@platen/chassis/bus/pull-client';
import { createPullBus } from '@platen/chassis/bus/pull-consumer';
import { Progress } from '@platen/chassis/testkit/progress';
import { type Test, test } from 'tap';
import { readRows, startOutboxPlane } from './plane.fixture.js';

/** A worker that goes on while its database becomes the copy of a moment ago: a standby that lacked the last commits. */
async function start(t: Test, handle: (ordinal: number) => Promise<void> = async () => undefined) {
  const plane = await startOutboxPlane(t);
  const [database] = plane.databases;
  if (!database) throw new Error('a plane has a database');
  const progress = new Progress();
  const handled: number[] = [];
  const stopping = new AbortController();
  const { outbox } = plane.client();
  let isCaughtUp = false;
  let acknowledged = 0;
  const client: PullClient = {
    ...outbox,
    pull(query, options) {
      isCaughtUp = query.after === undefined;
      progress.changed();
      return outbox.pull(query, options);
    },
    async ack(input) {
      const answer = await outbox.ack(input);
      acknowledged = Math.max(acknowledged, Number(input.position));
      progress.changed();
      return answer;
    },
  };
  const bus = createPullBus({ client, log: plane.log, leaseSeconds: 5, waitSeconds: 1 });
  const consuming = bus.consume({
    consumer: 'suite',
    topics: ['erp.quote'],
    signal: stopping.signal,
    handler: async ({ event }) => {
      const ordinal = Number((event.data as { number: string }).number);
      await handle(ordinal);
      handled.push(ordinal);
      progress.changed();
    },
  });
  t.teardown(async () => {
    stopping.abort();
    await consuming;
  });
  return {
    handled,
    publish: (...ordinals: number[]) =>
      database.publish(ordinals.map((ordinal) => ({ aggregateId: `a${ordinal}`, ordinal }))),
    until: (count: number) => progress.until(() => handled.length >= count),
    /** Nothing in hand: the next answer begins after what the database has stored. */
    untilCaughtUp: () => progress.until(() => isCaughtUp),
    /** The database has stored that it was handled: it comes no second time. */
    untilAcknowledged: (position: number) => progress.until(() => acknowledged >= position),
    /** What came after is unknown there. */
    setBack: (position: number) =>
      readRows(
        database,
        `with gone as (delete from outbox_events where position > ${position})
         update outbox_positions set position = least(position, ${position})`,
      ),
  };
}

test('positions that are given a second time are other events', async (t) => {
  const { handled, publish, until, untilCaughtUp, setBack } = await start(t);
  await publish(1, 2, 3, 4);
  await until(4);
  await untilCaughtUp();
  await setBack(2);
  await publish(5, 6, 7);
  await until(7);
  t.same(handled.sort(), [1, 2, 3, 4, 5, 6, 7]);
});

test('also while something is in hand that the database does not know any more', async (t) => {
  let goOn: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const { handled, publish, until, untilAcknowledged, setBack } = await start(t, (ordinal) =>
    ordinal === 3 ? held : Promise.resolve(),
  );
  await publish(1, 2, 3, 4);
  await until(3);
  await untilAcknowledged(2);
  await setBack(2);
  goOn();
  await until(4);
  await publish(5);
  await until(5);
  t.same(handled, [1, 2, 4, 3, 5]);
});
