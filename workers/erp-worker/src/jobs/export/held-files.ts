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
  putPart(part: number, pieces: readonly Buffer[], rowCount: number): Promise<void>;
  /** Rows of a part as it arrives, a few hundred at a time. */
  getPart(part: number): AsyncIterable<Row[]>;
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
    async putPart(part, pieces, rowCount) {
      await jobFiles.putPart({ ...held, part, row_count: rowCount, file: new Blob([...pieces]) }, options);
    },
    async *getPart(part) {
      const { body } = await jobFiles.getPart({ ...held, part }, options);
      yield* readRows(body);
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

/** A part is lines of JSON. As bytes, what waits for its part to be full is no work for the collector of garbage. */
export const packRows = (rows: readonly Row[]): Buffer =>
  Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

const sliceRows = 250;
async function* readRows(body: ReadableStream<Uint8Array>): AsyncGenerator<Row[], void> {
  const decoder = new TextDecoder();
  let rest = '';
  let slice: Row[] = [];
  for await (const piece of body) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    // As `packRows` wrote them.
    for (const line of lines) slice.push(JSON.parse(line) as Row);
    if (slice.length < sliceRows) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}
