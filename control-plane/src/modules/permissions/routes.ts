import { implementer } from '@platen/chassis/http/implement';
import type { Implementation } from '@platen/chassis/http/types';
import { access } from '@platen/schema/contracts/control/access';
import { permissions } from '@platen/schema/contracts/control/roles';
import type { ModuleCode } from '@platen/schema/modules';
import { permissions as catalogue, permissionCodes } from '@platen/schema/permissions';
import { codesOf, compileAccess, readCaller } from '../access/index.js';
import type { TenantEntry } from '../tenants/index.js';

const implement = implementer<TenantEntry>();

export const permissionRoutes = (deps: {
  /** Would a request that needs the module get through now? */
  readonly isModuleAvailable: (tenant: TenantEntry, module: ModuleCode, nowMs: number) => boolean;
}): Implementation<TenantEntry>[] => [
  implement(permissions.list, async ({ ctx }) => {
    const nowMs = ctx.now().getTime();
    return {
      items: permissionCodes.map((code) => ({
        code,
        module: catalogue[code].module,
        description: catalogue[code].description,
        module_available: deps.isModuleAvailable(ctx.tenant, catalogue[code].module, nowMs),
      })),
    };
  }),
  implement(access.permissions, async ({ ctx }) => {
    const { organizationId, workspaceId } = ctx;
    const holder = await readCaller(ctx, ctx.db);
    const compiled = compileAccess({ ...holder, context: { organizationId, workspaceId }, nowMs: ctx.now().getTime() });
    const { expiresAtMs } = compiled;
    return {
      context: { organization_id: organizationId, workspace_id: workspaceId },
      permissions: codesOf(compiled.bits),
      expires_at: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString(),
    };
  }),
];
