import type { Cursors } from '@platen/chassis/http/cursor';
import { implementer } from '@platen/chassis/http/implement';
import { readPage } from '@platen/chassis/http/paging';
import type { Implementation } from '@platen/chassis/http/types';
import { stores } from '@platen/schema/contracts/control/stores';
import { tenantActor } from '../domains/index.js';
import { listVisible } from '../organizations/index.js';
import type { TenantEntry } from '../tenants/index.js';
import { storePage } from './repo.js';
import type { StoreService } from './service.js';

const implement = implementer<TenantEntry>();

export const storeRoutes = (service: StoreService, cursors: Cursors): Implementation<TenantEntry>[] => [
  implement(stores.list, async ({ ctx, query: { organization_id = null, ...query } }) => {
    const visible = await listVisible(ctx, 'admin.store.read');
    const ids = visible === null ? null : `{${[...visible].sort().join(',')}}`;
    return readPage(ctx, cursors, storePage, query, [ctx.tenant.id, organization_id, ids]);
  }),
  implement(stores.get, ({ ctx, params }) => service.get(tenantActor(ctx), params.id)),
  implement(stores.create, ({ ctx, body }) => service.create(tenantActor(ctx), body)),
  implement(stores.update, ({ ctx, params, body }) => service.update(tenantActor(ctx), params.id, body)),
  implement(stores.delete, ({ ctx, params }) => service.delete(tenantActor(ctx), params.id)),
];
