import { statement } from '@platen/chassis/db/statement';
import type { ColumnParser, Queryable, Tx } from '@platen/chassis/db/types';

/** A map as writing back needs it. */
export interface WrittenMap {
  readonly id: string;
  readonly connection_id: string;
  readonly dn_id: string;
  readonly base: unknown;
  readonly written: unknown;
}
const columns = 'm.id, m.connection_id, m.dn_id, m.base, m.written';
const parse: Readonly<Record<string, ColumnParser>> = { base: 'json', written: 'json' };

const ofLocal = statement<WrittenMap>(
  'dn_map.list_of_local',
  `select ${columns} from dn_maps m where m.local_id = $1::uuid and m.kind = $2 and m.state = 'mapped' order by m.id`,
  { parse },
);
/** What a record of ours is at connected sites. */
export const listMapsOf = (db: Queryable, kind: 'order' | 'purchase_order', localId: string): Promise<WrittenMap[]> =>
  db.query(ofLocal, [localId, kind]);

const find = statement<WrittenMap>('dn_map.find_written', `select ${columns} from dn_maps m where m.id = $1::uuid`, {
  parse,
});
export const findWrittenMap = async (db: Queryable, id: string): Promise<WrittenMap | undefined> =>
  (await db.query(find, [id]))[0];

const variants = statement<{ dn_id: string; local_id: string }>(
  'dn_map.list_variants',
  `select m.dn_id, m.local_id from dn_maps m
   where m.connection_id = $1::uuid and m.kind = 'variant' and m.state = 'mapped' and m.dn_id = any($2::text[])`,
);
export const listVariantMaps = (db: Queryable, connectionId: string, dnIds: readonly string[]) =>
  db.query(variants, [connectionId, dnIds]);

// Its version stays: what people edit of a map has not changed.
const note = statement<never>(
  'dn_map.note_written',
  `update dn_maps m set written = coalesce(m.written, '{}') || $2::jsonb, updated_at = now() where m.id = $1::uuid`,
);
/** What the site was told, beside what it was told before. */
export const noteWritten = (tx: Tx, mapId: string, written: object): void =>
  tx.defer(note, [mapId, JSON.stringify(written)]);

const noteLevels = statement<never>(
  'dn_map.note_levels',
  `update dn_maps m set written = coalesce(m.written, '{}') || jsonb_build_object('level', n.level), updated_at = now()
   from unnest($2::text[], $3::int[]) as n (dn_id, level)
   where m.connection_id = $1::uuid and m.kind = 'variant' and m.dn_id = n.dn_id`,
);
export const noteWrittenLevels = (
  tx: Tx,
  connectionId: string,
  levels: readonly { readonly dn_sku_id: string; readonly level: number }[],
): void => tx.defer(noteLevels, [connectionId, levels.map((each) => each.dn_sku_id), levels.map(({ level }) => level)]);
