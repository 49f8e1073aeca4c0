import type { EventSource } from '@platen/schema/events/cloud-event';
import { lockNumberOf } from '../db/advisory-locks.js';
import { statement } from '../db/statement.js';
import { toStorable } from '../db/storable-text.js';
import type { SystemDatabase } from '../db/system-database.js';
import type { Queryable, Tx } from '../db/types.js';
import { envelopeOf } from './envelope.js';

/** Letters are moved under a lock per consumer, topic and key, which has to be there before a statement looks at them. */
export type LettersDatabase = Queryable & Pick<SystemDatabase, 'transaction'>;

export interface NewLetter {
  readonly event_id: string;
  readonly tenant_id: string;
  readonly attempts: number;
  readonly error: string;
  readonly retry_after_ms: number | null;
}

/** The number of a key's lock, by SQL expressions. */
export const lockOf = (consumer: string, topic: string, key: string): string =>
  lockNumberOf('letters', `${consumer} || ' ' || ${topic} || ' ' || ${key}`);
/** Of a row with `topic` and `key`; $1 is the consumer. */
const keyLock = lockOf('$1::text', 'topic', 'key');

/** In one order, so that two who lock several never wait for each other. $1 consumer, $2 topic, $3 tenant and event ids. */
const lockEventsStatement = statement(
  'letters.lock-events',
  `select pg_advisory_xact_lock(lock) from (
     select distinct ${keyLock} as lock
     from jsonb_to_recordset($3::jsonb) as sent(tenant_id uuid, event_id uuid)
     cross join lateral (
       select topic, key from outbox_events
       where tenant_id = sent.tenant_id and id = sent.event_id and topic = $2::text
     ) event
     order by lock
   ) as locks`,
);

/** $1 consumer, $2 topic, $3 letters. */
const parkStatement = statement<{ event_id: string; parked: boolean; key_parked: boolean }>(
  'letters.park',
  `with sent as materialized (
     select event.*, letter.attempts, letter.error, letter.retry_after_ms
     from jsonb_to_recordset($3::jsonb) as letter(
       event_id uuid, tenant_id uuid, attempts int, error text, retry_after_ms int)
     cross join lateral (
       select tenant_id, id, topic, key, position from outbox_events
       where tenant_id = letter.tenant_id and id = letter.event_id and topic = $2::text and position is not null
     ) event
   ), judged as materialized (
     select sent.*, attempts > 0 or exists (
         select from outbox_dead_letters known
         where known.consumer = $1::text and known.topic = sent.topic and known.key = sent.key
           and known.position <= sent.position
       ) or exists (
         select from sent earlier
         where earlier.key = sent.key and earlier.attempts > 0 and earlier.position < sent.position
       ) as parked
     from sent
   ), inserted as (
     insert into outbox_dead_letters (tenant_id, consumer, event_id, topic, key, position, attempts, error, retry_at)
     select tenant_id, $1, id, topic, key, position, attempts, error,
       case when attempts > 0 then clock_timestamp() + retry_after_ms * interval '1 millisecond' end
     from judged where parked
     on conflict (tenant_id, consumer, event_id) do nothing
   )
   select id as event_id, parked, parked or exists (
     select from outbox_dead_letters known
     where known.consumer = $1 and known.topic = judged.topic and known.key = judged.key
   ) as key_parked
   from judged`,
  { parse: { parked: 'bool', key_parked: 'bool' } },
);

export interface Parked {
  readonly event_id: string;
  readonly parked: boolean;
  readonly key_parked: boolean;
}

/** Answers in the order of the letters. */
export function parkLetters(
  db: LettersDatabase,
  { consumer, topic, letters }: { consumer: string; topic: string; letters: readonly NewLetter[] },
): Promise<Parked[]> {
  // What a handler said is whatever its error holds, and would be refused for ever.
  const stored = letters.map((letter) => ({ ...letter, error: toStorable(letter.error) }));
  const values = [consumer, topic, JSON.stringify(stored)];
  return db.transaction(async (tx) => {
    await tx.query(lockEventsStatement, values);
    const rows = await tx.query(parkStatement, values);
    const byId = new Map(rows.map((row) => [row.event_id, row]));
    return letters.map(({ event_id }) => byId.get(event_id) ?? { event_id, parked: false, key_parked: false });
  });
}

const parkedKeysStatement = statement<{ key: string }>(
  'letters.parked-keys',
  `select distinct key from outbox_dead_letters
   where consumer = $1::text and topic = $2::text and key > $3::text order by key limit $4::int`,
);

export async function listParkedKeys(
  db: Queryable,
  query: { consumer: string; topic: string; after: string; limit: number },
): Promise<string[]> {
  const rows = await db.query(parkedKeysStatement, [query.consumer, query.topic, query.after, query.limit]);
  return rows.map((row) => row.key);
}

export interface RetryClaim {
  readonly consumer: string;
  readonly topics: readonly string[];
  readonly owner: string;
  /** Ids of events that the owner is trying. */
  readonly holding: readonly string[];
  readonly limit: number;
  readonly leaseSeconds: number;
}

/**
 * Only the oldest letter of a key is ever leased: the next one is not the oldest before this one has gone. $1 consumer,
 * $2 topics, $3 owner, $4 lease in seconds, $5 event ids in hand, $6 limit, $7 id of the database, $8 who says it.
 */
