import { telemetryRetention } from '@platen/schema/contracts/data/telemetry-retention';
import { implement, type Module } from '../../module.js';
import { createMaintenance, type MaintenanceDeps } from './maintenance.js';
import { getRetention, updateRetention } from './service.js';

export { isTooOld, keptSince } from './delete-old.js';

/** How long what was measured is kept, and that it goes. */
export const retentionModule = (deps: MaintenanceDeps): Module => ({
  implementations: [
    implement(telemetryRetention.get, ({ ctx }) => getRetention(ctx)),
    implement(telemetryRetention.update, ({ ctx, body }) => updateRetention(ctx, body)),
  ],
  background: [createMaintenance(deps).background],
});
