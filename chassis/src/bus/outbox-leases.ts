import type { EventSource } from '@platen/schema/events/cloud-event';
import { statement } from '../db/statement.js';
import type { Queryable } from '../db/types.js';
import { envelopeOf } from './envelope.js';
import { counter, relayConsumer, sweptConsumer } from './sequencer-sql.js';

export interface Claim {
  readonly consumer: string;
  readonly topic: string;
  readonly owner: string;
  readonly leaseSeconds: number;
}

/**
 * Lease and events in one statement; where nothing is beyond the position, nothing is written. Leases go by the
 * database's clock. $1 consumer, $2 topic, $3 owner, $4 lease in seconds, $5 position in the owner's hands, $6 limit,
 * $7 who says it.
 */
const takeEventsStatement = statement<{ item: string }>(
  'outbox.take',
  `with taken as (
     insert into outbox_positions as held (consumer, topic, owner, lease_until)
     select $1::text, $2::text, $3::uuid, clock_timestamp() + make_interval(secs => $4::int)
     where exists (
       select from outbox_events event
       where event.topic = $2 and event.position > coalesce(
         (select position from outbox_positions where consumer = $1 and topic = $2), 0))
     on conflict (consumer, topic) do update
     set owner = excluded.owner, lease_until = excluded.lease_until, updated_at = now()
     where held.owner is null or held.owner = excluded.owner or held.lease_until < clock_timestamp()
     returning position
   )
   select json_build_object('position', event.position::text, 'key', event.key, 'event', ${envelopeOf('$7')},
     'parked', exists (
       select from outbox_dead_letters letter
       where letter.consumer = $1 and letter.topic = event.topic and letter.key = event.key
         and letter.position <= event.position
     ))::text as item
   from taken, lateral (
     select * from outbox_events
     where topic = $2 and position > greatest(taken.position, $5::bigint)
     order by position limit $6::int
   ) event
   order by event.position`,
);

/** The next events as JSON texts, in order; none while another owner holds the lease. */
export async function takeEvents(
  db: Queryable,
  claim: Claim & { readonly eventSource: EventSource },
  after: bigint,
  limit: number,
): Promise<string[]> {
  const { consumer, topic, owner, leaseSeconds, eventSource } = claim;
  const values = [consumer, topic, owner, leaseSeconds, after.toString(), limit, eventSource];
  const rows = await db.query(takeEventsStatement, values);
  return rows.map((row) => row.item);
}

export interface Acknowledgement extends Claim {
  readonly position: bigint;
  readonly release: boolean;
}

/** Counting stops here: beyond, "far behind" is all that matters. */
const maxLag = 10_000;

/**
 * Who has lost the lease by time alone, while nobody else took it, may still acknowledge: nobody has read meanwhile.
 * $1 consumer, $2 topic, $3 owner, $4 position, $5 lease in seconds, $6 release.
 */
const acknowledgeStatement = statement<{ position: string | null; lag: string; last: string | null }>(
  'outbox.acknowledge',
  `with given as (
     select position from outbox_positions where consumer = '${counter.consumer}' and topic = '${counter.topic}'
   ), moved as (
     update outbox_positions
     set position = greatest(outbox_positions.position, $4::bigint), updated_at = now(),
       owner = case when $6::boolean then null else owner end,
       lease_until = case when $6::boolean then null else clock_timestamp() + make_interval(secs => $5::int) end
     where consumer = $1::text and topic = $2::text and owner = $3::uuid
       and $4::bigint <= coalesce((select position from given), 0)
     returning position
   )
   select (select position from moved)::text as position, (select position from given)::text as last,
     (select count(*) from (
       select from outbox_events
       where topic = $2 and position > (select position from moved) limit ${maxLag}
     ) as behind)::text as lag`,
);

