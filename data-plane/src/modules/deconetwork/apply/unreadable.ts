import { statement } from '@platen/chassis/db/statement';
import type { DnUnreadable } from '@platen/schema/contracts/internal/deconetwork';
import { lockHeldJob } from '../../jobs/index.js';
import type { ApplyCall } from './call.js';

const insert = statement<never>(
  'dn_row.insert_unreadable',
  `insert into dn_import_job_rows (tenant_id, organization_id, workspace_id, job_id, id, kind, dn_id, outcome, error, raw,
     dn_modified_at)
   select $1::uuid, $2::uuid, $3::uuid, $4::uuid, n.id, n.kind, n.dn_id, 'failed',
     jsonb_build_object('code', 'unreadable', 'message', n.message), n.raw, n.modified_at
   from jsonb_to_recordset($5::jsonb)
     as n(id uuid, kind text, dn_id text, message text, raw text, modified_at timestamptz)
   on conflict on constraint dn_import_job_rows_record_key do nothing`,
);

/** Rows of what the site said and nobody could read: it is seen, and the records beside it are taken. */
export async function noteUnreadable(call: ApplyCall, rows: readonly DnUnreadable[]): Promise<void> {
  if (rows.length === 0) return;
  const { ctx, db, jobId, holder } = call;
  const values = rows.map((row) => ({ ...row, id: ctx.newId() }));
  await db.transaction(async (tx) => {
    await lockHeldJob(tx, jobId, holder);
    tx.defer(insert, [ctx.tenant.id, ctx.organizationId, ctx.workspaceId, jobId, JSON.stringify(values)]);
  });
}
