import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { FeedChange } from '@platen/schema/contracts/internal/feed';
import type { InstanceKind } from '@platen/schema/tables/control/platform';

const listAfter = statement<FeedChange>(
  'feed_list_changes',
  'select seq::text as position, payload as entity from control_changes where seq > $1 order by seq limit $2',
  { parse: { entity: 'json' } },
);

export const listChanges = (db: Queryable, after: string, limit: number): Promise<FeedChange[]> =>
  db.query(listAfter, [after, limit]);

const bounds = statement<{ gone: boolean }>(
  'feed_is_position_gone',
  `select $1::bigint < coalesce(min(seq), 1) - 1 or $1::bigint > coalesce(max(seq), 0) as gone from control_changes`,
  { parse: { gone: 'bool' } },
);

/** Is the position before what is kept, or one that this database never gave? */
export async function isPositionGone(db: Queryable, after: string): Promise<boolean> {
  const [row] = await db.query(bounds, [after]);
  return row?.gone ?? true;
}

const deleteOld = statement<{ seq: string }>(
  'feed_delete_changes',
  `delete from control_changes where seq = any(array(
     select seq from control_changes
     where seq < coalesce(
       (select min(seq) from control_changes where created_at >= now() - make_interval(secs => $1::int)),
       (select max(seq) from control_changes))
     order by seq limit $2::int))
   returning seq`,
);

/**
 * Only from the beginning on: `created_at` is when a transaction began, not the order of numbers, and a reader would take
 * a gap for nothing. The newest stays whatever its age: it says which positions were given.
 */
export async function deleteChangesOlderThan(db: Queryable, ageSeconds: number, limit: number): Promise<number> {
  return (await db.query(deleteOld, [ageSeconds, limit])).length;
}

const upsertInstance = statement<never>(
  'feed_upsert_instance',
  `insert into platform_instances (id, kind, last_seen_at, feed_position, key_ids, databases)
   values ($1, $2, now(), $3, $4, $5)
   on conflict (id) do update set last_seen_at = excluded.last_seen_at, feed_position = excluded.feed_position,
     key_ids = excluded.key_ids, databases = excluded.databases, updated_at = now()`,
);

export interface InstanceReport {
  readonly instance_id: string;
  readonly kind: InstanceKind;
  readonly feed_position: string;
  readonly key_ids: readonly string[];
  /** State of each database that it reaches, by key. */
  readonly databases?: Readonly<Record<string, string>>;
}

export async function upsertInstanceReport(db: Queryable, report: InstanceReport): Promise<void> {
  await db.query(upsertInstance, [
    report.instance_id,
    report.kind,
    report.feed_position,
    report.key_ids,
    report.databases ?? {},
  ]);
}
