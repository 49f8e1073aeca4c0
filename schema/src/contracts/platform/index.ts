import { auditEvents } from './audit-events.js';
import { auth } from './auth.js';
import { plans } from './plans.js';
import { products } from './products.js';
import { signingKeys } from './signing-keys.js';
import { tenantLimits, tenantModules, tenantProducts } from './tenant-enablement.js';
import { tenantDomains, tenantStores } from './tenant-hosts.js';
import { tenantUsers } from './tenant-users.js';
import { tenants } from './tenants.js';

/** Everything the control plane serves at the platform's own host. */
export const platformContracts = {
  platform: {
    auditEvents,
    signingKeys,
    auth,
    plans,
    products,
    tenantDomains,
    tenantStores,
    tenantLimits,
    tenantModules,
    tenantProducts,
    tenantUsers,
    tenants,
  },
} as const;
