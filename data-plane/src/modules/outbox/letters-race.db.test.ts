import { setTimeout as delay } from 'node:timers/promises';
import { countLetters } from '@platen/chassis/bus/dead-letters-store';
import {
  type LettersDatabase,
  leaseLetters,
  listParkedKeys,
  parkLetters,
  settleLetter,
} from '@platen/chassis/bus/letters-store';
import { eventSources } from '@platen/schema/events/cloud-event';
import { type Test, test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { type OutboxTestDatabase, readRows, startOutboxPlane } from './plane.fixture.js';

const consumer = 'race';
const topic = 'erp.quote';
const keys = 150;
const perKey = 4;

/** mulberry32: the same course of events for the same seed, but for who comes first at the database. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Stored {
  readonly id: string;
  readonly key: string;
  readonly ordinal: number;
}

/** What the handlers of all consumers did, once for each event, as an inbox has it. */
class Effects {
  readonly byKey = new Map<string, number[]>();
  readonly #seen = new Set<string>();
  repeats = 0;
  apply({ id, key, ordinal }: Stored): void {
    if (this.#seen.has(id)) {
      this.repeats += 1;
      return;
    }
    this.#seen.add(id);
    this.byKey.set(key, [...(this.byKey.get(key) ?? []), ordinal]);
  }
}

interface World {
  readonly db: LettersDatabase;
  readonly database: OutboxTestDatabase;
  readonly random: () => number;
  readonly effects: Effects;
  readonly counted: { parked: number; retried: number; killed: number; handedOver: number };
}

const soon = (random: () => number) => delay(Math.floor(random() * 3));

/** Takes its time within transactions: what is decided there must still be so when it is committed. */
const slowly = (db: LettersDatabase, random: () => number): LettersDatabase => ({
  query: (statement, values) => db.query(statement, values),
  transaction: (work) =>
    db.transaction(async (tx) => {
      const result = await work({
        defer: (statement, values) => tx.defer(statement, values),
        async query(statement, values) {
          const rows = await tx.query(statement, values);
          await soon(random);
          return rows;
        },
      });
      await soon(random);
      return result;
    }),
});

/**
 * The main lane of one key: at any moment one of two consumers has it; the other takes over at random, from an older
 * position, knowing only which keys are parked.
 */
async function runMainLane({ db, database, random, effects, counted }: World, events: readonly Stored[]) {
  const [{ key } = { key: '' }] = events;
  const source = { consumer, topic };
  let isParked = false;
  const park = async ({ id: event_id }: Stored, attempts: number) => {
    const letter = { event_id, tenant_id: database.tenantId, attempts, error: 'no luck', retry_after_ms: 0 };
    const [answer] = await parkLetters(db, { ...source, letters: [letter] });
    isParked = answer?.key_parked ?? false;
    return answer?.parked ?? false;
  };
  for (let index = 0; index < events.length; ) {
    const event = events[index];
    if (!event) break;
    await soon(random);
    if (!isParked || !(await park(event, 0))) {
      await soon(random);
      if (random() < 0.35) {
        counted.parked += 1;
        await park(event, 3);
      } else effects.apply(event);
    }
    index += 1;
    if (random() < 0.15) {
      counted.handedOver += 1;
      index = Math.max(0, index - 1 - Math.floor(random() * 2));
      const before = key.slice(0, -1);
      isParked = (await listParkedKeys(db, { ...source, after: before, limit: 1_000 })).includes(key);
    }
  }
}

/** Until the main lanes have ended and no letter is to be tried; some tries fail, some end with the death of who tried. */
async function runRetryLane(world: World, byId: ReadonlyMap<string, Stored>, isOver: () => Promise<boolean>) {
  const { db, database, random, effects, counted } = world;
  const claim = { consumer, topics: [topic], holding: [], limit: 8, leaseSeconds: 30 };
  for (let owner = uuidv7(); !(await isOver()); ) {
    const leased = await leaseLetters(db, { ...claim, owner, source: 's', eventSource: eventSources.dataPlane });
    await Promise.all(
      leased.map(async (text) => {
        const { attempts, event } = JSON.parse(text) as { attempts: number; event: { id: string; tenantid: string } };
        const stored = byId.get(event.id);
        if (!stored) throw new Error('a letter of an event that was never written');
        await soon(random);
        const letter = { consumer, tenantId: event.tenantid, eventId: event.id };
        if (random() < 0.3) {
          const result = { outcome: 'failed', attempts: attempts + 1, error: 'again', retry_after_ms: 0 } as const;
          await settleLetter(db, letter, owner, result);
          return;
        }
        effects.apply(stored);
        counted.retried += 1;
        // Not by chance: of a few hundred it could be too few.
        if (counted.retried % 8 === 0) {
          counted.killed += 1;
          await readRows(
            database,
            `update outbox_dead_letters set lease_until = now() - interval '1 ms' where event_id = '${event.id}'`,
          );
          return;
        }
        await settleLetter(db, letter, owner, { outcome: 'done' });
      }),
    );
    owner = uuidv7();
    if (leased.length === 0) await soon(random);
  }
}

async function listStored(t: Test, database: OutboxTestDatabase, count: number): Promise<Stored[]> {
  for (;;) {
    const rows = await readRows<Stored>(
      database,
      `select id, key, (payload->>'number')::int as ordinal from outbox_events where position is not null order by position`,
    );
    if (rows.length === count) return rows;
    t.ok(rows.length < count);
    await delay(20);
  }
}

test('followers that come while the last letter of their key is settled: none is stranded, none overtakes', async (t) => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
  t.comment(`SEED=${seed}`);
  const [database] = (await startOutboxPlane(t)).databases;
  if (!database) throw new Error('a plane has a database');
  for (let ordinal = 1; ordinal <= perKey; ordinal += 1) {
    await database.publish(Array.from({ length: keys }, (_, key) => ({ aggregateId: `k${key}`, ordinal })));
  }
  const stored = await listStored(t, database, keys * perKey);
  const byId = new Map(stored.map((event) => [event.id, event]));
  const byKey = new Map<string, Stored[]>();
  for (const event of stored) byKey.set(event.key, [...(byKey.get(event.key) ?? []), event]);

  const random = randomOf(seed);
  const world: World = {
    db: slowly(database.system, random),
    database,
    random,
    effects: new Effects(),
    counted: { parked: 0, retried: 0, killed: 0, handedOver: 0 },
  };
  const waiting = [...byKey.values()];
  const runMainLanes = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) await runMainLane(world, next);
  };
  let mainLanesAreOver = false;
  const mainLanes = Promise.all(Array.from({ length: 8 }, runMainLanes)).then(() => {
    mainLanesAreOver = true;
  });
  // Of a key with letters one is always to be tried: where none is, a follower is stranded, and shows below.
  const isOver = async () =>
    mainLanesAreOver && (await world.db.query(countLetters)).every(({ state }) => state !== 'waiting');
  await Promise.all([mainLanes, runRetryLane(world, byId, isOver), runRetryLane(world, byId, isOver)]);

  const { effects, counted } = world;
  t.same(await world.db.query(countLetters), [], 'no letter is left');
  const expected = Array.from({ length: perKey }, (_, index) => index + 1);
  const wrong = [...byKey.keys()].filter((key) => String(effects.byKey.get(key)) !== String(expected));
  t.same(
    wrong.map((key) => effects.byKey.get(key)),
    [],
    'each key in order, each event once',
  );
  t.ok(counted.parked > 50 && counted.killed > 10 && counted.handedOver > 40, 'all of that happened');
  t.comment(`measured: ${JSON.stringify({ ...counted, repeats: effects.repeats })}`);
});
