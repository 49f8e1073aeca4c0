import { isForeignKeyViolation } from '@platen/chassis/db/errors';
import { AppError } from '@platen/chassis/http/app-error';
import { RawJson } from '@platen/chassis/http/types';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { BodyOf } from '@platen/schema/contract';
import type { productionStages } from '@platen/schema/contracts/data/production';
import { changedJson, foundJson, orDuplicate } from '../../stored-json.js';
import { type FindOrganization, organizationOf, requireVersion } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import * as repo from './stages-repo.js';

export interface StageService {
  list(ctx: TenantCtx): Promise<RawJson>;
  create(ctx: TenantCtx, body: BodyOf<typeof productionStages.create>): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, body: BodyOf<typeof productionStages.update>): Promise<RawJson>;
  delete(ctx: TenantCtx, id: string): Promise<void>;
}

export const createStageService = (findOrganization: FindOrganization): StageService => ({
  async list(ctx) {
    let items = await repo.listStages(ctx.db);
    if (items === null) {
      await repo.insertStandardStages(ctx.db.leased, ctx);
      items = await repo.listStages(ctx.db);
    }
    return new RawJson(`{"items":[${items ?? ''}]}`);
  },

  create(ctx, body) {
    const stage = {
      tenantId: ctx.tenant.id,
      organizationId: organizationOf(findOrganization, ctx).id,
      id: ctx.newId(),
      code: normalizeCode(body.code, '/body/code'),
      name: body.name,
      position: body.position,
      wipLimit: body.wip_limit ?? null,
      wipPolicy: body.wip_policy ?? 'warn',
      requiresArtwork: body.requires_artwork ?? false,
    };
    const detail = `There is a stage with the code "${stage.code}"`;
    return ctx.write(async (tx) =>
      foundJson(await orDuplicate(repo.insertStage(tx, stage), 'erp_production_stages_code_key', detail, '/body/code')),
    );
  },

  update: async (ctx, id, patch) =>
    changedJson(await repo.updateStage(ctx.db.leased, id, patch, { ifMatch: ctx.ifMatch, at: ctx.now() })),

  async delete(ctx, id) {
    await ctx.write(async (tx) => {
      const [, stage, isOpen] = await Promise.all([
        repo.lockStages(tx),
        repo.lockStage(tx, id),
        repo.hasOpenJobs(tx, id),
      ]);
      if (!stage) throw new AppError('not_found');
      requireVersion(ctx, stage.version);
      if (isOpen) throw new AppError('in_use', 'Jobs stand in this stage');
      try {
        await repo.deleteStage(tx, id);
      } catch (error) {
        // Jobs of a workspace that is not seen from here, or the last stage.
        if (isForeignKeyViolation(error)) throw new AppError('in_use', 'Jobs stand or ended in this stage');
        throw error;
      }
    });
  },
});
