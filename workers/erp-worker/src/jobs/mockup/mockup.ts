import { createReadStream, createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { createChecker } from '@platen/chassis/validation/checker';
import type { JobResult } from '@platen/schema/contracts/data/job-shapes';
import { type MockupInput, MockupPayload } from '@platen/schema/contracts/internal/mockups';
import { type DataInternalClient, PlatenError } from '@platen/sdk/internal';
import { type ClaimedJob, JobFailure, type JobProcessor, type JobRun } from '../processor.js';
import type { Source } from './compose.js';
import { type Composer, CompositionTooCostly, createComposer } from './composer.js';
import { withFolder } from './folders.js';

type Client = Pick<DataInternalClient, 'mockups' | 'jobFiles'>;

const payloads = createChecker(MockupPayload);

/** Both pictures from the plane, the composition in a process of its own, the PNG back to the plane. */
export const mockupProcessor = (client: Client, composer: Composer = createComposer()): JobProcessor => ({
  run: (job, run) =>
    withFolder(async (folder) => {
      const { payload } = job;
      if (!payloads.check(payload)) throw new JobFailure('internal_error', 'This worker does not know such a mockup');
      const [artwork, garment] = [
        await fetchInput(client, job, run, payload, 'artwork', folder),
        await fetchInput(client, job, run, payload, 'garment', folder),
      ];
      const output = path.join(folder, 'mockup.png');
      const { placement, blend, output_width } = payload;
      const task = { artwork, garment, output, placement, blend, output_width };
      const { width, height, peakMemoryBytes } = await compose(composer, task, folder, run);
      run.log.debug({ job_id: job.id, width, height, peak_memory_bytes: peakMemoryBytes }, 'mockup composed');
      const stored = await client.jobFiles.put(
        { ...placeOf(job, run), name: payload.file_name, file: createReadStream(output) },
        { correlationId: run.correlationId, signal: run.signal },
      );
      const { file_id, file_name, byte_size } = stored;
      return { kind: 'mockup', file_id, file_name, byte_size, width, height, cached: false } satisfies JobResult;
    }),
});

const placeOf = (job: ClaimedJob, { scope, holder }: JobRun) => ({
  tenant_id: scope.tenant_id,
  organization_id: scope.organization_id,
  ...(scope.workspace_id !== null && { workspace_id: scope.workspace_id }),
  id: job.id,
  ...holder,
});

async function fetchInput(
  { mockups }: Client,
  job: ClaimedJob,
  run: JobRun,
  payload: MockupPayload,
  which: MockupInput,
  folder: string,
): Promise<Source> {
  const { correlationId, signal } = run;
  const file = path.join(folder, which);
  try {
    const { body } = await mockups.input({ ...placeOf(job, run), which }, { correlationId, signal });
    // The DOM's type of a stream and Node's are told apart by the compiler only.
    await pipeline(Readable.fromWeb(body as ReadableStream), createWriteStream(file, { mode: 0o600 }), { signal });
  } catch (error) {
    // That the job itself is gone, its next report says.
    if (!(error instanceof PlatenError && error.code === 'not_found')) throw error;
    throw new JobFailure('not_found', `The ${which} was deleted`, { cause: error });
  }
  return { file, isSvg: payload[which].media_type === 'image/svg+xml' };
}

/** @throws JobFailure that no later try ends otherwise */
async function compose(composer: Composer, task: Parameters<Composer['compose']>[0], folder: string, run: JobRun) {
  try {
    const composed = await composer.compose(task, folder, run.signal);
    if (!('unreadable' in composed)) return composed;
    const { unreadable, why } = composed;
    const message = `The ${unreadable} cannot be read: it is damaged or has too many pixels`;
    throw new JobFailure('file_type_unacceptable', message, { cause: why });
  } catch (error) {
    if (!(error instanceof CompositionTooCostly)) throw error;
    throw new JobFailure('mockup_too_costly', error.message, { cause: error });
  }
}
