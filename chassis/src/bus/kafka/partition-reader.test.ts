import { test } from 'tap';
import { recordLog } from '../../testkit/http.js';
import { Letters } from '../letters.js';
import { eventOf, messageOf, standInLetters } from './kafka.fixture.js';
import { PartitionReader } from './partition-reader.js';

/** Messages of these offsets, as kafkajs delivers them. */
function batch(first: number, last: number) {
  const messages = Array.from({ length: last - first + 1 }, (_, index) => {
    const { key, value, headers = {} } = messageOf(eventOf('key', first + index));
    const offset = String(first + index);
    return { key: Buffer.from(String(key)), value: Buffer.from(String(value)), headers, offset };
  });
  return { messages: messages.map((message) => ({ ...message, timestamp: '0', attributes: 0 })), highWatermark: '100' };
}

/** Has taken and settled offsets 0 to 9. */
async function openReader() {
  const { log } = recordLog();
  const letters = new Letters({
    client: standInLetters(),
    consumer: 'suite',
    topic: 'erp.quote',
    log,
    stopping: new AbortController().signal,
  });
  const reader = new PartitionReader({
    topic: 'erp.quote',
    partition: 0,
    windowSize: 200,
    letters,
    log,
    observer: {},
    run: async () => ({ kind: 'done' }),
    onSettled: () => undefined,
  });
  reader.assigned();
  reader.take(batch(0, 9));
  await reader.settled();
  return reader;
}

test('a commit that overtakes the question where to go on sets nothing back', async (t) => {
  const reader = await openReader();
  // A rebalance: where to go on is asked for, then what was settled meanwhile is committed.
  reader.assigned();
  reader.confirm(10n);
  t.notOk(reader.isSetBack(batch(0, 5)));
  reader.take(batch(0, 5));
  t.notOk(reader.isSetBack(batch(6, 12)), 'nor does what comes next');
});

test('what begins before a commit, or before what has come, was set back', async (t) => {
  const reader = await openReader();
  t.ok(reader.isSetBack(batch(3, 12)), 'without a rebalance');
  reader.confirm(10n);
  reader.assigned();
  t.ok(reader.isSetBack(batch(3, 12)));
  t.notOk(reader.isSetBack(batch(10, 12)));
});

test('what begins behind a commit of ours was read by another meanwhile; only the first batch says so', async (t) => {
  const reader = await openReader();
  reader.confirm(10n);
  reader.assigned();
  t.notOk(reader.isOvertaken(batch(10, 12)), 'where we had got to');
  t.ok(reader.isOvertaken(batch(40, 42)));
  reader.take(batch(10, 12));
  t.notOk(reader.isOvertaken(batch(13, 14)), 'what goes on is ahead of what is committed');
});
