import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import type { Ctx } from '@platen/chassis/http/types';
import type { QueryOf } from '@platen/schema/contract';
import type { stores } from '@platen/schema/contracts/control/stores';
import { listVisible } from '../organizations/index.js';
import type { TenantEntry } from '../tenants/index.js';
import { storePage } from './repo.js';

/** The storefronts of the organizations that the caller may see. */
export async function listStores(ctx: Ctx<TenantEntry>, cursors: Cursors, input: QueryOf<typeof stores.list>) {
  const { organization_id = null, ...query } = input;
  const visible = await listVisible(ctx, 'admin.store.read');
  const ids = visible === null ? null : `{${[...visible].sort().join(',')}}`;
  return readPage(ctx, cursors, storePage, query, [ctx.tenant.id, organization_id, ids]);
}
