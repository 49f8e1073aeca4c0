import { type Delivery, UnprocessableEvent } from '@platen/chassis/bus/bus';
import { createChecker } from '@platen/chassis/validation/checker';
import { scopeOf } from '@platen/chassis/worker-process/event-scope';
import { rethrowExplained } from '@platen/chassis/worker-process/failures';
import { telemetryJobEvents } from '@platen/schema/events/telemetry-job';
import type { DataInternalClient } from '@platen/sdk/internal';

const progress = createChecker(telemetryJobEvents['telemetry.job.progressed']);

/** `telemetry.job.progressed` → the job in the ERP database takes what was counted; once, however often it comes. */
export const recordProgress =
  ({ dataPlane }: { readonly dataPlane: Pick<DataInternalClient, 'productionRuns'> }) =>
  async ({ event, signal }: Delivery): Promise<void> => {
    if (!progress.check(event.data)) throw new UnprocessableEvent('the data is not of its type');
    const { job_id: id, run } = event.data;
    const told = { ...scopeOf(event), id, event_id: event.id, run };
    await dataPlane.productionRuns.record(told, { correlationId: event.correlationid, signal }).catch(rethrowExplained);
  };
