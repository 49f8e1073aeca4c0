import { setTimeout as delay } from 'node:timers/promises';
import { type Test, test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { asSuperuser } from '../../testkit/database-templates.js';
import { openRelayedDatabase, type RelayedDatabase } from './relay.fixture.js';
import { claimRelay, ensurePosition, hasUnsequenced, releaseRelay, takeForRelay } from './relay-store.js';

const [first, second] = [uuidv7(), uuidv7()];
const take = { leaseSeconds: 3600, relayed: 0n, readTo: 0n, limit: 100, maxBytes: 1_000_000 };
const eventSource = 'urn:platen:data-plane';

async function open(t: Test, events: number): Promise<RelayedDatabase> {
  const database = await openRelayedDatabase(t);
  for (let n = 1; n <= events; n += 1) await database.writeOne('a', String(n));
  while (await hasUnsequenced(database.system)) await delay(5);
  return database;
}

const run = ({ superuserUrl }: RelayedDatabase, text: string) =>
  asSuperuser(superuserUrl, (client) => client.query(text));
const pulled = (consumer: string, topic: string, position: number) =>
  `insert into outbox_positions (consumer, topic, position) values ('${consumer}', '${topic}', ${position})`;

test('a first relay begins where those who pulled have got to', async (t) => {
  const database = await open(t, 5);
  const begin = async () => {
    await ensurePosition(database.system);
    const position = await claimRelay(database.system, first, 3600);
    await run(database, `delete from outbox_positions where consumer = '@relay'`);
    return position;
  };
  t.equal(await begin(), 0n, 'nobody pulled: at the oldest event');
  await run(database, pulled('worker', 'erp.quote', 5));
  t.equal(await begin(), 5n, 'who has read all needs none again');
  await run(database, pulled('worker', 'erp.order', 1));
  t.equal(await begin(), 5n, 'a topic without later events holds nobody back');
  await run(database, pulled('slow', 'erp.quote', 2));
  t.equal(await begin(), 2n);
  await ensurePosition(database.system);
  await run(database, `update outbox_positions set position = 4 where consumer = '@relay'`);
  await ensurePosition(database.system);
  t.equal(await claimRelay(database.system, first, 3600), 4n, 'only the first time');
});

test('one owner at a time: the lease is by the clock of the database, and what was read is noted by its owner alone', async (t) => {
  const { system, ...database } = await open(t, 3);
  await ensurePosition(system);
  t.equal(await claimRelay(system, first, 3600), 0n);
  t.equal(await claimRelay(system, second, 3600), null);
  t.equal(await takeForRelay(system, { ...take, owner: second, eventSource }), null);
  const events = await takeForRelay(system, { ...take, owner: first, eventSource });
  t.match(events, [{ position: '1', topic: 'erp.quote', parked: false }, { position: '2' }, { position: '3' }]);
  t.match(JSON.parse(events?.[0]?.value ?? ''), { id: events?.[0]?.id, subject: 'a', data: { number: '1' } });
  t.equal((await takeForRelay(system, { ...take, owner: first, eventSource, maxBytes: 1 }))?.length, 1, 'never none');
  t.same(
    await takeForRelay(system, { ...take, owner: first, eventSource, relayed: 3n }),
    [],
    'all relayed, lease held',
  );
  await run({ system, ...database }, `update outbox_positions set lease_until = now() - interval '1 ms'`);
  t.equal(await claimRelay(system, second, 3600), 3n);
  t.equal(await takeForRelay(system, { ...take, owner: first, eventSource, relayed: 9n }), null, 'too late');
  await releaseRelay(system, first);
  t.equal(await claimRelay(system, first, 3600), null, 'nobody releases what another holds');
  await releaseRelay(system, second);
  t.equal(await claimRelay(system, first, 3600), 3n);
});
