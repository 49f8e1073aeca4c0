import { auditEvents } from './audit-events.js';
import { auth } from './auth.js';
import { plans } from './plans.js';
import { products } from './products.js';
import { signingKeys } from './signing-keys.js';
import { tenantDomains, tenantStores } from './tenant-hosts.js';
import { tenantLimits, tenantModules, tenantProducts } from './tenant-enablement.js';

/** Everything the control plane serves at the platform's own host. */
export const platformContracts = {
  platform: { auditEvents, signingKeys, auth, plans, products, tenantDomains, tenantStores, tenantLimits, tenantModules, tenantProducts },
} as const;
