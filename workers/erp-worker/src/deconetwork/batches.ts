import type { DnRecord } from '@platen/schema/contracts/internal/deconetwork';
import type { UnreadableRow } from './normalise/normalise.js';
import type { FoundRow } from './search.js';

/** A call's worth: each record is a transaction of its own, and the plane's internal listener takes a mebibyte. */
const most = { rows: 25, bytes: 700_000 };

/** As JSON; with what stands around it, the plane takes no more. */
const mostOfOne = 1_000_000;

export interface Batch {
  readonly records: DnRecord[];
  readonly unreadable: UnreadableRow[];
}

export function* batchesOf(rows: readonly FoundRow[]): Generator<Batch, void> {
  let batch: Batch = { records: [], unreadable: [] };
  let [count, bytes] = [0, 0];
  for (const each of rows) {
    const { row, size } = sent(each);
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

/** One that no call can carry is told of as one that can't be read: it would stop all that come after it. */
function sent({ row }: FoundRow): { readonly row: FoundRow['row']; readonly size: number } {
  const size = sizeOf(row);
  if (size <= mostOfOne || !('record' in row)) return { row, size };
  const { kind, dn_id, modified_at, raw } = row.record;
  const message = `It has more than can be taken at once: ${size} bytes of ${mostOfOne}`;
  const unreadable = { unreadable: { kind, dn_id, modified_at, message, raw } };
  return { row: unreadable, size: sizeOf(unreadable) };
}

const sizeOf = (row: FoundRow['row']): number => Buffer.byteLength(JSON.stringify(row));
