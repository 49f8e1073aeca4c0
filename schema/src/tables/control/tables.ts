import { controlChanges } from './changes.js';
import { resOrganizationSettings, resOrganizations, resWorkspaces } from './organizations.js';
import {
  platformPlanLimits,
  platformPlanModules,
  platformPlans,
  platformProductModules,
  platformProducts,
} from './plans.js';
import { platformInstances, platformServiceAccounts, platformSigningKeys } from './platform.js';
import { idempotencyKeys } from './plumbing.js';
import { resPermissions, resRolePermissions, resRoles, resUserPermissionOverrides, resUserRoles } from './roles.js';
import { resRefreshTokens, resSessions } from './sessions.js';
import { tenantStores } from './stores.js';
import {
  tenantDomains,
  tenantPlatformLimits,
  tenantPlatformProductModules,
  tenantPlatformProducts,
  tenants,
} from './tenants.js';
import { resUsers } from './users.js';

/** Every table of the control-plane database, by area: what migrations, access rules and the ERD derive from. */
export const controlAreas = {
  plans: { platformProducts, platformProductModules, platformPlans, platformPlanModules, platformPlanLimits },
  tenants: {
    tenants,
    tenantDomains,
    tenantStores,
    tenantPlatformProducts,
    tenantPlatformProductModules,
    tenantPlatformLimits,
  },
  organizations: { resOrganizations, resWorkspaces, resOrganizationSettings },
  access: { resUsers, resRoles, resPermissions, resRolePermissions, resUserRoles, resUserPermissionOverrides },
  sessions: { resSessions, resRefreshTokens },
  platform: { platformServiceAccounts, platformInstances, platformSigningKeys, controlChanges, idempotencyKeys },
} as const;

export const controlTables = {
  ...controlAreas.plans,
  ...controlAreas.tenants,
  ...controlAreas.organizations,
  ...controlAreas.access,
  ...controlAreas.sessions,
  ...controlAreas.platform,
} as const;
