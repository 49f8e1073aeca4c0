import { statement } from '@platen/chassis/db/statement';
import type { DnSyncResult } from '@platen/schema/contracts/data/job-shapes';
import type { DnRecord } from '@platen/schema/contracts/internal/deconetwork';
import { requireActive } from '../connections/require-active.js';
import { type ApplyEngine, isAsItWas, mapKindOf } from './apply-record.js';
import type { ApplyCall, ApplyOptions } from './call.js';
import { bookKey, listMaps } from './maps-repo.js';
import { hashOf } from './record-hash.js';
import { countRows, listKnownRows } from './rows-repo.js';

// A page that comes a second time has been counted.
const countStep = statement<never>(
  'dn_apply.count_step',
  `update dn_import_jobs set unchanged = unchanged + $3::int, last_step = $2::int, updated_at = now()
   where id = $1::uuid and last_step < $2::int`,
);
export const noteStep = (call: ApplyCall, step: number, unchanged: number): Promise<unknown> =>
  call.db.leased.query(countStep, [call.jobId, step, unchanged]);

/**
 * A page of records, one after the other. Those that are as they were are found by one statement for the whole page, and
 * nothing is written of them.
 */
export async function applyRecords(
  engine: ApplyEngine,
  call: ApplyCall,
  step: number,
  records: readonly DnRecord[],
  options: ApplyOptions,
): Promise<DnSyncResult> {
  requireActive(call.connection);
  const refs = records.map((record) => ({ kind: mapKindOf(record), dnId: record.dn_id }));
  const [maps, known] = await Promise.all([
    listMaps(call.db, call.connection.id, refs),
    listKnownRows(call.db, call.jobId, records),
  ]);
  let unchanged = 0;
  for (const record of records) {
    if (known.has(`${record.kind} ${record.dn_id}`)) continue;
    const map = maps.get(bookKey(mapKindOf(record), record.dn_id));
    const isSame = map !== undefined && isAsItWas(record, map, hashOf(record));
    if (isSame || (await engine.applyRecord(call, record, options)) === 'unchanged') unchanged += 1;
  }
  await noteStep(call, step, unchanged);
  return countRows(call.db, call.jobId);
}
