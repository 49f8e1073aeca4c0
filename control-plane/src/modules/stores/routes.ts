import type { Cursors } from '@platen/chassis/http/cursor';
import { implementer } from '@platen/chassis/http/implement';
import type { Implementation } from '@platen/chassis/http/types';
import { stores } from '@platen/schema/contracts/control/stores';
import { tenantActor } from '../domains/index.js';
import type { TenantEntry } from '../tenants/index.js';
import { listStores } from './list-stores.js';
import type { StoreService } from './service.js';

const implement = implementer<TenantEntry>();

export const storeRoutes = (service: StoreService, cursors: Cursors): Implementation<TenantEntry>[] => [
  implement(stores.list, ({ ctx, query }) => listStores(ctx, cursors, query)),
  implement(stores.get, ({ ctx, params }) => service.get(tenantActor(ctx), params.id)),
  implement(stores.create, ({ ctx, body }) => service.create(tenantActor(ctx), body)),
  implement(stores.update, ({ ctx, params, body }) => service.update(tenantActor(ctx), params.id, body)),
  implement(stores.delete, ({ ctx, params }) => service.delete(tenantActor(ctx), params.id)),
];
