import { statement } from '@platen/chassis/db/statement';
import type { Sweep } from '@platen/chassis/db/sweeps';
import type { Queryable } from '@platen/chassis/db/types';
import type { InstanceKind } from '@platen/schema/tables/control/platform';

/** Instances report every 10 s: one that missed three is away, and catches up by itself when it is back. */
export const instanceLiveSeconds = 30;
/** Each start is an instance of its own, so that rows of those long gone would pile up. */
const instanceRetentionSeconds = 3_600;

export interface LiveInstance {
  readonly id: string;
  readonly kind: InstanceKind;
  readonly lastSeenAt: Date;
  readonly keyIds: readonly string[];
}

const listLive = statement<{ id: string; kind: InstanceKind; last_seen_at: Date; key_ids: string[] }>(
  'instances_list_live',
  `select id, kind, last_seen_at, to_json(key_ids) as key_ids from platform_instances
   where last_seen_at > now() - make_interval(secs => $1::int) order by kind, id`,
  { parse: { last_seen_at: 'date', key_ids: 'json' } },
);

/** Who serves at the moment, and which signing keys they hold. */
export async function listLiveInstances(db: Queryable): Promise<LiveInstance[]> {
  const rows = await db.query(listLive, [instanceLiveSeconds]);
  return rows.map(({ id, kind, last_seen_at: lastSeenAt, key_ids: keyIds }) => ({ id, kind, lastSeenAt, keyIds }));
}

const deleteOne = statement<never>('instances_delete', 'delete from platform_instances where id = $1 and kind = $2');

/** Who stops says so, and nobody waits for it any more. Each kind for its own. */
export async function deleteInstance(db: Queryable, id: string, kind: InstanceKind): Promise<void> {
  await db.query(deleteOne, [id, kind]);
}

const deleteGone = statement<{ id: string }>(
  'instances_delete_gone',
  `delete from platform_instances where id = any(array(
     select id from platform_instances where last_seen_at < now() - make_interval(secs => $1::int) limit $2::int))
   returning id`,
);

export const instanceSweep: Sweep = {
  name: 'instances',
  deleteSome: async (db, limit) => (await db.query(deleteGone, [instanceRetentionSeconds, limit])).length,
};
