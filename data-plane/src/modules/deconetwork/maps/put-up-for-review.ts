import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { DnConnectionRow } from '../connections/find.js';
import { type NamedRecord, suggestFor } from './suggest.js';

const insert = statement<never>(
  'dn_map.insert_many',
  `insert into dn_maps (tenant_id, organization_id, workspace_id, id, connection_id, kind, dn_id, label, detail,
     suggested_id, suggested_by)
   select $1::uuid, $2::uuid, $3::uuid, n.id, $4::uuid, n.kind, n.dn_id, n.label, n.detail, n.suggested_id, n.suggested_by
   from jsonb_to_recordset($5::jsonb)
     as n(id uuid, kind text, dn_id text, label text, detail jsonb, suggested_id uuid, suggested_by text)
   on conflict on constraint dn_maps_record_key do nothing`,
);

const maxLabelLength = 500;

/**
 * Records that were never heard of wait for somebody to say what they are, with what they may be. Nothing becomes of those
 * that are known by now. The names of a record are those of its first mention.
 */
export async function putUpForReview(
  tx: Tx,
  connection: Pick<DnConnectionRow, 'tenant_id' | 'organization_id' | 'workspace_id' | 'id'>,
  strangers: readonly NamedRecord[],
  newId: () => string,
): Promise<void> {
  const byKey = new Map<string, NamedRecord>();
  for (const record of strangers) {
    const key = `${record.kind} ${record.dn_id}`;
    if (!byKey.has(key)) byKey.set(key, record);
  }
  const records = [...byKey.values()];
  const suggestions = await suggestFor(tx, connection.id, records);
  const rows = records.map(({ kind, dn_id, label, detail }, index) => ({
    id: newId(),
    kind,
    dn_id,
    label: label.slice(0, maxLabelLength),
    detail,
    suggested_id: suggestions[index]?.id ?? null,
    suggested_by: suggestions[index]?.by ?? null,
  }));
  const { tenant_id: tenantId, organization_id: organizationId, workspace_id: workspaceId, id } = connection;
  await tx.query(insert, [tenantId, organizationId, workspaceId, id, JSON.stringify(rows)]);
}
