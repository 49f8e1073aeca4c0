import { implementer } from '@platen/chassis/http/implement';
import type { Implementation } from '@platen/chassis/http/types';
import { userRoles } from '@platen/schema/contracts/control/user-roles';
import type { TenantEntry } from '../tenants/index.js';
import type { UserRoleService } from './service.js';

const implement = implementer<TenantEntry>();

export const userRoleRoutes = (service: UserRoleService): Implementation<TenantEntry>[] => [
  implement(userRoles.list, async ({ ctx, query }) => service.listUserRoles(ctx, query)),
  implement(userRoles.create, async ({ ctx, body }) => service.createUserRole(ctx, body)),
  implement(userRoles.delete, async ({ ctx, params }) => service.deleteUserRole(ctx, params.id)),
];
