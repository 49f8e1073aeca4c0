import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import type { RawJson } from '@platen/chassis/http/types';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { metrics } from '@platen/schema/contracts/data/telemetry-metrics';
import { changedJson, foundJson, orDuplicate } from '../../../stored-json.js';
import type { TenantCtx } from '../../module.js';
import * as repo from './repo.js';

export interface MetricService {
  listMetrics(ctx: TenantCtx, query: QueryOf<typeof metrics.list>): Promise<RawJson>;
  /** @throws AppError not_found */
  getMetric(ctx: TenantCtx, id: string): Promise<RawJson>;
  /** @throws AppError duplicate */
  createMetric(ctx: TenantCtx, body: BodyOf<typeof metrics.create>): Promise<RawJson>;
  /** @throws AppError not_found, duplicate, version_mismatch */
  updateMetric(ctx: TenantCtx, id: string, body: BodyOf<typeof metrics.update>): Promise<RawJson>;
}

/** `onChanged`: what is known of the tenant's metrics is out of date. */
export function createMetricService(deps: {
  readonly cursors: Cursors;
  readonly onChanged: (tenantId: string) => void;
}): MetricService {
  return {
    listMetrics: (ctx, { kind, q, ...query }) => repo.listMetrics(ctx, deps.cursors, query, { kind, q }),

    getMetric: async (ctx, id) => foundJson(await repo.findMetric(ctx.db, id)),

    async createMetric(ctx, { unit = null, expected_interval_ms = null, ...body }) {
      const { tenant, organizationId } = ctx;
      if (organizationId === null) throw new AppError('context_required');
      const row = { ...body, unit, expectedIntervalMs: expected_interval_ms };
      const created = await ctx.write(async (tx) => {
        const inserting = repo.insertMetric(tx, { ...row, tenantId: tenant.id, organizationId, id: ctx.newId() });
        return foundJson(await orTaken(inserting, body.code));
      });
      deps.onChanged(tenant.id);
      return created;
    },

    async updateMetric(ctx, id, patch) {
      const updating = repo.updateMetric(ctx.db.leased, id, ctx.ifMatch, patch);
      const changed = changedJson(await orTaken(updating, patch.code ?? ''));
      deps.onChanged(ctx.tenant.id);
      return changed;
    },
  };
}

const orTaken = <R>(write: Promise<R>, code: string): Promise<R> =>
  orDuplicate(write, 'tel_metrics_code_key', `There is a metric with the code "${code}"`, '/body/code');
