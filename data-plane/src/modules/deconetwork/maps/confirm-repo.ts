import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import type { dnSkipReasons } from '@platen/schema/contracts/data/dn-maps';
import type { DnMapKind, DnSuggestionKind } from '@platen/schema/states/deconetwork';
import { localTables } from './local-rows.js';

export type SkipReason = (typeof dnSkipReasons)[number];

/** Whose suggestions somebody takes. */
export interface Confirming {
  readonly connectionId: string;
  readonly kind: DnMapKind;
  readonly suggestedBy: readonly DnSuggestionKind[];
  /** null: all. */
  readonly mapIds: readonly string[] | null;
}
const values = ({ connectionId, kind, suggestedBy, mapIds }: Confirming) => [
  connectionId,
  kind,
  [...suggestedBy],
  mapIds === null ? null : [...mapIds],
];

const ofThese = `t.connection_id = $1::uuid and t.kind = $2 and ($4::uuid[] is null or t.id = any($4::uuid[]))`;
const isSuggested = `t.state = 'review' and t.suggested_id is not null and t.suggested_by = any($3::text[])`;
// Sub-selects by key: joins would read all rows of tables that nobody analyzed yet.
const isGone = `case t.kind ${Object.entries(localTables)
  .map(([kind, table]) => `when '${kind}' then not exists (select from ${table} l where l.id = t.suggested_id)`)
  .join(' ')} else true end`;
const isMapped = `exists (select from dn_maps o
  where o.connection_id = t.connection_id and o.kind = t.kind and o.local_id = t.suggested_id)`;
const isAmbiguous = `(t.suggested_id in (select o.suggested_id from dn_maps o
  where o.connection_id = $1::uuid and o.kind = $2 and o.state = 'review' and o.suggested_id is not null
  group by o.suggested_id having count(*) > 1)) is true`;
const isTakeable = `${isSuggested} and not (${isGone}) and not ${isMapped} and not ${isAmbiguous}`;

// What an import is at is left to the next call: it takes its maps in an order of its own.
const pick = statement<{ id: string }>(
  'dn_map.pick_suggested',
  `select t.id from dn_maps t where ${ofThese} and ${isTakeable} order by t.id limit 1000 for update skip locked`,
);
const take = statement<{ id: string }>(
  'dn_map.take_suggested',
  `update dn_maps t set state = 'mapped', local_id = t.suggested_id, suggested_id = null, suggested_by = null,
     mapped_by = $2::uuid, mapped_at = $3::timestamptz, version = t.version + 1, updated_at = now()
   where t.id = any($1::uuid[]) returning t.id`,
);
/** At most 1000. */
export async function takeSuggestions(tx: Tx, wanted: Confirming, mappedBy: string, now: Date): Promise<string[]> {
  const picked = (await tx.query(pick, values(wanted))).map(({ id }) => id);
  if (picked.length === 0) return [];
  return (await tx.query(take, [picked, mappedBy, now])).map(({ id }) => id);
}

const skipped = statement<{ map_id: string; reason: SkipReason }>(
  'dn_map.list_skipped',
  `select map_id, reason from (
     select t.id as map_id, case when t.state <> 'review' then 'not_in_review'
       when not (${isSuggested}) then 'no_suggestion' when ${isGone} then 'gone' when ${isMapped} then 'already_mapped'
       when ${isAmbiguous} then 'ambiguous' end as reason
     from dn_maps t where ${ofThese} and ($4::uuid[] is not null or (${isSuggested})) and not t.id = any($5::uuid[])
   ) judged where reason is not null order by map_id limit 1000`,
);
/** Those that are not taken, and why; not those that another call will take. */
export const listSkipped = (db: Queryable, wanted: Confirming, confirmed: readonly string[]) =>
  db.query(skipped, [...values(wanted), [...confirmed]]);

const count = statement<{ count: number }>(
  'dn_map.count_takeable',
  `select count(*) as count from dn_maps t where ${ofThese} and ${isTakeable}`,
  { parse: { count: 'int' } },
);
export const countTakeable = async (db: Queryable, wanted: Confirming): Promise<number> =>
  (await db.query(count, values(wanted)))[0]?.count ?? 0;
