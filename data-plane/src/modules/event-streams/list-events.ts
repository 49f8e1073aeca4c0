import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { OutgoingEvent } from '@platen/chassis/http/event-stream';

/** Whose events a stream shows: the context of its reader's token. */
export interface StreamScope {
  readonly organizationId: string;
  /** null: all workspaces of the organization. */
  readonly workspaceId: string | null;
  /** Of these events alone; absent: of all. */
  readonly key?: string;
}

export interface EventPage {
  readonly events: readonly OutgoingEvent[];
  /** Nothing up to here is missing. */
  readonly position: bigint;
  readonly isLast: boolean;
}

/**
 * Under the tenant's own scope, so that row-level security holds besides what is asked for here.
 * $1 position, $2 types, $3 organization, $4 workspace, $5 limit, $6 key.
 */
const eventsAfter = statement<OutgoingEvent>(
  'event-streams.after',
  `select position::text as id, type, payload::text as data from outbox_events
   where position > $1::bigint and type = any($2::text[]) and organization_id = $3::uuid
     and ($4::uuid is null or workspace_id is null or workspace_id = $4::uuid)
     and ($6::text is null or key = $6)
   order by position limit $5::int`,
);

/**
 * `known`: a position that was given before this read began. Positions are given to rows that are visible, in their order,
 * so this read sees everything up to there: what it does not find is not there, and need not be passed again.
 */
export async function listEventsAfter(
  db: Queryable,
  { after, known }: { readonly after: bigint; readonly known: bigint },
  types: readonly string[],
  scope: StreamScope,
  limit: number,
): Promise<EventPage> {
  const values = [after.toString(), types, scope.organizationId, scope.workspaceId, limit, scope.key ?? null];
  const events = await db.query(eventsAfter, values);
  const isLast = events.length < limit;
  const reached = BigInt(events.at(-1)?.id ?? after);
  return { events, position: isLast && known > reached ? known : reached, isLast };
}
