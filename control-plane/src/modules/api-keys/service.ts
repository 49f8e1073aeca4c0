import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import type { Ctx, RawJson } from '@platen/chassis/http/types';
import type { BodyOf, OutputOf, QueryOf } from '@platen/schema/contract';
import type { apiKeys } from '@platen/schema/contracts/control/api-keys';
import {
  bitsOfCodes,
  includesAll,
  lockAssignments,
  mayHandOn,
  readOwnReach,
  readPlacement,
  readVisiblePlace,
} from '../access/index.js';
import { recordAudit } from '../audit/index.js';
import { appendChange, revokedSession } from '../feed/index.js';
import { updateInvitationsRevoked } from '../users/index.js';
import { newKey } from './key-text.js';
import * as repo from './repo.js';

export interface ApiKeyService {
  listApiKeys(ctx: Ctx, query: QueryOf<typeof apiKeys.list>): Promise<RawJson>;
  /** @throws AppError unknown_reference, grant_exceeds_own */
  createApiKey(ctx: Ctx, body: BodyOf<typeof apiKeys.create>): Promise<OutputOf<typeof apiKeys.create>>;
  /** @throws AppError not_found */
  revokeApiKey(ctx: Ctx, id: string): Promise<OutputOf<typeof apiKeys.revoke>>;
}

const writing = bitsOfCodes(['admin.api_key.write']);

export const createApiKeyService = (deps: { readonly cursors: Cursors }): ApiKeyService => ({
  async listApiKeys(ctx, { revoked, ...query }) {
    const { organizationId, workspaceId } = await readVisiblePlace(ctx, ctx.db, 'admin.api_key.read');
    const filters = [ctx.tenant.id, organizationId, workspaceId, revoked ?? null];
    return readPage(ctx, deps.cursors, repo.apiKeyPage, query, filters);
  },

  async createApiKey(ctx, body) {
    const place = readPlacement(body, ctx.now());
    const tenantId = ctx.tenant.id;
    const { key, prefix, hash } = newKey();
    const created = await ctx.write(async (tx) => {
      const [, own, target] = await Promise.all([
        lockAssignments(tx, tenantId),
        readOwnReach(ctx, tx, place),
        repo.findKeyTarget(tx, tenantId, body.role_id, place),
      ]);
      // The place of the key decides, not the context that the caller came in.
      if (!includesAll(own.bits, writing)) throw new AppError('grant_exceeds_own');
      if (target.role === null || !target.place_exists) throw new AppError('unknown_reference');
      const untilMs = place.expiresAt === null ? null : Date.parse(place.expiresAt);
      if (!mayHandOn(own, target.role, untilMs)) throw new AppError('grant_exceeds_own');
      const createdBy = ctx.principal?.id;
      if (createdBy === undefined) throw new AppError('authentication_required');
      const row = await repo.insertApiKey(tx, tenantId, {
        ...place,
        id: ctx.newId(),
        name: body.name,
        prefix,
        hash,
        roleId: body.role_id,
        createdBy,
      });
      recordAudit(tx, ctx, tenantId, { action: 'api_key.create', target: `api_key:${row.id}`, after: row });
      // What is kept for a repeat of the request: without the key.
      return { ...row, key: null };
    });
    return { ...created, key };
  },

  async revokeApiKey(ctx, id) {
    const tenantId = ctx.tenant.id;
    return ctx.write(async (tx) => {
      const before = await repo.lockApiKey(tx, tenantId, id);
      if (before === undefined) throw new AppError('not_found');
      const { scope, organization_id: organizationId, workspace_id: workspaceId } = before;
      const own = await readOwnReach(ctx, tx, { scope, organizationId, workspaceId });
      // What lies outside their reach is not theirs to know of.
      if (!includesAll(own.bits, writing)) throw new AppError('not_found');
      if (before.revoked_at !== null) return before;
      const after = await repo.updateRevoked(tx, tenantId, id);
      updateInvitationsRevoked(tx, tenantId, id);
      recordAudit(tx, ctx, tenantId, { action: 'api_key.revoke', target: `api_key:${id}`, before, after });
      appendChange(tx, tenantId, revokedSession(tenantId, id, ctx.now().getTime()));
      return after;
    });
  },
});
