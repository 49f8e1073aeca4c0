import { isForeignKeyViolation } from '@platen/chassis/db/errors';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { dateIn, organizationOf } from '../../documents/index.js';
import { lockHeldJob } from '../../jobs/index.js';
import type { OrderDeps } from './apply-order.js';
import type { ApplyCall, ImportRow, Told } from './call.js';
import { giveToEarlier, isUntouched } from './earlier-row.js';
import { lockMapById } from './maps-repo.js';
import { isSame } from './merge.js';
import { refusalOf } from './refusal.js';
import { hasDoneSql, insertRows, listKnownRows, lockRow, settleRow } from './rows-repo.js';
import { undoCustomer } from './undo-customer.js';
import { undoInventory } from './undo-inventory.js';
import { undoOrder } from './undo-order.js';
import { undoProduct } from './undo-product.js';
import { inUse, refuse, type Undoing, type Undone } from './undoing.js';

const selectNewer = statement<{ id: string }>(
  'dn_undo.find_newer',
  `select r.id from dn_import_job_rows r
   where r.map_id = $1::uuid and r.id > $2::uuid and ${hasDoneSql('r')} and r.settled_by_job_id is null
     and (select not i.dry_run from dn_import_jobs i where i.id = r.job_id)
   limit 1`,
);

/**
 * Puts back what a row of an import did, as far as nobody has changed it since, and says so in a row of this job. One that
 * is refused stays to be undone: its reason may go.
 * @throws AppError lease_lost
 */
export async function undoRow(deps: OrderDeps, call: ApplyCall, rowId: string): Promise<Undone['outcome'] | null> {
  try {
    return await call.db.transaction((tx) => undoIn(deps, tx, call, rowId, null));
  } catch (error) {
    const known = isForeignKeyViolation(error) ? inUse : refusedBy(error);
    return call.db.transaction((tx) => undoIn(deps, tx, call, rowId, known));
  }
}

/** What the record meets now, others may not: they are undone all the same. */
function refusedBy(error: unknown): Undone {
  const { code, message } = refusalOf(error);
  return refuse(code, message);
}

/** `known`: what an earlier try came to. */
async function undoIn(
  deps: OrderDeps,
  tx: Tx,
  call: ApplyCall,
  rowId: string,
  known: Undone | null,
): Promise<Undone['outcome'] | null> {
  const [, found] = await Promise.all([lockHeldJob(tx, call.jobId, call.holder), lockRow(tx, rowId)]);
  const row = found?.settled_by_job_id === null ? doneBy(found) : null;
  if (!row) return null;
  if ((await listKnownRows(tx, call.jobId, [{ kind: row.kind, dn_id: row.dn_id }])).size > 0) return null;
  const undone = known ?? (await undoKind(deps, tx, call, row));
  if (undone.outcome === 'undone') settleRow(tx, row.id, call.jobId);
  const told: NonNullable<Told> = { ...undone, mapId: row.map_id, localId: row.local_id };
  insertRows(tx, call.ctx, call.jobId, [{ ...told, kind: row.kind, dnId: row.dn_id, modifiedAt: null }]);
  return undone.outcome;
}

/** A row with what was done; null: nothing was. */
function doneBy(row: ImportRow): ImportRow | null {
  if (row.outcome === 'created' || row.outcome === 'updated') return row;
  const hasDone = row.outcome === 'review' && row.local_version !== null && !isSame(row.before, row.after);
  return hasDone ? { ...row, outcome: 'updated' } : null;
}

async function undoKind(deps: OrderDeps, tx: Tx, call: ApplyCall, row: ImportRow): Promise<Undone> {
  const { map_id: mapId, local_id: localId } = row;
  if (mapId === null || localId === null) return refuse('not_found', 'The row names nothing of ours');
  const [map, newer] = await Promise.all([lockMapById(tx, mapId), tx.query(selectNewer, [mapId, row.id])]);
  if (newer.length > 0) return refuse('newer_import', 'A later import has changed it: undo that one first');
  if (map?.state !== 'mapped' || map.local_id !== localId)
    return refuse('not_found', 'It is not what it was mapped to any more');
  // Also where it is the same record: whoever has said so has taken it for the shop's own.
  if (row.outcome === 'created' && map.created_by_job_id !== row.job_id)
    return refuse('mapped_since', 'Somebody has said since what it is here');
  const { settings } = organizationOf(deps.findOrganization, call.ctx);
  const receivedOn = dateIn(settings.time_zone, call.ctx.now());
  const isOurs = await isUntouched(tx, row);
  const undone = await undoRecord(deps, { tx, call, row, map, localId, receivedOn });
  if (isOurs) giveToEarlier(tx, row, undone);
  return undone;
}

function undoRecord(deps: OrderDeps, undoing: Undoing): Promise<Undone> | Undone {
  const { kind } = undoing.row;
  switch (kind) {
    case 'order':
      return undoOrder(deps, undoing);
    case 'customer':
      return undoCustomer(undoing);
    case 'product':
      return undoProduct(undoing);
    case 'inventory':
      return undoInventory(undoing);
    default:
      return refuse('not_undone', `What was done to records of the kind ${kind} is not undone`);
  }
}
