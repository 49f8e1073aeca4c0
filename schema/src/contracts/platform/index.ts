import { admins } from './admins.js';
import { auditEvents } from './audit-events.js';
import { auth } from './auth.js';
import { databases, dataPlanes } from './data-planes.js';
import { plans } from './plans.js';
import { products } from './products.js';
import { serviceAccounts } from './service-accounts.js';
import { signingKeys } from './signing-keys.js';
import { tenantLimits, tenantModules, tenantProducts } from './tenant-enablement.js';
import { tenantDomains, tenantStores } from './tenant-hosts.js';
import { tenantUsers } from './tenant-users.js';
import { tenants } from './tenants.js';

/** Everything the control plane serves at the platform's own host. */
export const platformContracts = {
  platform: {
    admins,
    serviceAccounts,
    auditEvents,
    signingKeys,
    auth,
    dataPlanes,
    databases,
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
