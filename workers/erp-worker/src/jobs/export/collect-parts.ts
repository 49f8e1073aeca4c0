import { JobFailure, type JobRun } from '../processor.js';
import type { HeldExport, Row } from './held-files.js';

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
    const rows: Row[] = [];
    do {
      signal.throwIfAborted();
      const page = await held.listRows(after);
      total ??= page.total ?? undefined;
      rows.push(...page.rows);
      after = page.next;
    } while (after !== null && rows.length < partRows);
    if (done.rows + rows.length > maxRows || (total ?? 0) > maxRows) throw tooManyRows(maxRows);
    if (rows.length > 0) await held.putPart(done.parts, rows);
    done = {
      parts: done.parts + Math.sign(rows.length),
      rows: done.rows + rows.length,
      after,
      isComplete: after === null,
    };
    progress(done.rows, done.isComplete ? done.rows : total, JSON.stringify(done));
  }
  return done;
}

const tooManyRows = (maxRows: number): JobFailure =>
  new JobFailure('too_many_rows', `A sheet has at most ${maxRows} rows: filter, or export as CSV`);

/** The rows of all parts, one part in memory at a time. */
export async function* readParts(held: Pick<HeldExport, 'getPart'>, count: number): AsyncGenerator<Row[], void> {
  for (let part = 0; part < count; part += 1) yield* slices(await held.getPart(part));
}

const sliceRows = 500;
function* slices(rows: Row[]): Generator<Row[], void> {
  for (let start = 0; start < rows.length; start += sliceRows) yield rows.slice(start, start + sliceRows);
}
