import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { definePage, lastId, type Page, type PageQuery, readPage } from '@platen/chassis/http/paging';
import { platformTenant } from '@platen/chassis/http/platform-tenant';
import type { PlatformCtx } from '@platen/chassis/http/types';
import { tenantDomains, tenantStores } from '@platen/schema/contracts/platform/tenant-hosts';
import { domainItem, domainRows, hasTenant } from '../domains/index.js';
import { storeItem, storeRows } from './repo.js';

const shared = { key: 't.id::text', start: lastId };
const domainPage = definePage({ ...shared, contract: tenantDomains.list, item: domainItem, rows: domainRows });
const storePage = definePage({ ...shared, contract: tenantStores.list, item: storeItem, rows: storeRows });

export const listTenantDomains = (ctx: PlatformCtx, cursors: Cursors, query: PageQuery, tenantId: string) =>
  list(ctx, cursors, domainPage, query, tenantId, []);

export const listTenantStores = (ctx: PlatformCtx, cursors: Cursors, query: PageQuery, tenantId: string) =>
  list(ctx, cursors, storePage, query, tenantId, [null, null]);

/** @throws AppError not_found */
export async function requireTenant(ctx: PlatformCtx, id: string): Promise<void> {
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
