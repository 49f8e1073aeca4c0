import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import type { DnMapKind, DnMapState } from '@platen/schema/states/deconetwork';
import type { OrderStatus } from '@platen/schema/states/order';
import type { DnConnectionRow } from '../connections/find.js';
import { type NamedRecord, suggestFor } from './suggest.js';

/** What a record of the site is here, as far as somebody said. */
export interface ResolvedMap {
  readonly id: string;
  readonly kind: DnMapKind;
  readonly dn_id: string;
  readonly state: DnMapState;
  /** Of a `mapped` one that is no status. */
  readonly local_id: string | null;
  /** Of a `mapped` status: ours. */
  readonly local_code: OrderStatus | null;
  /** Of the record as it was last applied; null: never. */
  readonly dn_hash: string | null;
  readonly dn_modified_at: string | null;
  readonly version: number;
}
export type { NamedRecord } from './suggest.js';

/** By `mapKey`. */
export type ResolvedMaps = ReadonlyMap<string, ResolvedMap>;

export const mapKey = (kind: DnMapKind, dnId: string): string => `${kind} ${dnId}`;

const parse = { version: 'int' } as const;
const columns = `t.id, t.kind, t.dn_id, t.state, t.local_id, t.local_code, t.dn_hash,
  to_char(t.dn_modified_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as dn_modified_at, t.version`;

// Each kind with each id: more than is asked for only where two kinds have the same id.
const find = statement<ResolvedMap>(
  'dn_map.find_many',
  `select ${columns} from dn_maps t
   where t.connection_id = $1::uuid and t.kind = any($2::text[]) and t.dn_id = any($3::text[])`,
  { parse },
);

const insert = statement<ResolvedMap>(
  'dn_map.insert_many',
  `insert into dn_maps as t (tenant_id, organization_id, workspace_id, id, connection_id, kind, dn_id, label, detail,
     suggested_id, suggested_by)
   select $1::uuid, $2::uuid, $3::uuid, n.id, $4::uuid, n.kind, n.dn_id, n.label, n.detail, n.suggested_id, n.suggested_by
   from jsonb_to_recordset($5::jsonb)
     as n(id uuid, kind text, dn_id text, label text, detail jsonb, suggested_id uuid, suggested_by text)
   on conflict on constraint dn_maps_record_key do nothing
   returning ${columns}`,
  { parse },
);

type Owner = Pick<DnConnectionRow, 'tenant_id' | 'organization_id' | 'workspace_id' | 'id'>;

/**
 * What these records of a connection are here. One that was never heard of is put up for review, with what it may be.
 * One statement where all are known, three where some are not. The names of a record are those of its first mention.
 */
export async function resolveMaps(
  tx: Tx,
  connection: Owner,
  wanted: readonly NamedRecord[],
  newId: () => string,
): Promise<ResolvedMaps> {
  const asked = new Map<string, NamedRecord>();
  for (const record of wanted) {
    const key = mapKey(record.kind, record.dn_id);
    if (!asked.has(key)) asked.set(key, record);
  }
  const known = await findMaps(tx, connection.id, [...asked.values()]);
  const missing = [...asked].filter(([key]) => !known.has(key)).map(([, record]) => record);
  if (missing.length === 0) return known;
  const inserted = await insertMaps(tx, connection, missing, newId);
  // Somebody else may have put one there meanwhile.
  const late = inserted.length < missing.length ? await findMaps(tx, connection.id, missing) : new Map();
  return new Map([...known, ...byKey(inserted), ...late]);
}

async function findMaps(db: Queryable, connectionId: string, records: readonly NamedRecord[]): Promise<ResolvedMaps> {
  if (records.length === 0) return new Map();
  const kinds = [...new Set(records.map(({ kind }) => kind))];
  const ids = [...new Set(records.map(({ dn_id: dnId }) => dnId))];
  const asked = new Set(records.map(({ kind, dn_id: dnId }) => mapKey(kind, dnId)));
  const found = byKey(await db.query(find, [connectionId, kinds, ids]));
  return new Map([...found].filter(([key]) => asked.has(key)));
}

const byKey = (maps: readonly ResolvedMap[]): Map<string, ResolvedMap> =>
  new Map(maps.map((map) => [mapKey(map.kind, map.dn_id), map]));

const maxLabelLength = 500;

async function insertMaps(
  tx: Tx,
  connection: Owner,
  records: readonly NamedRecord[],
  newId: () => string,
): Promise<ResolvedMap[]> {
  const suggestions = await suggestFor(tx, connection.id, records);
  const rows = records.map((record, index) => ({
    id: newId(),
    kind: record.kind,
    dn_id: record.dn_id,
    label: record.label.slice(0, maxLabelLength),
    detail: record.detail,
    suggested_id: suggestions[index]?.id ?? null,
    suggested_by: suggestions[index]?.by ?? null,
  }));
  const { tenant_id: tenantId, organization_id: organizationId, workspace_id: workspaceId, id } = connection;
  return tx.query(insert, [tenantId, organizationId, workspaceId, id, JSON.stringify(rows)]);
}
