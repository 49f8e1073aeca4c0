import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { firstId } from '@platen/chassis/http/paging';
import type { DnMapDetail } from '@platen/schema/contracts/data/dn-shapes';
import { type DnMapKind, dnMapKinds } from '@platen/schema/states/deconetwork';
import { suggestFor } from './suggest.js';

interface InReview {
  readonly id: string;
  readonly kind: DnMapKind;
  readonly dn_id: string;
  readonly label: string;
  readonly detail: DnMapDetail;
}
// Maps that an import is at are left as they are.
const list = statement<InReview>(
  'dn_map.list_in_review',
  `select t.id, t.kind, t.dn_id, t.label, t.detail from dn_maps t
   where t.connection_id = $1::uuid and t.kind = any($2::text[]) and t.state = 'review' and t.id > $3::uuid
   order by t.id limit $4::int for no key update skip locked`,
  { parse: { detail: 'json' } },
);
// The version stays: what people edit of a map has not changed.
const write = statement<{ id: string }>(
  'dn_map.write_suggestions',
  `update dn_maps t set suggested_id = n.suggested_id, suggested_by = n.suggested_by, updated_at = now()
   from jsonb_to_recordset($1::jsonb) as n(id uuid, suggested_id uuid, suggested_by text)
   where t.id = n.id and (t.suggested_id, t.suggested_by) is distinct from (n.suggested_id, n.suggested_by)
   returning t.id`,
);

const atOnce = 500;
const atMost = 5_000;

/** What records in review may be here by now, as it is found at first sight too. `next` null: those were all. */
export async function suggestAgain(
  tx: Tx,
  connectionId: string,
  kind: DnMapKind | undefined,
  after: string | undefined,
): Promise<{ looked_at: number; suggested: number; changed: number; next: string | null }> {
  const told = { looked_at: 0, suggested: 0, changed: 0 };
  let next = after ?? firstId;
  while (told.looked_at < atMost) {
    const maps = await tx.query(list, [connectionId, kind === undefined ? [...dnMapKinds] : [kind], next, atOnce]);
    const suggestions = await suggestFor(tx, connectionId, maps);
    const rows = maps.map(({ id }, index) => ({
      id,
      suggested_id: suggestions[index]?.id ?? null,
      suggested_by: suggestions[index]?.by ?? null,
    }));
    told.looked_at += rows.length;
    told.suggested += rows.filter(({ suggested_id: id }) => id !== null).length;
    if (rows.length > 0) told.changed += (await tx.query(write, [JSON.stringify(rows)])).length;
    const last = maps.at(-1);
    if (last === undefined || maps.length < atOnce) return { ...told, next: null };
    next = last.id;
  }
  return { ...told, next };
}
