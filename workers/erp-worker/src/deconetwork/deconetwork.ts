import { createChecker } from '@platen/chassis/validation/checker';
import type { DnSyncResult } from '@platen/schema/contracts/data/job-shapes';
import { DnJobPayload } from '@platen/schema/contracts/internal/deconetwork';
import { JobFailure, type JobProcessor } from '../jobs/processor.js';
import { callOf, type DnJob, placeOf } from './dn-job.js';
import type { DnPlane } from './plane.js';
import { probeSite } from './probe.js';
import { readRecords } from './read-records.js';
import { sendWrites } from './send-writes.js';
import { createSiteClient, type SiteCalling } from './site-client.js';
import { SiteError } from './site-error.js';

const payloads = createChecker(DnJobPayload);
/** Somebody waits for what a test says. */
const testRetries = 2;

/** All that is done with a site: this process calls it, and the plane knows what is here. */
export const deconetworkProcessor = (
  plane: DnPlane,
  calling: SiteCalling,
  now: () => Date = () => new Date(),
): JobProcessor => ({
  async run(job, run) {
    const { payload } = job;
    if (!payloads.check(payload)) throw new JobFailure('internal_error', 'This worker does not know such a job');
    const dn: DnJob = { plane, job, run };
    if (payload.task === 'retry' || payload.task === 'undo') return rework(dn);
    const opened = await plane.deconetworkConnections.open(placeOf(dn), callOf(dn));
    const retries = payload.task === 'test' ? { retries: testRetries } : {};
    const site = createSiteClient(calling, opened.access, { signal: run.signal, log: run.log, ...retries });
    try {
      if (payload.task === 'test') return await test(dn, site, now);
      if (payload.task === 'write') return await sendWrites(dn, site);
      return await readRecords(dn, site, opened);
    } catch (error) {
      throw error instanceof SiteError ? await explain(dn, error) : error;
    }
  },
});

async function test(dn: DnJob, site: Parameters<typeof probeSite>[0], now: () => Date): Promise<DnSyncResult> {
  const { fieldMap, code, message, checks } = await probeSite(site);
  const test = { at: now().toISOString(), code, message, checks: [...checks] };
  const { result } = await dn.plane.deconetworkConnections.tested(
    { ...placeOf(dn), test, field_map: fieldMap },
    callOf(dn),
  );
  return result;
}

/** Rows of an earlier job once more: the site is not asked. */
async function rework(dn: DnJob): Promise<DnSyncResult> {
  for (let cursor = dn.job.cursor; ; ) {
    const batch = await dn.plane.deconetworkRework.rework(
      { ...placeOf(dn), ...(cursor !== null && { cursor }) },
      callOf(dn),
    );
    if (batch.cursor === null) {
      dn.run.progress(batch.done, batch.total);
      return batch.result;
    }
    dn.run.progress(batch.done, batch.total, batch.cursor);
    cursor = batch.cursor;
  }
}

/** One who is refused stays so until somebody does something: the connection is not called any more. */
async function explain(dn: DnJob, error: SiteError): Promise<JobFailure> {
  const { code, message, mayPass } = error;
  if (code === 'authentication_failed' || code === 'api_disabled') {
    await dn.plane.deconetworkConnections.rejected({ ...placeOf(dn), code, message }, callOf(dn));
    return new JobFailure(code, message, { cause: error });
  }
  return new JobFailure(code, message, { mayRetry: mayPass || code === 'not_a_site', cause: error });
}
