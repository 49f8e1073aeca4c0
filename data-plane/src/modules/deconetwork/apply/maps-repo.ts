import { statement } from '@platen/chassis/db/statement';
import type { ColumnParser, Queryable, Tx } from '@platen/chassis/db/types';
import type { DnMapDetail } from '@platen/schema/contracts/data/dn-shapes';
import type { DnMapKind, DnMapState } from '@platen/schema/states/deconetwork';
import type { OrderStatus } from '@platen/schema/states/order';
import type { WorkCtx } from '../../module.js';
import type { DnConnectionRow } from '../connections/find.js';
import { localTables } from '../maps/local-rows.js';
import type { Fields } from './merge.js';

/** A map as applying a record needs it. */
export interface MapRow {
  readonly id: string;
  readonly kind: DnMapKind;
  readonly dn_id: string;
  readonly state: DnMapState;
  /** Read again under row-level security: null too where there is no such record here, or not for this job. */
  readonly local_id: string | null;
  readonly local_code: OrderStatus | null;
  /** Of a variant: its product here. */
  readonly product_id: string | null;
  readonly suggested_id: string | null;
  readonly dn_hash: string | null;
  readonly dn_modified_at: string | null;
  readonly base: Fields | null;
  readonly written: Fields | null;
  readonly created_by_job_id: string | null;
}
export type MapBook = Map<string, MapRow>;
export const bookKey = (kind: DnMapKind, dnId: string): string => `${kind} ${dnId}`;

const parse: Readonly<Record<string, ColumnParser>> = { base: 'json', written: 'json' };
// A subquery for each kind, by its primary key: joins would read all rows of tables that nobody analyzed yet.
const localSql = `case m.kind ${Object.entries(localTables)
  .map(([kind, table]) => `when '${kind}' then (select x.id from ${table} x where x.id = m.local_id)`)
  .join(' ')} end`;
const columns = `m.id, m.kind, m.dn_id, m.state, ${localSql} as local_id, m.local_code,
  case when m.kind = 'variant' then (select v.product_id from erp_product_variants v where v.id = m.local_id) end as product_id,
  m.suggested_id, m.dn_hash, to_char(m.dn_modified_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as dn_modified_at, m.base, m.written,
  m.created_by_job_id`;

const list = statement<MapRow>(
  'dn_apply.list_maps',
  `select ${columns} from dn_maps m
   where m.connection_id = $1::uuid and m.kind = any($2::text[]) and m.dn_id = any($3::text[])`,
  { parse },
);

export interface MapRef {
  readonly kind: DnMapKind;
  readonly dnId: string;
}
/** What is known of these; each kind with each id, which is more only where two kinds share ids. */
export async function listMaps(db: Queryable, connectionId: string, refs: readonly MapRef[]): Promise<MapBook> {
  if (refs.length === 0) return new Map();
  const kinds = [...new Set(refs.map(({ kind }) => kind))];
  const ids = [...new Set(refs.map(({ dnId }) => dnId))];
  const rows = await db.query(list, [connectionId, kinds, ids]);
  return new Map(rows.map((row) => [bookKey(row.kind, row.dn_id), row]));
}

const lockOne = statement<MapRow>(
  'dn_apply.lock_map',
  `select ${columns} from dn_maps m where m.connection_id = $1::uuid and m.kind = $2 and m.dn_id = $3 for no key update`,
  { parse },
);
/** The map of the record at work, held still: nobody maps it elsewhere meanwhile. */
export const lockMap = async (tx: Tx, connectionId: string, { kind, dnId }: MapRef): Promise<MapRow | undefined> =>
  (await tx.query(lockOne, [connectionId, kind, dnId]))[0];

const lockById = statement<MapRow>(
  'dn_apply.lock_map_by_id',
  `select ${columns} from dn_maps m where m.id = $1::uuid for no key update`,
  { parse },
);
export const lockMapById = async (tx: Tx, id: string): Promise<MapRow | undefined> =>
  (await tx.query(lockById, [id]))[0];

