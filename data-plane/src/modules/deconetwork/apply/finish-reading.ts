import { statement } from '@platen/chassis/db/statement';
import type { DnSyncResult } from '@platen/schema/contracts/data/job-shapes';
import type { DnReadKind } from '@platen/schema/states/deconetwork';
import { lockHeldJob } from '../../jobs/index.js';
import { lockConnection } from '../connections/find.js';
import type { OpenedCall } from './open-call.js';
import { countRows } from './rows-repo.js';

const moveCursor = statement<never>(
  'dn_apply.move_cursor',
  `update dn_connections set cursor = cursor || jsonb_build_object($2::text, $3::text), last_synced_at = $4::timestamptz,
     updated_at = now()
   where id = $1::uuid`,
);

/** Whether everything up to that moment was read: a window that begins later, or ends earlier, says nothing of the rest. */
const readsOn = ({ order }: OpenedCall, cursor: string | undefined): boolean =>
  !order.dry_run &&
  (order.task === 'sync' || order.task === 'import') &&
  order.modified_to === null &&
  (order.task === 'sync' || order.modified_from === null || (cursor !== undefined && order.modified_from <= cursor));

/** A kind was read whole. The connection is locked before the job, as by everybody who changes it. */
export async function finishReading(
  opened: OpenedCall,
  read: { readonly kind: DnReadKind; readonly read_to: string },
): Promise<DnSyncResult> {
  const { call } = opened;
  await call.db.transaction(async (tx) => {
    const connection = await lockConnection(tx, call.connection.id);
    await lockHeldJob(tx, call.jobId, call.holder);
    const cursor = connection?.cursor[read.kind];
    if (!connection || !readsOn(opened, cursor)) return;
    // It never goes back. Both are of one form, which sorts as it counts.
    const next = cursor !== undefined && cursor > read.read_to ? cursor : read.read_to;
    tx.defer(moveCursor, [connection.id, read.kind, next, call.ctx.now()]);
  });
  return countRows(call.db, call.jobId);
}