export type AcknowledgeResult =
  | { readonly kind: 'moved'; readonly position: string; readonly lag: number }
  | { readonly kind: 'lease_lost' }
  /** The position was never given to an event. */
  | { readonly kind: 'beyond_end' };

export async function acknowledge(db: Queryable, ack: Acknowledgement): Promise<AcknowledgeResult> {
  const { consumer, topic, owner, position, leaseSeconds, release } = ack;
  const [row] = await db.query(acknowledgeStatement, [
    consumer,
    topic,
    owner,
    position.toString(),
    leaseSeconds,
    release,
  ]);
  if (row?.position != null) return { kind: 'moved', position: row.position, lag: Number(row.lag) };
  return position > BigInt(row?.last ?? 0) ? { kind: 'beyond_end' } : { kind: 'lease_lost' };
}

/**
 * What has been deleted of a topic is noted as `counter` is: no consumer has such a name, and a reader that comes back
 * with an older position learns that there is a gap. Where events are relayed, a consumer that has not moved since the age
 * reads from the broker now. $1 age in seconds, $2 limit, $3 topics that no consumer needs, $4 whether events are relayed.
 */
const deleteStatement = statement<{ id: string }>(
  'outbox.delete-delivered',
  `with aged as materialized (
     select now() - make_interval(secs => $1::int) as at,
       case when $4::boolean then coalesce(
         (select position from outbox_positions where consumer = '${relayConsumer}' and topic = '*'), 0) end as relayed
   ), deleted as (
     delete from outbox_events where ctid in (
       select event.ctid from outbox_events event, aged
       where event.position is not null and event.created_at < aged.at
         and event.position <= coalesce(
           (select min(position) from outbox_positions
            where topic = event.topic and consumer <> '${sweptConsumer}' and (not $4 or updated_at > aged.at)),
           case when $4 or event.topic = any($3::text[]) then event.position end)
         and (aged.relayed is null or event.position <= aged.relayed)
         and not exists (
           select from outbox_dead_letters letter
           where letter.tenant_id = event.tenant_id and letter.event_id = event.id)
       order by event.position limit $2::int
     ) returning id, topic, position
   ), noted as (
     insert into outbox_positions as known (consumer, topic, position)
     select '${sweptConsumer}', topic, max(position) from deleted group by topic
     on conflict (consumer, topic) do update
     set position = greatest(known.position, excluded.position), updated_at = now()
   )
   select id from deleted`,
);

/** Who needs events other than the consumers that have pulled some. */
export interface Retention {
  /** Topics that are only streamed: no consumer is waited for. */
  readonly streamedTopics?: readonly string[];
  /** They go to a broker, whose consumers are no concern of the outbox. */
  readonly isRelayed?: boolean;
}

/**
 * Deletes events older than an age that every consumer of their topic is past, and the relay where there is one; dead
 * letters keep theirs. Where a topic has no consumer yet its events wait for one. How many went.
 */
export async function deleteDelivered(
  db: Queryable,
  olderThanSeconds: number,
  limit: number,
  { streamedTopics = [], isRelayed = false }: Retention = {},
): Promise<number> {
  return (await db.query(deleteStatement, [olderThanSeconds, limit, streamedTopics, isRelayed])).length;
}

const boundsStatement = statement<{ last: string; swept: string }>(
  'outbox.bounds',
  `select
     coalesce(max(position) filter (where consumer = '${counter.consumer}' and topic = '${counter.topic}'), 0)::text as last,
     coalesce(max(position) filter (where consumer = '${sweptConsumer}' and topic = any($1::text[])), 0)::text as swept
   from outbox_positions`,
);

/** The last position that was given, and the last of these topics that is not kept any more. */
export async function readBounds(
  db: Queryable,
  topics: readonly string[],
): Promise<{ readonly last: bigint; readonly swept: bigint }> {
  const [row] = await db.query(boundsStatement, [topics]);
  return { last: BigInt(row?.last ?? 0), swept: BigInt(row?.swept ?? 0) };
}
