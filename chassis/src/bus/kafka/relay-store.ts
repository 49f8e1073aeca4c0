import type { EventSource } from '@platen/schema/events/cloud-event';
import { statement } from '../../db/statement.js';
import type { Queryable } from '../../db/types.js';
import { envelopeOf } from '../envelope.js';
import { relayConsumer } from '../sequencer-sql.js';

const isRelay = `consumer = '${relayConsumer}' and topic = '*'`;

/**
 * A first relay goes on where consumers that pulled have got to: before the oldest event that one of them still lacks, or
 * behind the last one; at the oldest event where there were no consumers.
 */
const ensureStatement = statement(
  'relay.ensure',
  `insert into outbox_positions (consumer, topic, position)
   select '${relayConsumer}', '*', coalesce(
     (select min(event.position) - 1 from outbox_positions pulled
      cross join lateral (
        select position from outbox_events
        where topic = pulled.topic and position > pulled.position order by position limit 1) event
      where pulled.consumer not like '@%'),
     (select max(position) from outbox_positions where consumer not like '@%'), 0)
   where not exists (select from outbox_positions where ${isRelay})
   on conflict (consumer, topic) do nothing`,
);

export const ensurePosition = (db: Queryable): Promise<unknown> => db.query(ensureStatement, []);

const isFree = 'owner is null or owner = $1::uuid or lease_until < clock_timestamp()';
const lease = 'owner = $1::uuid, lease_until = clock_timestamp() + make_interval(secs => $2::int), updated_at = now()';

const claimStatement = statement<{ position: string }>(
  'relay.claim',
  `update outbox_positions set ${lease} where ${isRelay} and (${isFree}) returning position::text`,
);

/** The position of what is known to be with the broker; null while another instance has the lease. */
export async function claimRelay(db: Queryable, owner: string, leaseSeconds: number): Promise<bigint | null> {
  const [row] = await db.query(claimStatement, [owner, leaseSeconds]);
  return row === undefined ? null : BigInt(row.position);
}

const releaseStatement = statement(
  'relay.release',
  `update outbox_positions set owner = null, lease_until = null, updated_at = now()
   where ${isRelay} and owner = $1::uuid`,
);

export const releaseRelay = (db: Queryable, owner: string): Promise<unknown> => db.query(releaseStatement, [owner]);

export interface TakenEvent {
  readonly position: string;
  readonly tenant_id: string;
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly traceparent: string | null;
  /** The event as JSON. */
  readonly value: string;
  /** An earlier event of its key is a letter of the relay's. */
  readonly parked: boolean;
}

/**
 * Moves the position, renews the lease and reads on, in one statement; a row without an event says that there is none.
 * $1 owner, $2 lease in seconds, $3 with the broker up to here, $4 read up to here, $5 most events, $6 most bytes of them as
 * stored, $7 who says it.
 */
const takeStatement = statement<Partial<TakenEvent>>(
  'relay.take',
  `with held as (
     update outbox_positions set position = greatest(position, $3::bigint), ${lease}
     where ${isRelay} and (${isFree}) returning position
   )
   select event.position::text, event.tenant_id, event.id, event.topic, event.key, event.traceparent,
     case when event.id is not null then ${envelopeOf('$7')}::text end as value,
     exists (
       select from outbox_dead_letters letter
       where letter.consumer = '${relayConsumer}' and letter.topic = event.topic and letter.key = event.key
         and letter.position <= event.position) as parked
   from held
   left join lateral (
     select * from (
       select *, sum(pg_column_size(payload)) over (order by position) as bytes,
         row_number() over (order by position) as place
       from (
         select * from outbox_events
         where position > greatest(held.position, $4::bigint) order by position limit $5::int
       ) next
     ) counted
     where bytes <= $6::bigint or place = 1
   ) event on true
   order by event.position`,
  { parse: { parked: 'bool' } },
);

export interface Take {
  readonly owner: string;
  readonly leaseSeconds: number;
  readonly relayed: bigint;
  readonly readTo: bigint;
  readonly limit: number;
  readonly maxBytes: number;
  readonly eventSource: EventSource;
}

/** The next events in order; null: another instance has the lease. */
export async function takeForRelay(db: Queryable, take: Take): Promise<TakenEvent[] | null> {
  const { owner, leaseSeconds, relayed, readTo, limit, maxBytes, eventSource } = take;
  const values = [owner, leaseSeconds, relayed.toString(), readTo.toString(), limit, maxBytes, eventSource];
  const rows = await db.query(takeStatement, values);
  if (rows.length === 0) return null;
  return rows.filter((row): row is TakenEvent => row.position != null);
}

const unsequencedStatement = statement<{ waits: boolean }>(
  'relay.unsequenced',
  'select exists (select from outbox_events where position is null) as waits',
  { parse: { waits: 'bool' } },
);

/** Are there events that have no position yet? */
export const hasUnsequenced = async (db: Queryable): Promise<boolean> =>
  (await db.query(unsequencedStatement, []))[0]?.waits ?? false;
