import { JobFailure, type JobRun } from '../processor.js';
import { type HeldExport, packRows, type Row } from './held-files.js';

/** So many are read again at most when a worker dies. */
export const partRows = 5_000;

/** Where an export stands: what is in its parts, and which row was the last of them. */
export interface Collected {
  readonly parts: number;
  readonly rows: number;
  /** null: none was read yet, or all were. */
  readonly after: string | null;
  readonly isComplete: boolean;
}

export const nothing: Collected = { parts: 0, rows: 0, after: null, isComplete: false };

/** As this very code has written it. */
export const readCursor = (cursor: string | null): Collected =>
  cursor === null ? nothing : (JSON.parse(cursor) as Collected);

/**
 * Reads all rows into parts, from where an earlier attempt stopped. A part that was stored before its worker could say so
 * is written again, with the rows that are there now.
 */
export async function collectParts(
  held: Pick<HeldExport, 'listRows' | 'putPart'>,
  start: Collected,
  { progress, signal }: Pick<JobRun, 'progress' | 'signal'>,
  maxRows: number,
): Promise<Collected> {
  let done = start;
  let total: number | undefined;
  while (!done.isComplete) {
    let { after } = done;
    const pieces: Buffer[] = [];
    let count = 0;
    do {
      signal.throwIfAborted();
      const page = await held.listRows(after);
      total ??= page.total ?? undefined;
      if (page.rows.length > 0) pieces.push(packRows(page.rows));
      count += page.rows.length;
      after = page.next;
    } while (after !== null && count < partRows);
    if (done.rows + count > maxRows || (total ?? 0) > maxRows) throw tooManyRows(maxRows);
    if (count > 0) await held.putPart(done.parts, pieces, count);
    done = {
      parts: done.parts + Math.sign(count),
      rows: done.rows + count,
      after,
      isComplete: after === null,
    };
    progress(done.rows, done.isComplete ? done.rows : total, JSON.stringify(done));
  }
  return done;
}

const tooManyRows = (maxRows: number): JobFailure =>
  new JobFailure('too_many_rows', `A sheet has at most ${maxRows} rows: filter, or export as CSV`);

/** The rows of all parts, one after the other. */
export async function* readParts(held: Pick<HeldExport, 'getPart'>, count: number): AsyncGenerator<Row[], void> {
  for (let part = 0; part < count; part += 1) yield* held.getPart(part);
}
