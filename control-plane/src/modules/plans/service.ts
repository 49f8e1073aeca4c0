import { isForeignKeyViolation } from '@platen/chassis/db/errors';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import { platformTenant } from '@platen/chassis/http/platform-tenant';
import type { PlatformCtx, RawJson } from '@platen/chassis/http/types';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { plans } from '@platen/schema/contracts/platform/plans';
import { recordAudit } from '../audit/index.js';
import { appendTenantsOfPlan } from '../feed/index.js';
import * as repo from './repo.js';

type Plan = repo.PlanAnswer;

export interface PlanService {
  listPlans(ctx: PlatformCtx, query: QueryOf<typeof plans.list>): Promise<RawJson>;
  /** @throws AppError not_found */
  getPlan(ctx: PlatformCtx, id: string): Promise<Plan>;
  /** @throws AppError duplicate, unknown_reference */
  createPlan(ctx: PlatformCtx, input: BodyOf<typeof plans.create>): Promise<Plan>;
  /** @throws AppError not_found, unknown_reference */
  updatePlan(ctx: PlatformCtx, id: string, input: BodyOf<typeof plans.update>): Promise<Plan>;
  /** @throws AppError not_found, in_use */
  deletePlan(ctx: PlatformCtx, id: string): Promise<void>;
}

export const createPlanService = ({ cursors }: { readonly cursors: Cursors }): PlanService => ({
  listPlans: (ctx, query) =>
    readPage(
      { db: ctx.db, tenant: platformTenant, organizationId: null, workspaceId: null },
      cursors,
      repo.planPage,
      query,
    ),

  getPlan: async (ctx, id) => required(await repo.findPlan(ctx.db, id)),

  createPlan: (ctx, input) =>
    ctx.write(async (tx) => {
      await refuseUnknown(tx, input.modules);
      const id = ctx.newId();
      const code = normalizeCode(input.code, '/body/code');
      if (!(await repo.insertPlan(tx, { id, code, name: input.name }))) throw new AppError('duplicate');
      repo.updatePlanModules(tx, id, input.modules);
      repo.updatePlanLimits(tx, id, input.limits);
      const after = required(await repo.findPlan(tx, id));
      recordAudit(tx, ctx, null, { action: 'plan.create', target: `plan:${id}`, after });
      return after;
    }),

  updatePlan: (ctx, id, { name, modules, limits }) =>
    ctx.write(async (tx) => {
      if (!(await repo.lockPlan(tx, id))) throw new AppError('not_found');
      const before = required(await repo.findPlan(tx, id));
      if (modules !== undefined) {
        await refuseUnknown(tx, modules);
        repo.updatePlanModules(tx, id, modules);
      }
      if (limits !== undefined) repo.updatePlanLimits(tx, id, limits);
      repo.updatePlanName(tx, id, name ?? before.name);
      const after = required(await repo.findPlan(tx, id));
      // One event, about the plan: the chains of its tenants would be locked all at once.
      recordAudit(tx, ctx, null, { action: 'plan.update', target: `plan:${id}`, before, after });
      if (matters(before, after)) await appendTenantsOfPlan(tx, id);
      return after;
    }),

  async deletePlan(ctx, id) {
    const work = async (tx: Tx) => {
      if (!(await repo.lockPlan(tx, id))) throw new AppError('not_found');
      const before = required(await repo.findPlan(tx, id));
      if (!(await repo.deletePlan(tx, id))) throw new AppError('in_use', `${before.tenants} tenants have this plan`);
      recordAudit(tx, ctx, null, { action: 'plan.delete', target: `plan:${id}`, before });
    };
    try {
      await ctx.write(work);
    } catch (error) {
      if (isForeignKeyViolation(error)) throw new AppError('in_use', undefined, { cause: error });
      throw error;
    }
  },
});

function required(plan: Plan | undefined): Plan {
  if (plan === undefined) throw new AppError('not_found');
  return plan;
}

async function refuseUnknown(tx: Tx, modules: readonly string[]): Promise<void> {
  const unknown = await repo.findUnknownModules(tx, modules);
  if (unknown.length > 0) throw new AppError('unknown_reference', `There is no module ${unknown.join(', ')}`);
}

const matters = (before: Plan, after: Plan): boolean =>
  JSON.stringify([before.modules, sorted(before.limits)]) !== JSON.stringify([after.modules, sorted(after.limits)]);
const sorted = (limits: Plan['limits']) => Object.entries(limits).sort(([a], [b]) => a.localeCompare(b));
