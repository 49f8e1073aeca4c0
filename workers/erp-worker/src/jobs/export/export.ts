import { ExportPayload } from '@platen/schema/contracts/internal/export-rows';
import type { DataInternalClient } from '@platen/sdk/internal';
import { Check } from 'typebox/value';
import { JobFailure, type JobProcessor } from '../processor.js';
import { type Collected, collectParts, nothing, readCursor, readParts } from './collect-parts.js';
import { type HeldExport, holdExport } from './held-files.js';
import { writeCsv } from './write-csv.js';
import { maxSheetRows, writeXlsx } from './write-xlsx.js';

/**
 * Pages into parts, parts into one file. What was read is in the storage part by part, so that the attempt after one that
 * died goes on at the last of them; the file is written in one go, as a stream.
 */
export const exportProcessor = (
  client: Pick<DataInternalClient, 'jobs' | 'jobFiles' | 'exportRows'>,
): JobProcessor => ({
  async run(job, run) {
    const { payload } = job;
    if (!Check(ExportPayload, payload))
      throw new JobFailure('internal_error', 'This worker does not know such exports');
    const held = holdExport(client, job, run);
    const start = readCursor(job.cursor);
    const maxRows = payload.format === 'xlsx' ? maxSheetRows : Number.MAX_SAFE_INTEGER;
    try {
      const stored = await held.findStored();
      const collected = stored.file ? start : await collectParts(held, heldOf(start, stored.parts), run, maxRows);
      const file = stored.file ?? (await writeFile(held, payload, collected));
      const { file_id, file_name, byte_size } = file;
      return { kind: 'export', file_id, file_name, byte_size, rows: collected.rows };
    } catch (error) {
      // A cancelled job is never taken up again. What this leaves, if it fails, goes with the job.
      if (run.signal.reason === 'cancelled') {
        await held.deleteParts().catch((failure: unknown) => run.log.warn({ error: failure }, 'parts of a job stay'));
      }
      throw error;
    }
  },
});

/** With the file its parts go: if somebody has deleted that since, all is read again. */
const heldOf = (start: Collected, parts: number): Collected => (parts < start.parts ? nothing : start);

/** With the file its parts go, and with them what says how many rows there were: that is told before. */
async function writeFile(held: HeldExport, payload: ExportPayload, collected: Collected) {
  await held.tell(collected.rows, JSON.stringify(collected));
  const slices = readParts(held, collected.parts);
  const content = payload.format === 'xlsx' ? writeXlsx(payload, slices) : writeCsv(payload, slices);
  return held.putFile(payload.file_name, content);
}
