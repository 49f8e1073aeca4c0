import type { Catalogue } from '../../routing/catalogue.js';
import type { Module, ModuleDeps } from '../module.js';
import { tenantLifecycleRoutes } from './routes.js';
import { createTenantLifecycle } from './service.js';

/** Beginning and end of a tenant in its databases. */
export const tenantLifecycleModule = (
  deps: ModuleDeps,
  catalogue: Catalogue,
  purgeFiles: (tenantId: string) => Promise<number>,
): Module => ({
  implementations: [],
  internal: tenantLifecycleRoutes(createTenantLifecycle({ ...deps, catalogue, purgeFiles })),
});
