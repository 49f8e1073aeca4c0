import type { Cursors } from '@platen/chassis/http/cursor';
import { implementPlatform } from '@platen/chassis/http/implement';
import type { PlatformImplementation } from '@platen/chassis/http/types';
import { tenantDomains, tenantStores } from '@platen/schema/contracts/platform/tenant-hosts';
import { type DomainService, platformActor } from '../domains/index.js';
import { listTenantDomains, listTenantStores, requireTenant } from './list-tenant-hosts.js';
import type { StoreService } from './service.js';

/** An operator's hand in a tenant's hosts: what its own administrators do, without their permissions. */
export function tenantHostRoutes(
  services: { readonly domains: DomainService; readonly stores: StoreService },
  cursors: Cursors,
): PlatformImplementation[] {
  const { domains, stores } = services;
  return [
    implementPlatform(tenantDomains.list, ({ ctx, params, query }) =>
      listTenantDomains(ctx, cursors, query, params.id),
    ),
    implementPlatform(tenantDomains.create, async ({ ctx, params, body }) => {
      await requireTenant(ctx, params.id);
      return domains.create(platformActor(ctx, params.id), body.domain, { verified: true });
    }),
    implementPlatform(tenantDomains.delete, ({ ctx, params }) =>
      domains.delete(platformActor(ctx, params.id), params.domain_id),
    ),
    implementPlatform(tenantStores.list, ({ ctx, params, query }) => listTenantStores(ctx, cursors, query, params.id)),
    implementPlatform(tenantStores.create, async ({ ctx, params, body }) => {
      await requireTenant(ctx, params.id);
      return stores.create(platformActor(ctx, params.id), body);
    }),
    implementPlatform(tenantStores.delete, ({ ctx, params }) =>
      stores.delete(platformActor(ctx, params.id), params.store_id),
    ),
  ];
}
