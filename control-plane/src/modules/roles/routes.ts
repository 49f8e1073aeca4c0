import { implementer } from '@platen/chassis/http/implement';
import type { Implementation } from '@platen/chassis/http/types';
import { roles } from '@platen/schema/contracts/control/roles';
import type { TenantEntry } from '../tenants/index.js';
import type { RoleService } from './service.js';

const implement = implementer<TenantEntry>();

export const roleRoutes = (service: RoleService): Implementation<TenantEntry>[] => [
  implement(roles.list, async ({ ctx, query }) => service.listRoles(ctx, query)),
  implement(roles.get, async ({ ctx, params }) => service.getRole(ctx, params.id)),
  implement(roles.create, async ({ ctx, body }) => service.createRole(ctx, body)),
  implement(roles.update, async ({ ctx, params, body }) => service.updateRole(ctx, params.id, body)),
  implement(roles.delete, async ({ ctx, params }) => service.deleteRole(ctx, params.id)),
];
