import { AppError, invalidField } from '@platen/chassis/http/app-error';
import type { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { telemetryRetention } from '@platen/schema/contracts/data/telemetry-retention';
import { changedJson, foundJson } from '../../../stored-json.js';
import type { TenantCtx } from '../../module.js';
import * as repo from './repo.js';

export const getRetention = async (ctx: TenantCtx): Promise<RawJson> => foundJson(await repo.findRetention(ctx.db));

/** @throws AppError validation_failed, version_mismatch */
export async function updateRetention(
  ctx: TenantCtx,
  body: BodyOf<typeof telemetryRetention.update>,
): Promise<RawJson> {
  const { tenant, organizationId } = ctx;
  if (organizationId === null) throw new AppError('context_required');
  if (body.rollup_days < body.raw_days) {
    const message = 'must not be less than raw_days';
    throw invalidField('/body/rollup_days', message);
  }
  const owner = { tenantId: tenant.id, organizationId, id: ctx.newId() };
  return changedJson(await repo.upsertRetention(ctx.db.leased, owner, body, ctx.ifMatch));
}
