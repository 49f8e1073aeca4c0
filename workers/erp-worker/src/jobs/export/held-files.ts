import type { JobFile } from '@platen/schema/contracts/internal/job-files';
import type { DataInternalClient } from '@platen/sdk/internal';
import type { ClaimedJob, JobRun } from '../processor.js';

type Client = Pick<DataInternalClient, 'jobs' | 'jobFiles' | 'exportRows'>;
/** A row as the plane gives it: a text for each column. */
export type Row = readonly (string | null)[];

/** What the plane has of one export, for the attempt that has it. */
export interface HeldExport {
  /** The file, if an earlier attempt got so far, and how many parts there are. */
  findStored(): Promise<{ file: JobFile | null; parts: number }>;
  listRows(after: string | null): Promise<{ rows: Row[]; next: string | null; total: number | null }>;
  putPart(part: number, rows: readonly Row[]): Promise<void>;
  getPart(part: number): Promise<Row[]>;
  /** At once: whoever finds the file knows what is in it. */
  tell(progress: number, cursor: string): Promise<void>;
  putFile(name: string, content: AsyncIterable<Uint8Array>): Promise<JobFile>;
  /** Although the run is over. */
  deleteParts(): Promise<void>;
}

export function holdExport(
  { jobs, jobFiles, exportRows }: Client,
  { id }: Pick<ClaimedJob, 'id'>,
  { scope, holder, correlationId, signal }: JobRun,
): HeldExport {
  const { tenant_id, organization_id, workspace_id } = scope;
  const held = { tenant_id, id, organization_id, ...(workspace_id !== null && { workspace_id }), ...holder };
  const options = { correlationId, signal };
  return {
    async findStored() {
      const { file, parts } = await jobFiles.list(held, options);
      return { file, parts: parts.length };
    },
    listRows: (after) => exportRows.list({ ...held, ...(after !== null && { after }) }, options),
    async putPart(part, rows) {
      const file = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      await jobFiles.putPart({ ...held, part, row_count: rows.length, file }, options);
    },
    async getPart(part) {
      const text = await (await jobFiles.getPart({ ...held, part }, options)).text();
      const lines = text.split('\n').slice(0, -1);
      // As `putPart` wrote them.
      return lines.map((line) => JSON.parse(line) as Row);
    },
    tell: async (progress, cursor) => {
      await jobs.progress({ ...held, progress, progress_total: progress, cursor }, options);
    },
    putFile: (name, file) => jobFiles.put({ ...held, name, file }, options),
    deleteParts: async () => {
      await jobFiles.deleteParts(held, { correlationId });
    },
  };
}
