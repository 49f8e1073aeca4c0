import type { LetterState } from '@platen/schema/contracts/internal/dead-letters';
import type { EventSource } from '@platen/schema/events/cloud-event';
import { statement } from '../db/statement.js';
import type { Queryable } from '../db/types.js';
import { envelopeOf } from './envelope.js';
import { type LettersDatabase, lockOf, wakeNextLetter } from './letters-store.js';

/** Which letter of a database. */
export interface LetterId {
  readonly consumer: string;
  readonly tenant_id: string;
  readonly event_id: string;
}

/** Of a row `letter`. */
const stateOf = `case when letter.retry_at is not null then 'waiting' when letter.attempts = 0 then 'following' else 'dead' end`;
const isInHand = `letter.owner is not null and letter.lease_until >= now()`;
const timestamp = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Of rows `letter` and `event`; the source is a parameter. */
const fieldsOf = (source: `$${number}`) => `'source', ${source}::text, 'consumer', letter.consumer,
  'tenant_id', letter.tenant_id, 'event_id', letter.event_id, 'topic', letter.topic, 'key', letter.key,
  'position', letter.position::text, 'event_type', event.type, 'state', ${stateOf}, 'attempts', letter.attempts,
  'error', letter.error, 'parked_at', ${timestamp('letter.parked_at')}, 'retry_at', ${timestamp('letter.retry_at')},
  'in_hand', ${isInHand}`;

const eventOfLetter = `cross join lateral (
    select * from outbox_events where tenant_id = letter.tenant_id and id = letter.event_id
  ) event`;

export interface LetterFilter {
  readonly consumer: string | null;
  readonly tenantId: string | null;
  readonly key: string | null;
  readonly eventId: string | null;
  readonly state: LetterState | null;
}

/** Sort key of the last letter shown: consumer, topic, key, position. */
export type LetterPlace = readonly [string, string, string, string];

/** $1 source, $2 limit, $3–$6 the last one shown, $7 consumer, $8 tenant, $9 key, $10 event, $11 state. */
const listStatement = statement<{ item: string; consumer: string; topic: string; key: string; position: string }>(
  'dead-letters.list',
  `select json_build_object(${fieldsOf('$1')})::text as item, letter.consumer, letter.topic, letter.key, letter.position
   from outbox_dead_letters letter ${eventOfLetter}
   where (letter.consumer, letter.topic, letter.key, letter.position) > ($3::text, $4::text, $5::text, $6::bigint)
     and ($7::text is null or letter.consumer = $7) and ($8::uuid is null or letter.tenant_id = $8)
     and ($9::text is null or letter.key = $9) and ($10::uuid is null or letter.event_id = $10)
     and ($11::text is null or ${stateOf} = $11)
   order by letter.consumer, letter.topic, letter.key, letter.position
   limit $2::int`,
);

/** Letters as JSON texts, each with its place. */
export async function listLetters(
  db: Queryable,
  query: { source: string; limit: number; after: LetterPlace | null; filter: LetterFilter },
): Promise<{ readonly item: string; readonly place: LetterPlace }[]> {
  const { source, limit, after, filter } = query;
  const { consumer, tenantId, key, eventId, state } = filter;
  const place = after ?? ['', '', '', '0'];
  const rows = await db.query(listStatement, [source, limit, ...place, consumer, tenantId, key, eventId, state]);
  return rows.map((row) => ({ item: row.item, place: [row.consumer, row.topic, row.key, row.position] }));
}

/** $1 source, $2 who says it, $3 consumer, $4 tenant, $5 event. */
const findStatement = statement<{ item: string }>(
  'dead-letters.find',
  `select json_build_object(${fieldsOf('$1')}, 'event', ${envelopeOf('$2')}, 'followers', (
     select count(*) from outbox_dead_letters later
     where later.consumer = letter.consumer and later.topic = letter.topic and later.key = letter.key
       and later.position > letter.position))::text as item
   from outbox_dead_letters letter ${eventOfLetter}
   where letter.consumer = $3::text and letter.tenant_id = $4::uuid and letter.event_id = $5::uuid`,
);

