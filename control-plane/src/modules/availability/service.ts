import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { OutputOf } from '@platen/schema/contract';
import type { accessModules } from '@platen/schema/contracts/control/access-modules';
import { describeModules, type IsFeatureEnabled } from './describe-modules.js';
import { listModules } from './repo.js';

export interface AvailabilityService {
  listModules(ctx: Ctx): Promise<OutputOf<typeof accessModules.modules>>;
}

export const createAvailabilityService = (deps: {
  readonly isFeatureEnabled: IsFeatureEnabled;
}): AvailabilityService => ({
  /** Read from the database, not from memory: right at once after a change. */
  async listModules(ctx) {
    const rows = await listModules(ctx.db, ctx.tenant.id);
    if (rows === undefined) throw new AppError('tenant_not_found');
    return { items: describeModules(rows, deps.isFeatureEnabled, ctx.now().getTime()) };
  },
});
