import { statement } from '../db/statement.js';
import type { Sweep } from '../db/sweeps.js';
import type { Queryable } from '../db/types.js';

/** Whose event, and who is about to have its effect. */
export interface InboxEntry {
  readonly tenantId: string;
  /** `[a-z][a-z0-9_.-]*`: the consumer, with what it does where one event has several effects. */
  readonly consumer: string;
  readonly eventId: string;
}

const insert = statement<{ consumer: string }>(
  'inbox.insert',
  `insert into inbox_events (tenant_id, consumer, event_id) values ($1::uuid, $2, $3::uuid)
   on conflict do nothing returning consumer`,
);

/**
 * Is this event's effect still to come? Ask in the transaction of the effect, before it: the entry is written there, so
 * that a repeat finds it when, and only when, the effect is there. Whoever asks at the same moment waits for the answer.
 */
export const firstTime = async (tx: Queryable, { tenantId, consumer, eventId }: InboxEntry): Promise<boolean> =>
  (await tx.query(insert, [tenantId, consumer, eventId])).length > 0;

/** Longer than any event is kept that is not parked. */
const retentionDays = 30;

/** A letter may be replayed however old it is: its entry stays as long. */
const deleteOld = statement<{ consumer: string }>(
  'inbox.delete-old',
  `delete from inbox_events
   where ctid = any(array(
     select entry.ctid from inbox_events entry
     where entry.created_at < now() - make_interval(days => $1::int)
       and (entry.tenant_id, entry.event_id) in (select tenant_id, event_id from outbox_dead_letters) is not true
     order by entry.created_at limit $2::int))
   returning consumer`,
);

export const inboxSweep: Sweep = {
  name: 'effects of events',
  deleteSome: async (db, limit) => (await db.query(deleteOld, [retentionDays, limit])).length,
};
