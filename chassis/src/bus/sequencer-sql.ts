import { advisoryLockNumbers } from '@platen/schema/advisory-locks';

/**
 * The row of `outbox_positions` that holds the last position given. No consumer can have this name (contract of the
 * outbox), and it outlives the events: with `max(position)` a clean-up would give positions a second time.
 */
export const counter = { consumer: '@sequencer', topic: '*' } as const;

/** Likewise, by topic: the last position that a clean-up has deleted. */
export const sweptConsumer = '@swept';

/** Likewise, for topic `*`: what has been given to a broker, of all topics. */
export const relayConsumer = '@relay';

/** Sessions that sequence one database exclude each other by this lock. */
const lockKey = advisoryLockNumbers.sequencer;

/** Payload: `<last position> <topic>,<topic> <tenant>,<tenant>`; `*` for more tenants than a payload has room for. */
export const channel = 'platen_outbox';

/** A payload is less than 8,000 bytes. */
const maxToldTenants = 100;

export const ensureCounter = `insert into outbox_positions (consumer, topic) values ('${counter.consumer}', '${counter.topic}')
  on conflict do nothing`;

export const tryLock = `select pg_try_advisory_lock(${lockKey}) as held`;

/**
 * Gives the next positions to rows that this statement can see, in the order of their insertion, and tells listeners
 * once. A row that is still invisible will get a later position, so a reader by position never finds one behind itself.
 * Rows of one key cannot swap: the second was inserted under the aggregate's lock, after the first had committed.
 * Nothing to do: nothing is written.
 */
export const givePositions = `
  with oldest as materialized (
    select tenant_id, id, seq, topic from outbox_events where position is null order by seq limit $1
  ), batch as materialized (
    select tenant_id, id, topic, row_number() over (order by seq) as place from oldest
  ), given as (
    update outbox_positions
    set position = position + (select count(*) from batch), updated_at = now()
    where consumer = '${counter.consumer}' and topic = '${counter.topic}' and exists (select from batch)
    returning position
  ), placed as (
    update outbox_events event
    set position = given.position - (select count(*) from batch) + batch.place
    from batch, given
    where event.tenant_id = batch.tenant_id and event.id = batch.id
    returning event.topic
  )
  select (select count(*) from placed)::int as count, given.position::text as last,
    pg_notify('${channel}', given.position || ' ' || (select string_agg(distinct topic, ',') from placed)
      || ' ' || (select case when count(distinct tenant_id) <= ${maxToldTenants}
        then string_agg(distinct tenant_id::text, ',') else '*' end from batch)) as told
  from given`;
