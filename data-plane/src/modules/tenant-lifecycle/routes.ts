import { implementSite } from '@platen/chassis/http/implement';
import type { SiteImplementation } from '@platen/chassis/http/types';
import { tenants } from '@platen/schema/contracts/internal/tenants';
import type { TenantLifecycle } from './service.js';

export const tenantLifecycleRoutes = (service: TenantLifecycle): SiteImplementation[] => [
  implementSite(tenants.check, async ({ params, body }) => ({
    databases: await service.check(params.tenant_id, body),
  })),
  implementSite(tenants.prepare, ({ params, body }) => service.prepare(params.tenant_id, body)),
  implementSite(tenants.purge, async ({ ctx, params, body }) => ({
    deleted: await service.purge(ctx, params.tenant_id, body),
  })),
];