const leaseStatement = statement<{ item: string }>(
  'letters.lease',
  `with renewed as (
     update outbox_dead_letters set lease_until = clock_timestamp() + make_interval(secs => $4::int)
     where consumer = $1::text and retry_at <= now() and owner = $3::uuid and event_id = any($5::uuid[])
   ), due as materialized (
     select tenant_id, event_id from outbox_dead_letters letter
     where consumer = $1 and retry_at <= now() and topic = any($2::text[]) and event_id <> all($5)
       and (owner is null or owner = $3 or lease_until < now())
       and not exists (
         select from outbox_dead_letters earlier
         where earlier.consumer = letter.consumer and earlier.topic = letter.topic and earlier.key = letter.key
           and earlier.position < letter.position)
     order by retry_at, position limit $6::int
     for update skip locked
   ), leased as (
     update outbox_dead_letters letter set owner = $3, lease_until = clock_timestamp() + make_interval(secs => $4)
     from due
     where letter.tenant_id = due.tenant_id and letter.event_id = due.event_id and letter.consumer = $1
     returning letter.*
   )
   select json_build_object('source', $7::text, 'topic', leased.topic, 'key', leased.key,
     'position', leased.position::text, 'attempts', leased.attempts, 'event', ${envelopeOf('$8')})::text as item
   from leased
   cross join lateral (
     select * from outbox_events where tenant_id = leased.tenant_id and id = leased.event_id
   ) event
   order by leased.retry_at, leased.position`,
);

/** The letters as JSON texts. */
export async function leaseLetters(
  db: Queryable,
  claim: RetryClaim & { readonly source: string; readonly eventSource: EventSource },
): Promise<string[]> {
  const { consumer, topics, owner, leaseSeconds, holding, limit, source, eventSource } = claim;
  const values = [consumer, topics, owner, leaseSeconds, holding, limit, source, eventSource];
  return (await db.query(leaseStatement, values)).map((row) => row.item);
}

const nextDueStatement = statement<{ wait_ms: string | null }>(
  'letters.next-due',
  `select ceil(extract(epoch from min(retry_at) - clock_timestamp()) * 1000)::bigint::text as wait_ms
   from outbox_dead_letters where consumer = $1::text and topic = any($2::text[]) and retry_at > now()`,
);

/** Milliseconds until a letter becomes due that is not; null: none will by itself. */
export async function readNextDueMs(
  db: Queryable,
  { consumer, topics }: Pick<RetryClaim, 'consumer' | 'topics'>,
): Promise<number | null> {
  const [row] = await db.query(nextDueStatement, [consumer, topics]);
  return row?.wait_ms == null ? null : Math.max(0, Number(row.wait_ms));
}

export interface LetterRef {
  readonly consumer: string;
  readonly tenantId: string;
  readonly eventId: string;
}
export type TryResult =
  | { readonly outcome: 'done' }
  | {
      readonly outcome: 'failed';
      readonly attempts: number;
      readonly error: string;
      readonly retry_after_ms: number | null;
    }
  | { readonly outcome: 'released' };

const leasedBy = 'consumer = $1::text and tenant_id = $2::uuid and event_id = $3::uuid and owner = $4::uuid';

const lockLeasedStatement = statement(
  'letters.lock-leased',
  `select pg_advisory_xact_lock(${keyLock}) from outbox_dead_letters where ${leasedBy}`,
);

const deleteStatement = statement<{ topic: string; key: string }>(
  'letters.delete',
  `delete from outbox_dead_letters where ${leasedBy} returning topic, key`,
);

/** One that waited behind the letter that has gone; one that is dead, or has a time of its own, keeps to that. */
const wakeNextStatement = statement(
  'letters.wake-next',
  `update outbox_dead_letters set retry_at = clock_timestamp()
   where (tenant_id, consumer, event_id) = (
       select tenant_id, consumer, event_id from outbox_dead_letters
       where consumer = $1::text and topic = $2::text and key = $3::text order by position limit 1)
     and retry_at is null and attempts = 0`,
);

/** Under the key's lock: to be called once its oldest letter has gone. */
export function wakeNextLetter(tx: Tx, consumer: string, { topic, key }: { topic: string; key: string }): void {
  tx.defer(wakeNextStatement, [consumer, topic, key]);
}

/** Null as time to come: never. $5 attempts, $6 error, $7 milliseconds until the next try. */
const failStatement = statement<{ id: string }>(
  'letters.fail',
  `update outbox_dead_letters
   set attempts = $5::int, error = $6::text, owner = null, lease_until = null,
     retry_at = clock_timestamp() + $7::int * interval '1 millisecond'
   where ${leasedBy} returning event_id as id`,
);

const releaseStatement = statement<{ id: string }>(
  'letters.release',
  `update outbox_dead_letters set owner = null, lease_until = null where ${leasedBy} returning event_id as id`,
);

/**
 * False: the letter is not the owner's, or has gone. Who let the lease run out, while nobody else took it, may still say
 * how it ended.
 */
export async function settleLetter(
  db: LettersDatabase,
  { consumer, tenantId, eventId }: LetterRef,
  owner: string,
  result: TryResult,
): Promise<boolean> {
  const values = [consumer, tenantId, eventId, owner];
  if (result.outcome === 'released') return (await db.query(releaseStatement, values)).length > 0;
  if (result.outcome === 'failed') {
    const { attempts, error, retry_after_ms } = result;
    return (await db.query(failStatement, [...values, attempts, toStorable(error), retry_after_ms])).length > 0;
  }
  return db.transaction(async (tx) => {
    await tx.query(lockLeasedStatement, values);
    const [gone] = await tx.query(deleteStatement, values);
    if (gone) wakeNextLetter(tx, consumer, gone);
    return gone !== undefined;
  });
}
