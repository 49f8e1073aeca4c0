import { implementPlatform } from '@platen/chassis/http/implement';
import type { PlatformImplementation } from '@platen/chassis/http/types';
import { admins } from '@platen/schema/contracts/platform/admins';
import type { AdminService } from './service.js';

export const adminRoutes = (service: AdminService): PlatformImplementation[] => [
  implementPlatform(admins.list, ({ ctx, query }) => service.listAdmins(ctx, query)),
  implementPlatform(admins.get, ({ ctx, params }) => service.readAdmin(ctx, params.id)),
  implementPlatform(admins.create, ({ ctx, body }) => service.createAdmin(ctx, body)),
  implementPlatform(admins.update, ({ ctx, params, body }) => service.updateAdmin(ctx, params.id, body)),
  implementPlatform(admins.disable, ({ ctx, params }) => service.disableAdmin(ctx, params.id)),
  implementPlatform(admins.enable, ({ ctx, params }) => service.enableAdmin(ctx, params.id)),
  implementPlatform(admins.resetPassword, ({ ctx, params, body }) => service.resetPassword(ctx, params.id, body)),
];
