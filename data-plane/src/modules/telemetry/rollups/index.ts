export { type Rolled, type RolledSeries, rollUpTenant } from './roll-up.js';
export { createRollups, type RolledListener, type Rollups, type SystemTelemetryDatabase } from './rollups.js';
