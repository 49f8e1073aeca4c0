import type { EventHandler } from '@platen/chassis/bus/bus';
import type { Logger } from '@platen/chassis/log/logger';
import type { Subscription } from '@platen/chassis/worker-process/consumers';
import type { EventType } from '@platen/schema/events/index';
import { modules } from '@platen/schema/modules';
import type { DataInternalClient } from '@platen/sdk/internal';
import { recordProgress } from './telemetry.job/record-progress.js';
import { readingsReceived } from './telemetry.readings/readings-received.js';

/** What handlers ask of the data plane, with the scope `telemetry`. */
export interface HandlerDeps {
  readonly dataPlane: DataInternalClient;
  readonly log: Pick<Logger, 'warn'>;
}

type Handlers = Partial<Record<EventType, EventHandler>>;

/** By type, a line each. */
const handlersOf = (deps: HandlerDeps): Handlers => ({
  'telemetry.job.progressed': recordProgress(deps),
  'telemetry.readings.received': readingsReceived(deps),
});

/** What devices tell, and what follows from it. Other types of these topics pass, and count as handled. */
export const ofDataPlane = (deps: HandlerDeps, isFeatureEnabled: (flag: string) => boolean): Subscription => ({
  // Where telemetry is switched off too: events of a topic that nobody reads would be kept for ever.
  topics: ['telemetry.readings', 'telemetry.alert', 'telemetry.job'],
  handler: byType(isFeatureEnabled(modules['telemetry.readings'].featureFlag) ? handlersOf(deps) : {}),
});

function byType(handlers: Handlers): EventHandler {
  const byName = new Map(Object.entries(handlers));
  return async (delivery) => byName.get(delivery.event.type)?.(delivery);
}
