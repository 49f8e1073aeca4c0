import type { Readable } from 'node:stream';
import type { Queryable } from '@platen/chassis/db/types';
import { AppError, invalidField } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { type Page, readPage } from '@platen/chassis/http/paging';
import { platformTenant } from '@platen/chassis/http/platform-tenant';
import type { Ctx, PlatformCtx, RawJson } from '@platen/chassis/http/types';
import type { BodyOf, OutputOf, QueryOf } from '@platen/schema/contract';
import type { auditEvents } from '@platen/schema/contracts/control/audit-events';
import type { auditEvents as platformAuditEvents } from '@platen/schema/contracts/platform/audit-events';
import { requireReach, wholeTenant } from '../access/index.js';
import { exportChain } from './export-chain.js';
import * as repo from './repo.js';
import { type ChainCheck, type ChainPoint, verifyChain } from './verify-chain.js';

export interface AuditService {
  /** @throws AppError permission_denied when the caller may read it in some place only */
  list(ctx: Ctx, query: QueryOf<typeof auditEvents.list>): Promise<RawJson>;
  export(ctx: Ctx, query: QueryOf<typeof auditEvents.export>): Promise<Readable>;
  listAll(ctx: PlatformCtx, query: QueryOf<typeof platformAuditEvents.list>): Promise<RawJson>;
  exportAny(ctx: PlatformCtx, query: QueryOf<typeof platformAuditEvents.export>): Promise<Readable>;
  verifyPart(
    ctx: PlatformCtx,
    input: BodyOf<typeof platformAuditEvents.verify>,
  ): Promise<OutputOf<typeof platformAuditEvents.verify>>;
}

/** About a second of work, in steps of some milliseconds. */
const maxVerified = 20_000;
const permission = 'admin.audit_event.read';

export const createAuditService = ({ cursors }: { readonly cursors: Cursors }): AuditService => ({
  async list(ctx, query) {
    await requireReach(ctx, ctx.db, permission, wholeTenant);
    // A filter without an index reads many rows: not on the lane that short reads share.
    const place = { tenant: ctx.tenant, organizationId: null, workspaceId: null, db: ctx.db.leased };
    return readPage(place, cursors, repo.tenantPage, query, [...filtersOf(query), ctx.tenant.id]);
  },

  async export(ctx, { after_seq: afterSeq = 0 }) {
    await requireReach(ctx, ctx.db, permission, wholeTenant);
    return exportChain(ctx.db.leased, { tenantId: ctx.tenant.id, afterSeq, now: ctx.now() });
  },

  listAll(ctx, query) {
    const place = { tenant: platformTenant, organizationId: null, workspaceId: null, db: ctx.db };
    const { tenant_id: tenantId, own = false } = query;
    if (own && tenantId !== undefined) {
      const fields = [{ path: '/query/own', message: 'must be absent where a tenant is named' }];
      throw new AppError('validation_failed', undefined, { fields });
    }
    const read = (page: Page, more: string[] = []) =>
      readPage(place, cursors, page, query, [...filtersOf(query), ...more]);
    if (tenantId !== undefined) return read(repo.platformPages.tenant, [tenantId]);
    return read(own ? repo.platformPages.own : repo.platformPages.all);
  },

  exportAny: (ctx, { tenant_id: tenantId = null, after_seq: afterSeq = 0 }) =>
    exportChain(ctx.db, { tenantId, afterSeq, now: ctx.now() }),

  async verifyPart(ctx, { tenant_id: tenantId, after_seq: afterSeq = 0 }) {
    const check = await verifyStored(ctx.db, tenantId, { afterSeq, limit: maxVerified });
    const problems = check.problems.map((problem) => ({ ...problem }));
    return { tenant_id: tenantId, checked: check.checked, next_after_seq: check.nextAfterSeq, problems };
  },
});

type Filters = Pick<QueryOf<typeof auditEvents.list>, 'actor_id' | 'action' | 'target' | 'from' | 'to'>;

/** @throws AppError validation_failed: the pattern lets 31 February through */
function filtersOf(query: Filters): (string | null)[] {
  const times = (['from', 'to'] as const).map((name) => {
    const text = query[name];
    if (text !== undefined && Number.isNaN(Date.parse(text))) {
      throw invalidField(`/query/${name}`, 'must be a time');
    }
    return text ?? null;
  });
  return [query.actor_id ?? null, query.action ?? null, query.target ?? null, ...times];
}

/**
 * A chain as the database has it, or the next part of it.
 * @throws AppError not_found when there is no event `afterSeq` to go on from
 */
export async function verifyStored(
  db: Queryable,
  tenantId: string | null,
  options: { readonly afterSeq?: number; readonly limit?: number; readonly points?: readonly ChainPoint[] } = {},
): Promise<ChainCheck & { readonly nextAfterSeq: number | null; readonly head: ChainPoint | null }> {
  const { afterSeq = 0, limit = Number.MAX_SAFE_INTEGER, points = [] } = options;
  const { head, maxSeq } = await repo.findChainEnds(db, tenantId);
  const hash = await repo.findHash(db, tenantId, afterSeq);
  if (hash === undefined) throw new AppError('not_found', `There is no event ${afterSeq} to go on from`);
  const untilSeq = Math.min(maxSeq, afterSeq + limit);
  const isLast = untilSeq === maxSeq;
  const check = await verifyChain({
    lines: repo.readLines(db, tenantId, afterSeq, untilSeq),
    tenantId,
    start: { seq: afterSeq, hash },
    points,
    ...(isLast && { head }),
  });
  return { ...check, head, nextAfterSeq: isLast ? null : check.lastSeq };
}
