import { implementer, implementPlatform } from '@platen/chassis/http/implement';
import type { Implementation, PlatformImplementation } from '@platen/chassis/http/types';
import { auditEvents } from '@platen/schema/contracts/control/audit-events';
import { auditEvents as platformAuditEvents } from '@platen/schema/contracts/platform/audit-events';
import type { TenantEntry } from '../tenants/index.js';
import type { AuditService } from './service.js';

const implement = implementer<TenantEntry>();

export const auditRoutes = (service: AuditService): Implementation<TenantEntry>[] => [
  implement(auditEvents.list, async ({ ctx, query }) => service.list(ctx, query)),
  implement(auditEvents.export, async ({ ctx, query }) => service.export(ctx, query)),
];

export const platformAuditRoutes = (service: AuditService): PlatformImplementation[] => [
  implementPlatform(platformAuditEvents.list, async ({ ctx, query }) => service.listAll(ctx, query)),
  implementPlatform(platformAuditEvents.export, async ({ ctx, query }) => service.exportAny(ctx, query)),
  implementPlatform(platformAuditEvents.verify, async ({ ctx, body }) => service.verifyPart(ctx, body)),
];
