import { implementer } from '@platen/chassis/http/implement';
import type { Implementation } from '@platen/chassis/http/types';
import { permissionOverrides } from '@platen/schema/contracts/control/permission-overrides';
import type { TenantEntry } from '../tenants/index.js';
import type { PermissionOverrideService } from './service.js';

const implement = implementer<TenantEntry>();

export const permissionOverrideRoutes = (service: PermissionOverrideService): Implementation<TenantEntry>[] => [
  implement(permissionOverrides.list, async ({ ctx, query }) => service.listOverrides(ctx, query)),
  implement(permissionOverrides.create, async ({ ctx, body }) => service.createOverride(ctx, body)),
  implement(permissionOverrides.delete, async ({ ctx, params }) => service.deleteOverride(ctx, params.id)),
];
