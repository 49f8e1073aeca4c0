import type { Metrics } from '@platen/chassis/http/metrics';
import type { Logger } from '@platen/chassis/log/logger';
import { modules } from '@platen/schema/modules';
import { v7 as uuidv7 } from 'uuid';
import type { Activity } from '../../activity.js';
import type { EventFeed } from '../event-streams/index.js';
import type { Module, ModuleDeps } from '../module.js';
import { alertsModule } from './alerts/index.js';
import { type DeviceGuard, devicesModule } from './devices/index.js';
import { createDirectory } from './directory.js';
import { ingestModule } from './ingest/index.js';
import { metricsModule } from './metrics/index.js';
import { createPace } from './pace.js';
import { retentionModule } from './retention/index.js';
import { createRollups, type SystemTelemetryDatabase } from './rollups/index.js';
import { runsModule } from './runs/index.js';
import { seriesModule } from './series/index.js';

export { createDeviceGuard, type DeviceGuard } from './devices/index.js';
export type { SystemTelemetryDatabase } from './rollups/index.js';

/** What the whole of it needs beside what every module is handed. */
export interface TelemetryDeps extends ModuleDeps {
  readonly isFeatureEnabled: (flag: string) => boolean;
  /** That of the listener: what changes here it is told of. */
  readonly deviceGuard: DeviceGuard;
  /** Of all tenants at the listener. */
  readonly activity: Activity;
  readonly log: Logger;
  readonly events: EventFeed;
  readonly metrics?: Metrics;
  readonly clock?: () => number;
  readonly newId?: () => string;
  /** Called when work has come due at once; it is found without, some seconds later. */
  readonly wakeDueWork?: () => void;
  /** Default: none; nothing then happens here beside requests. */
  readonly telemetryDatabases?: readonly SystemTelemetryDatabase[];
}

/** Machines: what they are, what they measure, what follows from it. */
export function telemetryModule(deps: TelemetryDeps): Module {
  const pace = createPace(deps);
  const rollups = createRollups({ ...deps, pace, databases: deps.telemetryDatabases ?? [] });
  const directory = createDirectory();
  const ingest = ingestModule({
    ...deps,
    directory,
    pace,
    newId: deps.newId ?? uuidv7,
    registry: deps.metrics?.registry,
    onStored: rollups.wake,
  });
  const areas: readonly Module[] = [
    devicesModule({ ...deps, directory, guard: deps.deviceGuard }),
    metricsModule({ ...deps, directory }),
    ingest,
    seriesModule({ ...deps, directory, rollups }),
    retentionModule({ ...deps, databases: deps.telemetryDatabases ?? [] }),
    alertsModule(deps, rollups),
    runsModule(deps, rollups),
  ];
  // Switched off, nothing of it runs beside requests either: what waits goes on waiting.
  const isOn = deps.isFeatureEnabled(modules['telemetry.readings'].featureFlag);
  return {
    implementations: areas.flatMap(({ implementations }) => implementations),
    internal: areas.flatMap(({ internal = [] }) => internal),
    dueWork: isOn ? areas.flatMap(({ dueWork = [] }) => dueWork) : [],
    background: isOn ? [rollups.background, ...areas.flatMap(({ background = [] }) => background)] : [],
  };
}