export async function findLetter(
  db: Queryable,
  source: string,
  eventSource: EventSource,
  { consumer, tenant_id, event_id }: LetterId,
): Promise<string | null> {
  const [row] = await db.query(findStatement, [source, eventSource, consumer, tenant_id, event_id]);
  return row?.item ?? null;
}

/** $1: `LetterId`s. */
const asked = `jsonb_to_recordset($1::jsonb) as asked(consumer text, tenant_id uuid, event_id uuid)`;
const askedLetter =
  'letter.tenant_id = asked.tenant_id and letter.consumer = asked.consumer and letter.event_id = asked.event_id';
const notInHand = '(letter.owner is null or letter.lease_until < clock_timestamp())';

/** One whose lease ran out is taken from who had it: the end of that try counts no more. */
const replayStatement = statement<{ event_id: string; outcome: 'replayed' | 'following' | 'in_hand' }>(
  'dead-letters.replay',
  `with replayed as (
     update outbox_dead_letters letter
     set retry_at = clock_timestamp(), attempts = 0, owner = null, lease_until = null
     from ${asked}
     where ${askedLetter} and ${notInHand} and (letter.attempts > 0 or letter.retry_at is not null)
     returning letter.event_id, letter.consumer
   )
   select letter.event_id, case
       when (letter.event_id, letter.consumer) in (select event_id, consumer from replayed) then 'replayed'
       when ${isInHand} then 'in_hand' else 'following' end as outcome
   from ${asked} join outbox_dead_letters letter on ${askedLetter}`,
);

/** Those that are not there are not in the answer. */
export const replayLetters = (db: Queryable, letters: readonly LetterId[]) =>
  db.query(replayStatement, [JSON.stringify(letters)]);

/** In one order, as with parking. */
const lockStatement = statement(
  'dead-letters.lock',
  `select pg_advisory_xact_lock(lock) from (
     select distinct ${lockOf('letter.consumer', 'letter.topic', 'letter.key')} as lock
     from ${asked} join outbox_dead_letters letter on ${askedLetter} order by lock
   ) as locks`,
);

const dropStatement = statement<{ event_id: string; consumer: string; topic: string; key: string }>(
  'dead-letters.drop',
  `delete from outbox_dead_letters letter using ${asked}
   where ${askedLetter} and ${notInHand}
   returning letter.event_id, letter.consumer, letter.topic, letter.key`,
);

const presentStatement = statement<{ event_id: string }>(
  'dead-letters.present',
  `select letter.event_id from ${asked} join outbox_dead_letters letter on ${askedLetter}`,
);

/** Deletes them, and makes what followed them due. Those that are not there are not in the answer. */
export function dropLetters(
  db: LettersDatabase,
  letters: readonly LetterId[],
): Promise<{ readonly event_id: string; readonly outcome: 'dropped' | 'in_hand' }[]> {
  const values = [JSON.stringify(letters)];
  return db.transaction(async (tx) => {
    await tx.query(lockStatement, values);
    const dropped = await tx.query(dropStatement, values);
    const left = await tx.query(presentStatement, values);
    const keys = new Map(dropped.map((row) => [`${row.consumer} ${row.topic} ${row.key}`, row]));
    for (const row of keys.values()) wakeNextLetter(tx, row.consumer, row);
    return [
      ...dropped.map(({ event_id }) => ({ event_id, outcome: 'dropped' as const })),
      ...left.map(({ event_id }) => ({ event_id, outcome: 'in_hand' as const })),
    ];
  });
}

export interface LetterCount {
  readonly consumer: string;
  readonly state: LetterState;
  readonly count: number;
}

export const countLetters = statement<LetterCount>(
  'dead-letters.count',
  `select consumer, ${stateOf} as state, count(*) as count from outbox_dead_letters letter group by consumer, state`,
  { parse: { count: 'int' } },
);
