import type { DnRecord } from '@platen/schema/contracts/internal/deconetwork';
import type { UnreadableRow } from './normalise/normalise.js';
import type { FoundRow } from './search.js';

/** A call's worth: each record is a transaction of its own, and the plane's internal listener takes a mebibyte. */
const most = { rows: 25, bytes: 700_000 };

export interface Batch {
  readonly records: DnRecord[];
  readonly unreadable: UnreadableRow[];
}

export function* batchesOf(rows: readonly FoundRow[]): Generator<Batch, void> {
  let batch: Batch = { records: [], unreadable: [] };
  let [count, bytes] = [0, 0];
  for (const { row } of rows) {
    const size = Buffer.byteLength(JSON.stringify(row));
    if (count > 0 && (count === most.rows || bytes + size > most.bytes)) {
      yield batch;
      batch = { records: [], unreadable: [] };
      [count, bytes] = [0, 0];
    }
    if ('record' in row) batch.records.push(row.record);
    else batch.unreadable.push(row.unreadable);
    count += 1;
    bytes += size;
  }
  if (count > 0) yield batch;
}
