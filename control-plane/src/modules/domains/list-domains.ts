import type { Cursors } from '@platen/chassis/http/cursor';
import { type PageQuery, readPage } from '@platen/chassis/http/paging';
import type { Ctx } from '@platen/chassis/http/types';
import { requireReach, wholeTenant } from '../access/index.js';
import { domainPage } from './repo.js';

/** @throws AppError permission_denied: a domain is the whole tenant's. */
export async function listDomains(ctx: Ctx, cursors: Cursors, query: PageQuery) {
  await requireReach(ctx, ctx.db, 'admin.domain.read', wholeTenant);
  return readPage(ctx, cursors, domainPage, query, [ctx.tenant.id]);
}
