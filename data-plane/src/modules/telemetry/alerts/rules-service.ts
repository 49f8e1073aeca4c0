import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import type { RawJson } from '@platen/chassis/http/types';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import { type alertRules, maxAlertRules } from '@platen/schema/contracts/data/telemetry-alert-rules';
import { foundJson, orDuplicate } from '../../../stored-json.js';
import { requireVersion } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { requireTerms } from './judge-terms.js';
import * as repo from './rules-repo.js';
import { lockLooks, putLook } from './watched-organizations.js';

export interface AlertRuleService {
  list(ctx: TenantCtx, query: QueryOf<typeof alertRules.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  create(ctx: TenantCtx, body: BodyOf<typeof alertRules.create>): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, body: BodyOf<typeof alertRules.update>): Promise<RawJson>;
  remove(ctx: TenantCtx, id: string): Promise<void>;
}

export function createAlertRuleService(cursors: Cursors): AlertRuleService {
  return {
    list(ctx, { metric_id, device_id, ...query }) {
      const filters = { ...(metric_id !== undefined && { metric_id }), ...(device_id !== undefined && { device_id }) };
      return repo.listRules(ctx, cursors, query, filters);
    },

    get: async (ctx, id) => foundJson(await repo.findRule(ctx.db, id)),

    create(ctx, body) {
      const organizationId = contextOf(ctx);
      const row = {
        id: ctx.newId(),
        code: normalizeCode(body.code, '/body/code'),
        name: body.name,
        metric_id: body.metric_id,
        device_id: body.device_id ?? null,
        condition: body.condition,
        threshold: body.threshold ?? null,
        clear_threshold: body.clear_threshold ?? null,
        duration_seconds: body.duration_seconds ?? 0,
        severity: body.severity ?? 'warning',
        enabled: body.enabled ?? true,
      };
      requireTerms(row, '/body');
      return ctx.write(async (tx) => {
        await lockLooks(tx, organizationId);
        await requireRoom(tx);
        await requireKnown(tx, row, '/body');
        const written = await orDuplicate(repo.insertRule(tx, ctx, row), codeKey, duplicate(row.code), '/body/code');
        if (row.enabled) putLook(tx, ctx, organizationId);
        return foundJson(written);
      });
    },

    update(ctx, id, { code, ...patch }) {
      const organizationId = contextOf(ctx);
      return ctx.db.transaction(async (tx) => {
        await lockLooks(tx, organizationId);
        const before = await requireRule(tx, ctx, id);
        const after = { ...before, ...patch, ...(code !== undefined && { code: normalizeCode(code, '/body/code') }) };
        requireTerms(after, '/body');
        const anew = watched.some((field) => before[field] !== after[field]);
        if (anew) await repo.endLooks(tx, ctx, id, 'rule_changed');
        const writing = repo.updateRule(tx, after, anew ? ctx.now() : null);
        const written = await orDuplicate(writing, codeKey, duplicate(after.code), '/body/code');
        if (after.enabled) putLook(tx, ctx, organizationId);
        return foundJson(written);
      });
    },

    async remove(ctx, id) {
      const organizationId = contextOf(ctx);
      await ctx.db.transaction(async (tx) => {
        await lockLooks(tx, organizationId);
        await requireRule(tx, ctx, id);
        await repo.endLooks(tx, ctx, id, 'rule_removed');
        repo.removeRule(tx, id, ctx.now());
      });
    },
  };
}

/** With one of these the look at it begins anew. */
const watched = ['threshold', 'clear_threshold', 'duration_seconds', 'enabled'] as const;
const codeKey = 'tel_alert_rules_code_idx';
const duplicate = (code: string): string => `There is a rule of alerts with the code "${code}"`;

function contextOf({ organizationId }: TenantCtx): string {
  if (organizationId === null) throw new AppError('context_required');
  return organizationId;
}

/** Nobody else adds one meanwhile: the organization's lock is held. @throws AppError limit_reached */
async function requireRoom(tx: Parameters<typeof repo.countRules>[0]): Promise<void> {
  if ((await repo.countRules(tx)) < maxAlertRules) return;
  throw new AppError('limit_reached', `An organization has at most ${maxAlertRules} rules of alerts`, {
    extensions: { limit: 'alert_rules', allowed: maxAlertRules },
  });
}

/** One that is seen and not locked belongs to the whole organization, and is changed from there. */
async function requireRule(tx: Parameters<typeof repo.lockRule>[0], ctx: TenantCtx, id: string) {
  const found = await repo.lockRule(tx, id);
  if (found === undefined) throw new AppError((await repo.readRule(tx, id)) ? 'context_not_allowed' : 'not_found');
  requireVersion(ctx, found.version);
  return found;
}

/** Foreign keys look past row-level security: what the caller does not see must not be named. */
export async function requireKnown(
  db: Parameters<typeof repo.listUnknown>[0],
  named: Parameters<typeof repo.listUnknown>[1],
  path: string,
): Promise<void> {
  const unknown = await repo.listUnknown(db, named);
  if (unknown.length === 0) return;
  const fields = unknown.map((field) => ({ path: `${path}/${field}`, message: 'names nothing that is here' }));
  throw new AppError('unknown_reference', undefined, { fields });
}
