import { implementPlatform } from '@platen/chassis/http/implement';
import type { PlatformImplementation } from '@platen/chassis/http/types';
import { tenantLimits, tenantModules, tenantProducts } from '@platen/schema/contracts/platform/tenant-enablement';
import type { TenantEnablementService } from './service.js';

export const tenantEnablementRoutes = (service: TenantEnablementService): PlatformImplementation[] => [
  implementPlatform(tenantProducts.list, ({ ctx, params }) => service.listProducts(ctx, params.id)),
  implementPlatform(tenantProducts.set, ({ ctx, params, body }) => service.setProduct(ctx, params, body)),
  implementPlatform(tenantProducts.delete, ({ ctx, params }) => service.deleteProduct(ctx, params)),
  implementPlatform(tenantModules.list, ({ ctx, params }) => service.listModules(ctx, params.id)),
  implementPlatform(tenantModules.set, ({ ctx, params, body }) => service.setModule(ctx, params, body)),
  implementPlatform(tenantModules.delete, ({ ctx, params }) => service.deleteModule(ctx, params)),
  implementPlatform(tenantLimits.list, ({ ctx, params }) => service.listLimits(ctx, params.id)),
  implementPlatform(tenantLimits.set, ({ ctx, params, body }) =>
    service.setLimit(ctx, params.id, params.code, body.value),
  ),
  implementPlatform(tenantLimits.delete, ({ ctx, params }) => service.deleteLimit(ctx, params.id, params.code)),
];
