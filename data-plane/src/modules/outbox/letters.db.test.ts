import { addLetterMetrics } from '@platen/chassis/bus/letters-metrics';
import { PlatenError } from '@platen/sdk/internal';
import { Registry } from 'prom-client';
import { type Test, test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { readRows, startOutboxPlane } from './plane.fixture.js';

const topic = 'erp.quote';
const consumer = 'letters';

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof PlatenError ? error.code : error),
  );

/** Five events of one key and two of another, with calls for them. */
async function start(t: Test) {
  const plane = await startOutboxPlane(t);
  const [database] = plane.databases;
  if (!database) throw new Error('a plane has a database');
  const { outbox, deadLetters } = plane.client();
  await database.publish([
    ...[1, 2, 3, 4, 5].map((ordinal) => ({ aggregateId: 'a', ordinal })),
    ...[6, 7].map((ordinal) => ({ aggregateId: 'b', ordinal })),
  ]);
  const { batches } = await outbox.pull({ consumer: 'reader', topic, owner: uuidv7() });
  const [batch] = batches;
  const events = batch?.events.map(({ event }) => event) ?? [];
  const source = batch?.source ?? '';
  const idOf = (ordinal: number) => events[ordinal - 1]?.id ?? '';
  const tenant_id = database.tenantId;
  const park = async (ordinal: number, attempts: number, more: { tenant_id?: string } = {}) => {
    const letter = { event_id: idOf(ordinal), tenant_id, attempts, error: 'e', retry_after_ms: 0, ...more };
    const answer = await outbox.park({ source, consumer, topic, events: [letter] });
    return [answer.events[0]?.parked, answer.events[0]?.key_parked];
  };
  const lease = async (owner: string, more: { holding?: string } = {}) => {
    // What is due at once may be due half a millisecond later: columns round up.
    await readRows(database, `update outbox_dead_letters set retry_at = retry_at - interval '1 ms'`);
    const { letters } = await outbox.retries({ consumer, topics: topic, owner, wait_seconds: 0, ...more });
    return letters.map(({ event }) => events.findIndex(({ id }) => id === event.id) + 1);
  };
  const settle = (ordinal: number, owner: string, more: { tenant_id?: string } = {}) =>
    codeOf(
      outbox.settle({
        source,
        consumer,
        owner,
        tenant_id,
        event_id: idOf(ordinal),
        result: { outcome: 'done' },
        ...more,
      }),
    );
  return { plane, database, outbox, deadLetters, source, tenant_id, idOf, park, lease, settle };
}

test('who follows, who is ahead, who is unknown; another tenant is never meant', async (t) => {
  const { outbox, source, park, idOf } = await start(t);
  t.same(await park(3, 0), [false, false], 'nothing to follow');
  t.same(await park(2, 8, { tenant_id: uuidv7() }), [false, false], 'no such event of that tenant');
  t.same(await park(2, 8), [true, true]);
  t.same(await park(2, 0), [true, true], 'a letter stays one');
  t.same(await park(3, 0), [true, true]);
  t.same(await park(1, 0), [false, true], 'ahead of the letter: to be handled, and the key stays parked');
  t.same(await park(6, 0), [false, false]);
  t.same((await outbox.parkedKeys({ source, consumer, topic })).keys.length, 1);
  t.same((await outbox.parkedKeys({ source, consumer: 'other', topic })).keys, []);
  t.equal(await codeOf(outbox.parkedKeys({ source: 'nowhere', consumer, topic })), 'unknown_reference');
  t.ok(idOf(1));
});

