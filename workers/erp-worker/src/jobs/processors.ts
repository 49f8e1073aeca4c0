import { modules } from '@platen/schema/modules';
import type { DataInternalClient } from '@platen/sdk/internal';
import { exportProcessor } from './export/export.js';
import { mockupProcessor } from './mockup/mockup.js';
import type { JobProcessor, JobProcessors } from './processor.js';
import { repricingProcessor } from './repricing.js';

/** Who does the jobs of a kind, a line each. */
export const createProcessors = (
  dataPlane: DataInternalClient,
  isFeatureEnabled: (flag: string) => boolean,
  /** Of a process that calls sites. */
  deconetwork?: JobProcessor,
): JobProcessors => ({
  repricing: repricingProcessor(dataPlane),
  export: exportProcessor(dataPlane),
  ...(isFeatureEnabled(modules['erp.mockups'].featureFlag) && { mockup: mockupProcessor(dataPlane) }),
  ...(deconetwork && isFeatureEnabled(modules['erp.deconetwork'].featureFlag) && { dn_sync: deconetwork }),
});