// A confirmed map stays its confirmer's: only what an import made is the job's.
const put = statement<never>(
  'dn_apply.put_map',
  `insert into dn_maps as m (tenant_id, organization_id, workspace_id, id, connection_id, kind, dn_id, state, local_id, label,
     detail, dn_hash, dn_modified_at, base, created_by_job_id, mapped_at)
   values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6, $7, 'mapped', $8::uuid, $9, $10::jsonb, $11, $12::timestamptz,
     $13::jsonb, $14::uuid, $15::timestamptz)
   on conflict on constraint dn_maps_record_key do update
   set state = 'mapped', local_id = excluded.local_id, dn_hash = coalesce(excluded.dn_hash, m.dn_hash),
     dn_modified_at = coalesce(excluded.dn_modified_at, m.dn_modified_at), base = coalesce(excluded.base, m.base),
     created_by_job_id = coalesce(excluded.created_by_job_id, m.created_by_job_id),
     mapped_at = coalesce(m.mapped_at, excluded.mapped_at), suggested_id = null, suggested_by = null,
     version = m.version + 1, updated_at = now()`,
);

export interface PutMap extends MapRef {
  readonly id: string;
  readonly localId: string;
  readonly label: string;
  readonly detail: DnMapDetail;
  /** null: the record was not applied whole, and comes again. */
  readonly hash: string | null;
  readonly modifiedAt: string | null;
  readonly base: Fields | null;
  /** The import that makes the record here. */
  readonly createdByJobId: string | null;
}
/** What the record is here from now on. Travels with the COMMIT. */
export function putMap(tx: Tx, ctx: WorkCtx, connection: DnConnectionRow, map: PutMap): void {
  tx.defer(put, [
    connection.tenant_id,
    connection.organization_id,
    connection.workspace_id,
    map.id,
    connection.id,
    map.kind,
    map.dnId,
    map.localId,
    map.label.slice(0, 500),
    JSON.stringify(map.detail),
    map.hash,
    map.modifiedAt,
    map.base === null ? null : JSON.stringify(map.base),
    map.createdByJobId,
    ctx.now(),
  ]);
}

// Its version stays: what people edit of a map has not changed.
const note = statement<never>(
  'dn_apply.note_applied',
  `update dn_maps set dn_hash = $2, dn_modified_at = $3::timestamptz, base = $4::jsonb, updated_at = now() where id = $1::uuid`,
);
/** The record as it was applied last. `hash` null: not whole, or no more. */
export const noteApplied = (
  tx: Tx,
  id: string,
  applied: { readonly hash: string | null; readonly modifiedAt: string | null; readonly base: Fields | null },
): void =>
  tx.defer(note, [id, applied.hash, applied.modifiedAt, applied.base === null ? null : JSON.stringify(applied.base)]);

const noteLevelRow = statement<never>(
  'dn_apply.note_level',
  // What the site was told before is over: it has said what it has since.
  `update dn_maps set base = coalesce(base, '{}') || jsonb_build_object('level', $2::int), written = written - 'level',
     updated_at = now()
   where id = $1::uuid`,
);
/** What both sides have of a variant. */
export const noteLevel = (tx: Tx, id: string, level: number): void => tx.defer(noteLevelRow, [id, level]);

const noteSeenRows = statement<never>(
  'dn_apply.note_seen',
  'update dn_maps set updated_at = now() where id = any($1::uuid[])',
);
/** A comparison has met them: those that it has not are not there any more. */
export const noteSeen = (tx: Tx, ids: readonly string[]): void => tx.defer(noteSeenRows, [ids]);

const forget = statement<never>(
  'dn_apply.forget_made',
  `update dn_maps set state = 'review', local_id = null, dn_hash = null, dn_modified_at = null, base = null, written = null,
     created_by_job_id = null, mapped_by = null, mapped_at = null, version = version + 1, updated_at = now()
   where id = $1::uuid`,
);
/** What an import had made is gone: somebody says anew what the record is here, or an import makes it again. */
export const forgetMade = (tx: Tx, id: string): void => tx.defer(forget, [id]);
