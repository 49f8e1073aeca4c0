import { AppError } from '@platen/chassis/http/app-error';
import type { PlatformCtx } from '@platen/chassis/http/types';
import type { BodyOf, OutputOf } from '@platen/schema/contract';
import type { plans } from '@platen/schema/contracts/platform/plans';
import { decideModule } from '../availability/index.js';
import * as previewRepo from './preview-repo.js';
import { findPlan, findUnknownModules, type PlanAnswer } from './repo.js';

type Preview = OutputOf<typeof plans.preview>;
type Effect = Preview['items'][number];

export interface PlanPreviewService {
  /** Writes nothing. @throws AppError not_found, unknown_reference */
  previewPlan(ctx: PlatformCtx, id: string, input: BodyOf<typeof plans.preview>): Promise<Preview>;
}

export const createPlanPreviewService = (): PlanPreviewService => ({
  async previewPlan(ctx, id, input) {
    const { before, after } = await readPlans(ctx, id, input);
    const missing = before.modules.filter((code) => !after.modules.includes(code));
    const tenants = await readTenants(ctx, before.id, input.tenant_id, missing);
    const effects = await decideEffects(ctx, tenants, missing, after);
    const affected = effects.filter(({ lost, exceeded }) => lost.length > 0 || exceeded.length > 0);
    const items = [...affected, ...effects.filter((effect) => !affected.includes(effect) && effect.kept.length > 0)];
    return {
      tenants: tenants.length,
      affected: affected.length,
      lost: missing.map((module) => ({
        module,
        tenants: affected.filter(({ lost }) => lost.some((entry) => entry.module === module)).length,
      })),
      exceeded: [
        { limit_code: 'users' as const, tenants: affected.filter(({ exceeded }) => exceeded.length > 0).length },
      ],
      gained: after.modules.filter((code) => !before.modules.includes(code)),
      items: await withUse(ctx, items.slice(0, input.max_items ?? 50), missing),
    };
  },
});

/** The plan that the tenants are on, and the one that they would be on. */
async function readPlans(ctx: PlatformCtx, id: string, input: BodyOf<typeof plans.preview>) {
  const plan = await findPlan(ctx.db, id);
  if (plan === undefined) throw new AppError('not_found');
  const after: PlanAnswer = {
    ...plan,
    ...(input.modules && { modules: input.modules }),
    ...(input.limits && { limits: input.limits }),
  };
  const unknown = await findUnknownModules(ctx.db, after.modules);
  if (unknown.length > 0) throw new AppError('unknown_reference', `There is no module ${unknown.join(', ')}`);
  if (input.tenant_id === undefined) return { before: plan, after };
  const planId = await previewRepo.findPlanOf(ctx.db, input.tenant_id);
  const before = planId === undefined ? undefined : await findPlan(ctx.db, planId);
  if (before === undefined) throw new AppError('unknown_reference', 'There is no such tenant');
  return { before, after };
}

async function readTenants(ctx: PlatformCtx, planId: string, tenantId: string | undefined, modules: readonly string[]) {
  if (tenantId === undefined) return previewRepo.listTenantsOfPlan(ctx.db, planId, modules);
  const tenant = await previewRepo.findTenant(ctx.db, tenantId, modules);
  return tenant === undefined ? [] : [tenant];
}

async function decideEffects(
  ctx: PlatformCtx,
  tenants: readonly previewRepo.TenantSettings[],
  missing: readonly string[],
  after: PlanAnswer,
): Promise<Effect[]> {
  const limit = after.limits['users'] ?? null;
  const bound = tenants.filter(({ ownLimits }) => !ownLimits.includes('users')).map(({ id }) => id);
  const over = limit === null ? null : await previewRepo.listOverUsers(ctx.db, bound, limit);
  const nowMs = ctx.now().getTime();
  return tenants.map(({ id, slug, name, settings }) => {
    const used = over?.get(id);
    const effect: Effect = {
      tenant: { id, slug, name },
      lost: [],
      kept: [],
      exceeded: limit === null || used === undefined ? [] : [{ limit_code: 'users', limit, used }],
    };
    for (const module of missing) {
      const { product = null, module: own = null } = settings.find(({ code }) => code === module) ?? {};
      // Flags are the installation's: no plan changes them.
      const facts = { featureEnabled: true, product, module: own };
      const then = decideModule({ ...facts, inPlan: false }, nowMs);
      if (!decideModule({ ...facts, inPlan: true }, nowMs).available) continue;
      if (then.available) {
        const validUntil = then.validUntilMs === null ? null : new Date(then.validUntilMs).toISOString();
        effect.kept.push({ module, decided_by: then.decidedBy, valid_until: validUntil });
      } else effect.lost.push({ module, users: 0, api_keys: 0 });
    }
    return effect;
  });
}

/** Counted for those that are shown only. */
async function withUse(ctx: PlatformCtx, effects: readonly Effect[], modules: readonly string[]): Promise<Effect[]> {
  const ids = effects.map(({ tenant }) => tenant.id);
  const use = await previewRepo.listModuleUse(ctx.db, ids, modules);
  return effects.map((effect) => ({
    ...effect,
    lost: effect.lost.map(({ module }) => {
      const { users = 0, api_keys = 0 } = use.get(`${effect.tenant.id} ${module}`) ?? {};
      return { module, users, api_keys };
    }),
  }));
}
