import { ExportPayload } from '@platen/schema/contracts/internal/export-rows';
import type { DataInternalClient } from '@platen/sdk/internal';
import { Check } from 'typebox/value';
import { JobFailure, type JobProcessor } from '../processor.js';
import { collectParts, readCursor, readParts } from './collect-parts.js';
import { type HeldExport, holdExport } from './held-files.js';
import { writeCsv } from './write-csv.js';
import { maxSheetRows, writeXlsx } from './write-xlsx.js';

/**
 * Pages into parts, parts into one file. What was read is in the storage part by part, so that the attempt after one that
 * died goes on at the last of them; the file is written in one go, as a stream.
 */
export const exportProcessor = (client: Pick<DataInternalClient, 'jobFiles' | 'exportRows'>): JobProcessor => ({
  async run(job, run) {
    const { payload } = job;
    if (!Check(ExportPayload, payload))
      throw new JobFailure('internal_error', 'This worker does not know such exports');
    const held = holdExport(client, job, run);
    const start = readCursor(job.cursor);
    const maxRows = payload.format === 'xlsx' ? maxSheetRows : Number.MAX_SAFE_INTEGER;
    try {
      const earlier = await held.findFile();
      const { parts, rows } = earlier ? start : await collectParts(held, start, run, maxRows);
      const file = earlier ?? (await writeFile(held, payload, parts));
      return { kind: 'export', file_id: file.file_id, file_name: file.file_name, byte_size: file.byte_size, rows };
    } catch (error) {
      // A cancelled job is never taken up again. What this leaves, if it fails, goes with the job.
      if (run.signal.reason === 'cancelled') {
        await held.deleteParts().catch((failure: unknown) => run.log.warn({ error: failure }, 'parts of a job stay'));
      }
      throw error;
    }
  },
});

function writeFile(held: HeldExport, payload: ExportPayload, parts: number) {
  const slices = readParts(held, parts);
  const content = payload.format === 'xlsx' ? writeXlsx(payload, slices) : writeCsv(payload, slices);
  return held.putFile(payload.file_name, content);
}
