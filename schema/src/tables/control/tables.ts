import { resApiKeys } from './api-keys.js';
import { auditEvents, auditHeads } from './audit.js';
import { controlChanges } from './changes.js';
import { resUserInvitations } from './invitations.js';
import { resMenuItems } from './menu.js';
import { resOrganizationSettings, resOrganizations, resWorkspaces } from './organizations.js';
import {
  platformPlanLimits,
  platformPlanModules,
  platformPlans,
  platformProductModules,
  platformProducts,
} from './plans.js';
import {
  platformAdminRecoveryCodes,
  platformAdminRefreshTokens,
  platformAdminSessions,
  platformAdmins,
  platformInstances,
  platformServiceAccounts,
  platformSigningKeys,
} from './platform.js';
import { dueWork, idempotencyKeys, inboxEvents, outboxDeadLetters, outboxEvents, outboxPositions } from './plumbing.js';
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
import { authThrottles } from './throttles.js';
import { resUserRecoveryCodes, resUsers, resUserTokens } from './users.js';

/** Every table of the control-plane database, by area: what migrations, access rules and the ERD derive from. */
export const controlAreas = {
  plans: {
    platformProducts,
    platformProductModules,
    platformPlans,
    platformPlanModules,
    platformPlanLimits,
    resMenuItems,
  },
  tenants: {
    tenants,
    tenantDomains,
    tenantStores,
    tenantPlatformProducts,
    tenantPlatformProductModules,
    tenantPlatformLimits,
  },
  organizations: { resOrganizations, resWorkspaces, resOrganizationSettings },
  access: {
    resUsers,
    resRoles,
    resPermissions,
    resRolePermissions,
    resUserRoles,
    resUserPermissionOverrides,
    resUserInvitations,
    resApiKeys,
  },
  sessions: { resSessions, resRefreshTokens, resUserTokens, resUserRecoveryCodes, authThrottles },
  platform: {
    platformAdmins,
    platformAdminSessions,
    platformAdminRefreshTokens,
    platformAdminRecoveryCodes,
    platformServiceAccounts,
    platformInstances,
    platformSigningKeys,
    auditEvents,
    auditHeads,
    controlChanges,
  },
  plumbing: { idempotencyKeys, outboxEvents, outboxPositions, outboxDeadLetters, inboxEvents, dueWork },
} as const;

export const controlTables = {
  ...controlAreas.plans,
  ...controlAreas.tenants,
  ...controlAreas.organizations,
  ...controlAreas.access,
  ...controlAreas.sessions,
  ...controlAreas.platform,
  ...controlAreas.plumbing,
} as const;
