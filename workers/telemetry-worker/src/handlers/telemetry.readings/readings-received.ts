import { type Delivery, UnprocessableEvent } from '@platen/chassis/bus/bus';
import type { Logger } from '@platen/chassis/log/logger';
import { createChecker } from '@platen/chassis/validation/checker';
import { scopeOf } from '@platen/chassis/worker-process/event-scope';
import { rethrowExplained } from '@platen/chassis/worker-process/failures';
import { ReadingsReceived } from '@platen/schema/events/telemetry-readings';
import type { DataInternalClient } from '@platen/sdk/internal';

const readingsReceivedData = createChecker(ReadingsReceived);

export interface ReadingsReceivedDeps {
  readonly dataPlane: Pick<DataInternalClient, 'telemetryReadings'>;
  readonly log: Pick<Logger, 'warn'>;
}

/**
 * `telemetry.readings.received` → the plane stores what is good of it, once. What it refuses is refused for good, so the
 * event counts as handled: the log says what was wrong with how many, the plane's metrics count them.
 */
export const readingsReceived =
  ({ dataPlane, log }: ReadingsReceivedDeps) =>
  async ({ event, signal }: Delivery): Promise<void> => {
    if (!readingsReceivedData.check(event.data)) throw new UnprocessableEvent('the data is not of its type');
    const { refused, refused_count } = await dataPlane.telemetryReadings
      .write({ ...scopeOf(event), event_id: event.id, ...event.data }, { correlationId: event.correlationid, signal })
      .catch(rethrowExplained);
    if (refused_count === 0) return;
    const codes: Record<string, number> = {};
    for (const { code } of refused) codes[code] = (codes[code] ?? 0) + 1;
    log.warn({ event_id: event.id, tenant_id: event.tenantid, refused: codes }, 'readings of an event were refused');
  };
