import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { lastId } from '@platen/chassis/http/paging';
import { dnMaps } from '@platen/schema/contracts/data/dn-maps';
import type { DnMapKind, DnMapState } from '@platen/schema/states/deconetwork';
import { type JsonRow, parseJsonRow } from '../../../stored-json.js';
import { filteredPages } from '../filtered-pages.js';
import { mapJson } from './json.js';

/** Newest first. */
export const listMaps = filteredPages({
  contract: dnMaps.list,
  filters: {
    connection_id: 't.connection_id = $N::uuid',
    kind: 't.kind = $N',
    state: 't.state = $N',
    suggested_by: 't.suggested_by = $N',
    local_id: 't.local_id = $N::uuid',
    // Byte by byte: leakproof, which LIKE is not.
    dn_id_prefix: 't.dn_id ~>=~ $N::text and t.dn_id ~<~ ($N::text || chr(1114111))',
  },
  item: mapJson,
  key: 't.id::text',
  rows: (conditions) => `select t.* from dn_maps t where t.id < $2::uuid ${conditions} order by t.id desc`,
  start: lastId,
});

const find = statement<JsonRow>(
  'dn_map.find',
  `select ${mapJson} as json, t.version from dn_maps t where t.id = $1::uuid`,
  { parse: parseJsonRow },
);
export const findMap = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

export interface LockedMap extends JsonRow {
  readonly workspace_id: string | null;
  readonly kind: DnMapKind;
  readonly state: DnMapState;
  readonly local_id: string | null;
  readonly local_code: string | null;
}
const lock = statement<LockedMap>(
  'dn_map.lock',
  `select t.workspace_id, t.kind, t.state, t.local_id, t.local_code, t.version, ${mapJson} as json
   from dn_maps t where t.id = $1::uuid for update`,
  { parse: parseJsonRow },
);
export const lockMap = async (tx: Tx, id: string): Promise<LockedMap | undefined> => (await tx.query(lock, [id]))[0];

/** What somebody said that a record is. */
export interface MapTarget {
  readonly state: DnMapState;
  readonly localId: string | null;
  readonly localCode: string | null;
  readonly mappedBy: string | null;
}
// What the record was before says nothing of what it is now: it is applied anew, and the job that made a record here
// may not take away another one.
const retarget = statement<JsonRow>(
  'dn_map.retarget',
  `update dn_maps t set state = $2, local_id = $3::uuid, local_code = $4, mapped_by = $5::uuid,
     mapped_at = case when $5::uuid is not null then $6::timestamptz end, suggested_id = null, suggested_by = null,
     dn_hash = null, dn_modified_at = null, base = null, written = null, created_by_job_id = null,
     version = t.version + 1, updated_at = now()
   where t.id = $1::uuid
   returning ${mapJson} as json, t.version`,
  { parse: parseJsonRow },
);
export const retargetMap = async (tx: Tx, id: string, target: MapTarget, now: Date): Promise<JsonRow | undefined> =>
  (await tx.query(retarget, [id, target.state, target.localId, target.localCode, target.mappedBy, now]))[0];
