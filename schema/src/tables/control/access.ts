import type { Privilege, TableAccess } from '../../access.js';
import type { controlTables } from './tables.js';

const all = ['select', 'insert', 'update', 'delete'] as const satisfies readonly Privilege[];
const platformOnly = { class: 'platform', grants: { control_platform: all } } as const;
const catalogue = { class: 'catalogue', grants: { control_tenant: ['select'], control_platform: all } } as const;
/** A tenant reads it; the platform, or a later endpoint of its own grants, writes it. */
const readByTenant = { class: 'tenant', grants: { control_tenant: ['select'], control_platform: all } } as const;

export const controlAccess = {
  platformProducts: catalogue,
  platformProductModules: catalogue,
  platformPlans: catalogue,
  platformPlanModules: catalogue,
  platformPlanLimits: catalogue,
  tenants: { class: 'tenant_root', grants: { control_tenant: ['select'], control_platform: all } },
  tenantDomains: {
    ...readByTenant,
    globalKeys: { tenant_domains_domain_key: 'a host names one tenant of all' },
  },
  tenantStores: readByTenant,
  tenantPlatformProducts: readByTenant,
  tenantPlatformProductModules: readByTenant,
  tenantPlatformLimits: readByTenant,
  resOrganizations: readByTenant,
  resWorkspaces: readByTenant,
  resOrganizationSettings: readByTenant,
  resUsers: { class: 'tenant', grants: { control_tenant: ['select', 'update'], control_platform: all } },
  resRoles: {
    class: 'tenant_or_system',
    grants: { control_tenant: ['select'], control_platform: all },
    globalKeys: { res_roles_pkey: 'a system role has no tenant to begin with' },
  },
  resPermissions: catalogue,
  resRolePermissions: {
    class: 'tenant_or_system',
    grants: { control_tenant: ['select'], control_platform: all },
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
  resUserPermissionOverrides: readByTenant,
  resSessions: { class: 'tenant', grants: { control_tenant: ['select', 'insert', 'update'], control_platform: all } },
  resRefreshTokens: {
    class: 'tenant',
    grants: { control_tenant: ['select', 'insert', 'update'], control_platform: all },
  },
  platformServiceAccounts: platformOnly,
  platformInstances: platformOnly,
  platformSigningKeys: platformOnly,
  controlChanges: {
    class: 'tenant',
    grants: { control_tenant: ['select', 'insert'], control_platform: ['select', 'insert', 'delete'] },
    globalKeys: { control_changes_pkey: 'one log of all tenants, in the order of commit' },
  },
  idempotencyKeys: { class: 'tenant', grants: { control_tenant: all, control_platform: all } },
} as const satisfies Record<keyof typeof controlTables, TableAccess>;
