import { statement } from '@platen/chassis/db/statement';
import type { DnSyncResult } from '@platen/schema/contracts/data/job-shapes';
import type { DnReadKind } from '@platen/schema/states/deconetwork';
import { lockHeldJob } from '../../jobs/index.js';
import { lockConnection } from '../connections/find.js';
import type { Fields } from './merge.js';
import type { OpenedCall } from './open-call.js';
import { countRows, insertRows } from './rows-repo.js';

const moveCursor = statement<never>(
  'dn_apply.move_cursor',
  `update dn_connections set cursor = cursor || jsonb_build_object($2::text, $3::text), last_synced_at = $4::timestamptz,
     updated_at = now()
   where id = $1::uuid`,
);

const selectStart = statement<{ started_at: string }>(
  'dn_apply.find_start',
  `select to_char(j.started_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at from erp_jobs j where j.id = $1::uuid`,
);

/** Whether everything up to that moment was read: a window that begins later, or ends earlier, says nothing of the rest. */
const readsOn = ({ order }: OpenedCall, cursor: string | undefined): boolean =>
  !order.dry_run &&
  (order.task === 'sync' || order.task === 'import') &&
  order.modified_to === null &&
  (order.task === 'sync' || order.modified_from === null || (cursor !== undefined && order.modified_from <= cursor));

const listMissing = statement<MissingRow>(
  'dn_apply.list_missing_there',
  `select m.id, m.dn_id, m.local_id, m.base from dn_maps m
   where m.connection_id = $1::uuid and m.kind = $2 and m.state = 'mapped' and m.local_id is not null
     and m.updated_at < (select j.started_at from erp_jobs j where j.id = $3::uuid)
     and ($4::timestamptz is null or m.dn_modified_at >= $4::timestamptz)
     and not exists (select from dn_import_job_rows r where r.job_id = $3::uuid and r.kind = m.kind and r.dn_id = m.dn_id)
   order by m.id limit 500`,
  { parse: { base: 'json' } },
);
interface MissingRow {
  readonly id: string;
  readonly dn_id: string;
  readonly local_id: string;
  readonly base: Fields | null;
}

/**
 * What is mapped and was not read, though it was to be: it is not there any more. Where reading ended at some moment, a
 * record may only have been changed after it. Levels of variants say nothing of the variants.
 */
async function tellMissing({ call, order }: OpenedCall, kind: DnReadKind): Promise<void> {
  if (order.modified_to !== null || kind === 'inventory') return;
  for (let isMore = true; isMore; ) {
    isMore = await call.db.transaction(async (tx) => {
      await lockHeldJob(tx, call.jobId, call.holder);
      const missing = await tx.query(listMissing, [call.connection.id, kind, call.jobId, order.modified_from]);
      const rows = missing.map((map) => ({
        kind,
        dnId: map.dn_id,
        outcome: 'missing_there' as const,
        mapId: map.id,
        localId: map.local_id,
        before: map.base,
        modifiedAt: null,
      }));
      insertRows(tx, call.ctx, call.jobId, rows);
      return missing.length > 0;
    });
  }
}

/** A kind was read whole. The connection is locked before the job, as by everybody who changes it. */
export async function finishReading(
  opened: OpenedCall,
  read: { readonly kind: DnReadKind; readonly read_to: string },
): Promise<DnSyncResult> {
  const { call } = opened;
  if (opened.order.task === 'compare') await tellMissing(opened, read.kind);
  await call.db.transaction(async (tx) => {
    const connection = await lockConnection(tx, call.connection.id);
    const [, [job]] = await Promise.all([
      lockHeldJob(tx, call.jobId, call.holder),
      tx.query(selectStart, [call.jobId]),
    ]);
    const cursor = connection?.cursor[read.kind];
    if (!connection || !job || !readsOn(opened, cursor)) return;
    // What a site dates in the future would hide all that changes until then, and what changed while it was read.
    const readTo = read.read_to > job.started_at ? job.started_at : read.read_to;
    // It never goes back. All are of one form, which sorts as it counts.
    const next = cursor !== undefined && cursor > readTo ? cursor : readTo;
    tx.defer(moveCursor, [connection.id, read.kind, next, call.ctx.now()]);
  });
  return countRows(call.db, call.jobId);
}
