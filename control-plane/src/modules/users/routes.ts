import { implementer } from '@platen/chassis/http/implement';
import type { Implementation } from '@platen/chassis/http/types';
import { users } from '@platen/schema/contracts/control/users';
import type { TenantEntry } from '../tenants/index.js';
import type { UserAccessService } from './access-service.js';
import type { UserService } from './service.js';

const implement = implementer<TenantEntry>();

export const userRoutes = (service: UserService & UserAccessService): Implementation<TenantEntry>[] => [
  implement(users.list, async ({ ctx, query }) => service.listUsers(ctx, query)),
  implement(users.get, async ({ ctx, params }) => service.readUser(ctx, params.id)),
  implement(users.update, async ({ ctx, params, body }) => service.updateUser(ctx, params.id, body)),
  implement(users.disable, async ({ ctx, params }) => service.disableUser(ctx, params.id)),
  implement(users.enable, async ({ ctx, params }) => service.enableUser(ctx, params.id)),
  implement(users.resetTotp, async ({ ctx, params }) => service.resetTotp(ctx, params.id)),
  implement(users.endSessions, async ({ ctx, params }) => service.endSessions(ctx, params.id)),
];
