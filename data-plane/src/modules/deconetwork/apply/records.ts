import { statement } from '@platen/chassis/db/statement';
import { unstorable } from '@platen/chassis/db/storable-text';
import type { DnSyncResult } from '@platen/schema/contracts/data/job-shapes';
import type { DnRecord } from '@platen/schema/contracts/internal/deconetwork';
import { requireActive } from '../connections/require-active.js';
import { type ApplyEngine, isAsItWas, mapKindOf, storable } from './apply-record.js';
import type { ApplyCall, ApplyOptions } from './call.js';
import { compareRecords } from './compare.js';
import { bookKey, listMaps } from './maps-repo.js';
import type { OpenedCall } from './open-call.js';
import { hashOf } from './record-hash.js';
import { countRows, listKnownRows } from './rows-repo.js';

// A page that comes a second time has been counted.
const countStep = statement<never>(
  'dn_apply.count_step',
  `update dn_import_jobs set unchanged = unchanged + $3::int, last_step = $2::int, updated_at = now()
   where id = $1::uuid and last_step < $2::int`,
);
const noteStep = (call: ApplyCall, step: number, unchanged: number): Promise<unknown> =>
  call.db.leased.query(countStep, [call.jobId, step, unchanged]);

/**
 * A page of records, applied one after the other. Those that are as they were are found by one statement for the whole
 * page, and nothing is written of them.
 */
export async function takeRecords(
  engine: ApplyEngine,
  { call, order, options }: OpenedCall,
  step: number,
  given: readonly DnRecord[],
): Promise<DnSyncResult> {
  requireActive(call.connection);
  // Each once: a page that drifted while it was read may have one twice.
  const plain = given.map(withPlainId).map((each) => withPastDate(each, call.ctx.now()));
  const records = [...new Map(plain.map((each) => [`${each.kind} ${each.dn_id}`, each])).values()];
  const isCompared = order.task === 'compare';
  const unchanged = isCompared
    ? await compareRecords(call, records)
    : await applyRecords(engine, call, records, options);
  await noteStep(call, step, unchanged);
  return countRows(call.db, call.jobId);
}

const withPlainId = (record: DnRecord): DnRecord => (unstorable.test(record.dn_id) ? storable(record) : record);

const aDayMs = 86_400_000;

/** A date in the future is none: by it, every later change of the record would be an older one. Clocks differ by less. */
const withPastDate = (record: DnRecord, now: Date): DnRecord =>
  record.modified_at !== null && Date.parse(record.modified_at) > now.getTime() + aDayMs
    ? { ...record, modified_at: null }
    : record;

async function applyRecords(
  engine: ApplyEngine,
  call: ApplyCall,
  records: readonly DnRecord[],
  options: ApplyOptions,
): Promise<number> {
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
  return unchanged;
}