test('what a handler says may be any text: a NUL, half a character', async (t) => {
  const { outbox, deadLetters, source, tenant_id, idOf, lease } = await start(t);
  const error = `Error: ${'a\u0000b'} ${'\u{1f600}'.slice(0, 1)}`;
  const said = { attempts: 8, error, retry_after_ms: 0 };
  const events = [1, 6].map((ordinal) => ({ event_id: idOf(ordinal), tenant_id, ...said }));
  const answer = await outbox.park({ source, consumer, topic, events });
  t.same(
    answer.events.map(({ parked }) => parked),
    [true, true],
  );
  const owner = uuidv7();
  t.same(await lease(owner), [1, 6]);
  const ref = { source, consumer, tenant_id, event_id: idOf(1) };
  await outbox.settle({ ...ref, owner, result: { outcome: 'failed', ...said } });
  t.equal((await deadLetters.get(ref)).error, 'Error: a\ufffdb \ufffd');
});

test('leases: the oldest of a key, held while renewed, given again when the answer was lost, taken when they run out', async (t) => {
  const { database, park, lease, settle, idOf } = await start(t);
  await park(2, 8);
  await park(3, 0);
  await park(6, 8);
  const [first, second] = [uuidv7(), uuidv7()];
  t.same(await lease(first), [2, 6]);
  t.same(await lease(second), [], 'held');
  t.same(await lease(first), [2, 6], 'an answer that was lost');
  t.same(await lease(first, { holding: `${idOf(2)},${idOf(6)}` }), []);
  t.equal(await settle(2, second), 'lease_lost');
  t.equal(await settle(2, first, { tenant_id: uuidv7() }), 'lease_lost', 'of another tenant there is none');
  t.equal(await settle(2, first), 'no error');
  t.same(await lease(second), [3], 'the next of the key is due at once');
  // The first one died between its effect and saying so.
  await readRows(database, `update outbox_dead_letters set lease_until = now() - interval '1 ms'`);
  t.same((await lease(second)).sort(), [3, 6]);
  t.equal(await settle(6, first), 'lease_lost');
  t.equal(await settle(6, second), 'no error');
});

test('pages, replay and drop; each tenant apart; counted', async (t) => {
  const { plane, database, deadLetters, source, tenant_id, idOf, park, lease } = await start(t);
  for (const [ordinal, attempts] of [
    [1, 8],
    [2, 0],
    [3, 0],
    [6, 8],
  ] as const)
    await park(ordinal, attempts);
  await readRows(database, 'update outbox_dead_letters set retry_at = null');
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Awaited<ReturnType<typeof deadLetters.list>> = await deadLetters.list({
      consumer,
      limit: 2,
      ...(cursor !== '' && { cursor }),
    });
    seen.push(...page.items.map(({ event_id }) => event_id));
    cursor = page.next_cursor;
  }
  t.same(seen, [1, 2, 3, 6].map(idOf));
  t.same((await deadLetters.list({ tenant_id: uuidv7() })).items, []);
  t.same((await deadLetters.list({ state: 'dead' })).items.length, 2);
  t.equal(await codeOf(deadLetters.list({ cursor: 'made-up' })), 'invalid_cursor');
  const ref = (ordinal: number) => ({ source, consumer, tenant_id, event_id: idOf(ordinal) });
  t.equal(await codeOf(deadLetters.get({ ...ref(1), tenant_id: uuidv7() })), 'not_found');
  const drop = async (...letters: ReturnType<typeof ref>[]) =>
    (await deadLetters.drop({ letters, by: 'test' })).letters.map(({ outcome }) => outcome);
  t.same(await drop({ ...ref(1), tenant_id: uuidv7() }), ['gone']);
  const { letters } = await deadLetters.replay({ letters: [ref(2), ref(6), ref(7)], by: 'test' });
  t.same(
    letters.map(({ outcome }) => outcome),
    ['following', 'replayed', 'gone'],
  );
  const registry = new Registry();
  addLetterMetrics(registry, plane.databases);
  t.match(await registry.metrics(), /outbox_letters\{database="erp_1",consumer="letters",state="following"\} 2\n/);
  const owner = uuidv7();
  t.same(await lease(owner), [6]);
  t.same(await drop(ref(1), ref(6)), ['dropped', 'in_hand']);
  t.same(await lease(owner, { holding: idOf(6) }), [2], 'what followed the poison, one by one');
});
