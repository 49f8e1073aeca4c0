import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { dnConnections } from '@platen/schema/contracts/data/dn-connections';
import type { DnFieldMap, DnTest, DnWriteBack } from '@platen/schema/contracts/data/dn-shapes';
import type { DnConflictRule, DnConnectionStatus } from '@platen/schema/states/deconetwork';
import { type JsonRow, parseJsonRow } from '../../../stored-json.js';
import { listing } from '../../documents/index.js';
import { connectionJson } from './json.js';

export const listConnections = listing({
  contract: dnConnections.list,
  table: 'dn_connections',
  item: connectionJson,
  filters: { status: 'text' },
});

const find = statement<JsonRow>(
  'dn_connection.find',
  `select ${connectionJson} as json, t.version from dn_connections t where t.id = $1::uuid`,
  { parse: parseJsonRow },
);
export const findConnectionJson = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

const findSealed = statement<{ credentials: string }>(
  'dn_connection.find_credentials',
  'select credentials from dn_connections where id = $1::uuid',
);
export async function findSealedCredentials(db: Queryable, id: string): Promise<string> {
  const [row] = await db.query(findSealed, [id]);
  if (!row) throw new Error('the connection is there, by its lock');
  return row.credentials;
}

/** What people say of a connection, under the columns' names. */
export interface ConnectionValues {
  readonly name: string;
  readonly site_url: string;
  readonly credentials: string;
  readonly currency: string;
  readonly kinds: readonly string[];
  readonly create_missing: readonly string[];
  readonly conflict_rule: DnConflictRule;
  readonly write_back: DnWriteBack;
  readonly sync_every_minutes: number | null;
  readonly field_map: DnFieldMap;
}
export interface NewConnection extends ConnectionValues {
  readonly tenant_id: string;
  readonly organization_id: string;
  readonly workspace_id: string | null;
  readonly id: string;
  readonly created_by: string;
}

const insert = statement<JsonRow>(
  'dn_connection.insert',
  `insert into dn_connections as t (tenant_id, organization_id, workspace_id, id, name, site_url, credentials, currency,
     kinds, create_missing, conflict_rule, write_back, sync_every_minutes, field_map, created_by)
   select n.tenant_id, n.organization_id, n.workspace_id, n.id, n.name, n.site_url, n.credentials, n.currency,
     n.kinds, n.create_missing, n.conflict_rule, n.write_back, n.sync_every_minutes, n.field_map, n.created_by
   from jsonb_populate_record(null::dn_connections, $1::jsonb) n
   returning ${connectionJson} as json, t.version`,
  { parse: parseJsonRow },
);
export const insertConnection = async (tx: Tx, row: NewConnection): Promise<JsonRow | undefined> =>
  (await tx.query(insert, [JSON.stringify(row)]))[0];

export type ConnectionPatch = Partial<
  ConnectionValues & { readonly status: DnConnectionStatus; readonly last_test: DnTest }
>;
const update = statement<JsonRow>(
  'dn_connection.update',
  `update dn_connections t
   set (name, site_url, credentials, status, currency, kinds, create_missing, conflict_rule, write_back,
        sync_every_minutes, field_map, last_test) =
       (select n.name, n.site_url, n.credentials, n.status, n.currency, n.kinds, n.create_missing, n.conflict_rule,
          n.write_back, n.sync_every_minutes, n.field_map, n.last_test
        from jsonb_populate_record(t, $2::jsonb) n),
     version = t.version + 1, updated_at = now()
   where t.id = $1::uuid
   returning ${connectionJson} as json, t.version`,
  { parse: parseJsonRow },
);
/** One that is locked. */
export const updateConnection = async (tx: Tx, id: string, patch: ConnectionPatch): Promise<JsonRow | undefined> =>
  (await tx.query(update, [id, JSON.stringify(patch)]))[0];

const remove = statement<never>('dn_connection.delete', 'delete from dn_connections where id = $1::uuid');
export const deleteConnection = (tx: Tx, id: string): Promise<unknown> => tx.query(remove, [id]);

// The vendor's numbers of the statuses it knows, and what they mean to us.
const insertStatuses = statement<never>(
  'dn_connection.insert_status_maps',
  `insert into dn_maps (tenant_id, organization_id, workspace_id, id, connection_id, kind, dn_id, state, local_code, label,
     mapped_by, mapped_at)
   select $1::uuid, $2::uuid, $3::uuid, n.id::uuid, $4::uuid, 'status', n.dn_id, 'mapped', n.local_code, n.label, $5::uuid, now()
   from jsonb_to_recordset($6::jsonb) as n(id text, dn_id text, local_code text, label text)`,
);
const knownStatuses = [
  { dn_id: '1', local_code: 'confirmed', label: 'Ordered' },
  { dn_id: '2', local_code: 'ready', label: 'Produced' },
  { dn_id: '3', local_code: 'shipped', label: 'Shipped' },
  { dn_id: '4', local_code: 'cancelled', label: 'Cancelled' },
] as const;
export function insertStatusMaps(tx: Pick<Tx, 'defer'>, connection: NewConnection, newId: () => string): void {
  const maps = knownStatuses.map((status) => ({ ...status, id: newId() }));
  const {
    tenant_id: tenantId,
    organization_id: organizationId,
    workspace_id: workspaceId,
    id,
    created_by,
  } = connection;
  tx.defer(insertStatuses, [tenantId, organizationId, workspaceId, id, created_by, JSON.stringify(maps)]);
}
