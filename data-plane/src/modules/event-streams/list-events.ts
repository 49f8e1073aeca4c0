import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { OutgoingEvent } from '@platen/chassis/http/event-stream';

/** Whose events a stream shows: the context of its reader's token. */
export interface StreamScope {
  readonly organizationId: string;
  /** null: all workspaces of the organization. */
  readonly workspaceId: string | null;
}

export interface EventPage {
  readonly events: readonly OutgoingEvent[];
  /** Nothing up to here is missing: of the last event of a full page, else of all that this read could see. */
  readonly position: bigint;
  readonly isLast: boolean;
}

/**
 * Under the tenant's own scope, so that row-level security holds besides what is asked for here. Positions are given to
 * rows that are visible, in their order: a read that sees one sees all before it, hence `seen`.
 * $1 position, $2 types, $3 organization, $4 workspace, $5 limit.
 */
const eventsAfter = statement<{
  seen: string | null;
  id: string | null;
  type: string | null;
  data: string | null;
}>(
  'event-streams.after',
  `select seen.position::text as seen, event.position::text as id, event.type, event.payload::text as data
   from (select max(position) as position from outbox_events where position is not null) seen
   left join lateral (
     select position, type, payload from outbox_events
     where position > $1::bigint and type = any($2::text[]) and organization_id = $3::uuid
       and ($4::uuid is null or workspace_id is null or workspace_id = $4::uuid)
     order by position limit $5::int
   ) event on true
   order by event.position`,
);

export async function listEventsAfter(
  db: Queryable,
  after: bigint,
  types: readonly string[],
  scope: StreamScope,
  limit: number,
): Promise<EventPage> {
  const values = [after.toString(), types, scope.organizationId, scope.workspaceId, limit];
  const rows = await db.query(eventsAfter, values);
  const events = rows.flatMap(({ id, type, data }) =>
    id === null || type === null || data === null ? [] : [{ id, type, data }],
  );
  const isLast = events.length < limit;
  const reached = BigInt((isLast ? rows[0]?.seen : events.at(-1)?.id) ?? 0);
  return { events, position: reached > after ? reached : after, isLast };
}
