import { Type } from 'typebox';
import { closed, Id, nullable, Timestamp } from '../contracts/shapes.js';

export const topic = 'platform.tenant';

const TenantEvent = closed({ tenant_id: Id, slug: Type.String() });

export const tenantEvents = {
  'platform.tenant.provisioned': TenantEvent,
  'platform.tenant.provision_failed': closed({ tenant_id: Id, slug: Type.String(), reason: Type.String() }),
  'platform.tenant.suspended': TenantEvent,
  'platform.tenant.reactivated': TenantEvent,
  'platform.tenant.deletion_scheduled': closed({
    tenant_id: Id,
    slug: Type.String(),
    delete_after: nullable(Timestamp),
  }),
  'platform.tenant.purged': TenantEvent,
} as const;
export type TenantEventType = keyof typeof tenantEvents;
