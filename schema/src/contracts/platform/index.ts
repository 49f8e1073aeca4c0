import { auth } from './auth.js';
import { plans } from './plans.js';
import { products } from './products.js';
import { tenantLimits, tenantModules, tenantProducts } from './tenant-enablement.js';

/** Everything the control plane serves at the platform's own host. */
export const platformContracts = { platform: { auth, plans, products, tenantLimits, tenantModules, tenantProducts } } as const;
