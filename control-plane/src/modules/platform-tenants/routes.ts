import { implementPlatform } from '@platen/chassis/http/implement';
import type { PlatformImplementation } from '@platen/chassis/http/types';
import { tenantUsers } from '@platen/schema/contracts/platform/tenant-users';
import { tenants } from '@platen/schema/contracts/platform/tenants';
import type { TenantService } from './service.js';
import type { TenantUserService } from './users-service.js';

export const platformTenantRoutes = (service: TenantService, users: TenantUserService): PlatformImplementation[] => [
  implementPlatform(tenants.list, ({ ctx, query }) => service.listTenants(ctx, query)),
  implementPlatform(tenants.get, ({ ctx, params }) => service.readTenant(ctx, params.id)),
  implementPlatform(tenants.create, ({ ctx, body }) => service.createTenant(ctx, body)),
  implementPlatform(tenants.update, ({ ctx, params, body }) => service.updateTenant(ctx, params.id, body)),
  implementPlatform(tenants.provision, ({ ctx, params }) => service.provisionTenant(ctx, params.id)),
  implementPlatform(tenants.suspend, ({ ctx, params }) => service.suspendTenant(ctx, params.id)),
  implementPlatform(tenants.reactivate, ({ ctx, params }) => service.reactivateTenant(ctx, params.id)),
  implementPlatform(tenants.delete, ({ ctx, params }) => service.deleteTenant(ctx, params.id)),
  implementPlatform(tenantUsers.list, ({ ctx, params, query }) => users.listUsers(ctx, params.id, query)),
  implementPlatform(tenantUsers.disable, ({ ctx, params }) => users.disableUser(ctx, params.id, params.user_id)),
  implementPlatform(tenantUsers.enable, ({ ctx, params }) => users.enableUser(ctx, params.id, params.user_id)),
  implementPlatform(tenantUsers.resendInvitation, ({ ctx, params }) =>
    users.resendInvitation(ctx, params.id, params.user_id),
  ),
];
