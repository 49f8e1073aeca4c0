import { dnDrift } from '@platen/schema/contracts/data/dn-drift';
import { implement, type Module, type ModuleDeps } from '../../module.js';
import { createDriftService } from './service.js';

/** How both sides differ: asked for as a job, read as its rows. */
export function dnDriftArea(deps: ModuleDeps): Module {
  const service = createDriftService(deps);
  return {
    implementations: [
      implement(dnDrift.start, ({ ctx, body }) => service.start(ctx, body)),
      implement(dnDrift.list, ({ ctx, query }) => service.list(ctx, query)),
    ],
  };
}
