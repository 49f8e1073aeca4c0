import type { Privilege, TableAccess } from '../../access.js';
import type { controlTables } from './tables.js';

const all = ['select', 'insert', 'update', 'delete'] as const satisfies readonly Privilege[];
const platformOnly = { class: 'platform', grants: { control_platform: all } } as const;
const catalogue = { class: 'catalogue', grants: { control_tenant: ['select'], control_platform: all } } as const;
/** The tenant reads it; the platform writes it. */
const readByTenant = { class: 'tenant', grants: { control_tenant: ['select'], control_platform: all } } as const;
const writtenByTenant = { class: 'tenant', grants: { control_tenant: all, control_platform: all } } as const;
/** Archived or ended by an update: what names it stays readable. */
const keptByTenant = {
  class: 'tenant',
  grants: { control_tenant: ['select', 'insert', 'update'], control_platform: all },
} as const;

export const controlAccess = {
  platformProducts: catalogue,
  platformProductModules: catalogue,
  platformPlans: catalogue,
  platformPlanModules: catalogue,
  platformPlanLimits: catalogue,
  resMenuItems: catalogue,
  tenants: {
    class: 'tenant_root',
    grants: { control_tenant: ['select', 'update (authz_epoch, updated_at)'], control_platform: all },
  },
  tenantDomains: {
    ...writtenByTenant,
    globalKeys: { tenant_domains_verified_key: 'a host names one tenant of all' },
  },
  tenantStores: writtenByTenant,
  tenantPlatformProducts: readByTenant,
  tenantPlatformProductModules: readByTenant,
  tenantPlatformLimits: readByTenant,
  resOrganizations: keptByTenant,
  resWorkspaces: keptByTenant,
  resOrganizationSettings: keptByTenant,
  resUsers: keptByTenant,
  resUserTokens: keptByTenant,
  resUserRecoveryCodes: writtenByTenant,
  resUserInvitations: {
    ...keptByTenant,
    globalKeys: { res_user_invitations_role_fkey: 'may name a system role; a trigger holds the tenant' },
  },
  resApiKeys: {
    ...keptByTenant,
    globalKeys: { res_api_keys_role_fkey: 'may name a system role; a trigger holds the tenant' },
  },
  authThrottles: writtenByTenant,
  resRoles: {
    class: 'tenant_or_system',
    grants: { control_tenant: all, control_platform: all },
    globalKeys: { res_roles_pkey: 'a system role has no tenant to begin with' },
  },
  resPermissions: catalogue,
  resRolePermissions: {
    class: 'tenant_or_system',
    grants: { control_tenant: ['select', 'insert', 'delete'], control_platform: all },
    globalKeys: {
      res_role_permissions_pkey: 'a system role has no tenant to begin with',
      res_role_permissions_role_fkey: 'a trigger holds the tenant',
    },
  },
  resUserRoles: {
    class: 'tenant',
    grants: { control_tenant: ['select', 'insert', 'delete'], control_platform: all },
    globalKeys: { res_user_roles_role_fkey: 'may name a system role; a trigger holds the tenant' },
  },
  resUserPermissionOverrides: {
    class: 'tenant',
    grants: { control_tenant: ['select', 'insert', 'delete'], control_platform: all },
  },
  resSessions: keptByTenant,
  resRefreshTokens: keptByTenant,
  platformAdmins: platformOnly,
  platformAdminSessions: platformOnly,
  platformAdminRefreshTokens: platformOnly,
  platformAdminRecoveryCodes: platformOnly,
  platformServiceAccounts: platformOnly,
  platformInstances: platformOnly,
  platformSigningKeys: platformOnly,
  auditEvents: {
    class: 'tenant',
    grants: { control_tenant: ['select', 'insert'], control_platform: ['select', 'insert'] },
    globalKeys: { audit_events_pkey: 'the platform has a chain of its own, without a tenant' },
  },
  auditHeads: {
    class: 'tenant',
    grants: {
      control_tenant: ['select', 'insert', 'update'],
      control_platform: ['select', 'insert', 'update'],
    },
    globalKeys: { audit_heads_pkey: 'the platform has a chain of its own, without a tenant' },
  },
  controlChanges: {
    class: 'tenant',
    grants: { control_tenant: ['select', 'insert'], control_platform: ['select', 'insert', 'delete'] },
    globalKeys: { control_changes_pkey: 'one log of all tenants, in the order of commit' },
  },
  idempotencyKeys: writtenByTenant,
  outboxEvents: {
    class: 'tenant',
    grants: { control_tenant: ['select', 'insert'], control_platform: all },
    globalKeys: { outbox_events_position_key: 'one order of all tenants' },
  },
  outboxPositions: platformOnly,
  outboxDeadLetters: { class: 'tenant', grants: { control_platform: all } },
  inboxEvents: { class: 'tenant', grants: { control_platform: all } },
  dueWork: writtenByTenant,
} as const satisfies Record<keyof typeof controlTables, TableAccess>;
