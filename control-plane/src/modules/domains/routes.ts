import type { Cursors } from '@platen/chassis/http/cursor';
import { implementer } from '@platen/chassis/http/implement';
import type { Implementation } from '@platen/chassis/http/types';
import { domains } from '@platen/schema/contracts/control/domains';
import type { TenantEntry } from '../tenants/index.js';
import { tenantActor } from './actor.js';
import { listDomains } from './list-domains.js';
import type { DomainService } from './service.js';

const implement = implementer<TenantEntry>();

export const domainRoutes = (service: DomainService, cursors: Cursors): Implementation<TenantEntry>[] => [
  implement(domains.list, ({ ctx, query }) => listDomains(ctx, cursors, query)),
  implement(domains.create, ({ ctx, body }) => service.create(tenantActor(ctx), body.domain, { verified: false })),
  implement(domains.verify, ({ ctx, params }) => service.verify(tenantActor(ctx), params.id)),
  implement(domains.update, ({ ctx, params }) => service.makePrimary(tenantActor(ctx), params.id)),
  implement(domains.delete, ({ ctx, params }) => service.delete(tenantActor(ctx), params.id)),
];
