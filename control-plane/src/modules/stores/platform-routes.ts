import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { implementPlatform } from '@platen/chassis/http/implement';
import { definePage, lastId, type Page, type PageQuery, readPage } from '@platen/chassis/http/paging';
import { platformTenant } from '@platen/chassis/http/platform-tenant';
import type { PlatformCtx, PlatformImplementation } from '@platen/chassis/http/types';
import { tenantDomains, tenantStores } from '@platen/schema/contracts/platform/tenant-hosts';
import { type DomainService, domainItem, domainRows, hasTenant, platformActor } from '../domains/index.js';
import { storeItem, storeRows } from './repo.js';
import type { StoreService } from './service.js';

const shared = { key: 't.id::text', start: lastId };
const domainPage = definePage({ ...shared, contract: tenantDomains.list, item: domainItem, rows: domainRows });
const storePage = definePage({ ...shared, contract: tenantStores.list, item: storeItem, rows: storeRows });

/** An operator's hand in a tenant's hosts: what its own administrators do, without their permissions. */
export function tenantHostRoutes(
  services: { readonly domains: DomainService; readonly stores: StoreService },
  cursors: Cursors,
): PlatformImplementation[] {
  const { domains, stores } = services;
  return [
    implementPlatform(tenantDomains.list, ({ ctx, params, query }) =>
      list(ctx, cursors, domainPage, query, params.id, []),
    ),
    implementPlatform(tenantDomains.create, async ({ ctx, params, body }) => {
      await requireTenant(ctx, params.id);
      return domains.create(platformActor(ctx, params.id), body.domain, { verified: true });
    }),
    implementPlatform(tenantDomains.delete, ({ ctx, params }) =>
      domains.delete(platformActor(ctx, params.id), params.domain_id),
    ),
    implementPlatform(tenantStores.list, ({ ctx, params, query }) =>
      list(ctx, cursors, storePage, query, params.id, [null, null]),
    ),
    implementPlatform(tenantStores.create, async ({ ctx, params, body }) => {
      await requireTenant(ctx, params.id);
      return stores.create(platformActor(ctx, params.id), body);
    }),
    implementPlatform(tenantStores.delete, ({ ctx, params }) =>
      stores.delete(platformActor(ctx, params.id), params.store_id),
    ),
  ];
}

async function requireTenant(ctx: PlatformCtx, id: string): Promise<void> {
  if (!(await hasTenant(ctx.db, id))) throw new AppError('not_found');
}

async function list(
  ctx: PlatformCtx,
  cursors: Cursors,
  page: Page,
  query: PageQuery,
  tenantId: string,
  filters: readonly null[],
) {
  await requireTenant(ctx, tenantId);
  const place = { tenant: platformTenant, organizationId: null, workspaceId: null, db: ctx.db };
  return readPage(place, cursors, page, query, [tenantId, ...filters]);
}
