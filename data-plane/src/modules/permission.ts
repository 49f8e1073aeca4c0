import { moduleUnavailable, permissionDenied } from '@platen/chassis/http/app-error';
import { type PermissionCode, permissions } from '@platen/schema/permissions';
import { hasModule } from '../feed/tenant.js';
import type { TenantCtx } from './module.js';

type Asker = Pick<TenantCtx, 'principal' | 'tenant' | 'now'>;

const hasModuleOf = (ctx: Asker, code: PermissionCode): boolean =>
  hasModule(ctx.tenant, permissions[code].module, ctx.now().getTime());

/** As an endpoint of that permission would say. */
export const may = (ctx: Asker, code: PermissionCode): boolean =>
  (ctx.principal?.has(code) ?? false) && hasModuleOf(ctx, code);

/** @throws AppError permission_denied, module_unavailable */
export function requirePermission(ctx: Asker, code: PermissionCode, why: string): void {
  if (!ctx.principal?.has(code)) {
    throw permissionDenied(code, why);
  }
  if (!hasModuleOf(ctx, code)) {
    throw moduleUnavailable(permissions[code].module);
  }
}
