import { implementPlatform } from '@platen/chassis/http/implement';
import type { PlatformImplementation } from '@platen/chassis/http/types';
import { serviceAccounts } from '@platen/schema/contracts/platform/service-accounts';
import type { ServiceAccountService } from './service.js';

export const serviceAccountRoutes = (service: ServiceAccountService): PlatformImplementation[] => [
  implementPlatform(serviceAccounts.list, ({ ctx, query }) => service.listAccounts(ctx, query)),
  implementPlatform(serviceAccounts.create, ({ ctx, body }) => service.createAccount(ctx, body)),
  implementPlatform(serviceAccounts.update, ({ ctx, params, body }) => service.updateAccount(ctx, params.id, body)),
  implementPlatform(serviceAccounts.rotateSecret, ({ ctx, params }) => service.rotateSecret(ctx, params.id)),
  implementPlatform(serviceAccounts.disable, ({ ctx, params }) => service.setStatus(ctx, params.id, 'disabled')),
  implementPlatform(serviceAccounts.enable, ({ ctx, params }) => service.setStatus(ctx, params.id, 'active')),
];
