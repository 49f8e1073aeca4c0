import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import type { Ctx, RawJson } from '@platen/chassis/http/types';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { BodyOf, OutputOf, QueryOf } from '@platen/schema/contract';
import type { organizations } from '@platen/schema/contracts/control/organizations';
import { orDuplicate } from '../../or-duplicate.js';
import { raiseTenantEpoch, requireReach, wholeTenant } from '../access/index.js';
import { recordAudit } from '../audit/index.js';
import { appendOrganization, appendTenant } from '../feed/index.js';
import * as repo from './repo.js';
import { insertSettings, settingsToBeginWith } from './settings-repo.js';
import { checkSettings } from './settings-rules.js';
import { holdsAt, listVisible, requirePlace, wholeOrganization } from './visible.js';

export interface OrganizationService {
  list(ctx: Ctx, query: QueryOf<typeof organizations.list>): Promise<RawJson>;
  get(ctx: Ctx, id: string): Promise<OutputOf<typeof organizations.get>>;
  /** @throws AppError permission_denied, duplicate, validation_failed */
  create(ctx: Ctx, body: BodyOf<typeof organizations.create>): Promise<OutputOf<typeof organizations.create>>;
  /** @throws AppError not_found, illegal_transition, in_use */
  update(
    ctx: Ctx,
    id: string,
    body: BodyOf<typeof organizations.update>,
  ): Promise<OutputOf<typeof organizations.update>>;
}

export const createOrganizationService = (deps: { readonly cursors: Cursors }): OrganizationService => ({
  async list(ctx, { status, ...query }) {
    const visible = await listVisible(ctx, 'admin.organization.read');
    const ids = visible === null ? null : `{${[...visible].sort().join(',')}}`;
    return readPage(ctx, deps.cursors, repo.organizationPage, query, [ctx.tenant.id, status ?? null, ids]);
  },

  async get(ctx, id) {
    const [found, allowed] = await Promise.all([
      repo.findOrganization(ctx.db, ctx.tenant.id, id),
      holdsAt(ctx, ctx.db, 'admin.organization.read', wholeOrganization(id)),
    ]);
    if (found === undefined || !allowed) throw new AppError('not_found');
    return found;
  },

  async create(ctx, body) {
    const tenantId = ctx.tenant.id;
    const given = { id: ctx.newId(), code: normalizeCode(body.code, '/body/code'), name: body.name };
    const settings = checkSettings(body.settings ?? {}, '/body/settings');
    return ctx.write(async (tx) => {
      await requireReach(ctx, tx, 'admin.organization.write', wholeTenant);
      const preset = await settingsToBeginWith(tx, tenantId);
      const made = await orDuplicate(
        repo.insertOrganization(tx, tenantId, given),
        'res_organizations_code_key',
        `There is an organization with the code "${given.code}"`,
      );
      const id = ctx.newId();
      const complete = await insertSettings(tx, tenantId, {
        id,
        organizationId: made.id,
        settings: { ...preset, ...settings },
      });
      recordAudit(tx, ctx, tenantId, {
        action: 'organization.create',
        target: `organization:${made.id}`,
        after: { ...made, settings: complete },
      });
      appendOrganization(tx, tenantId, made.id);
      return made;
    });
  },

  async update(ctx, id, body) {
    const tenantId = ctx.tenant.id;
    return ctx.write(async (tx) => {
      const [, , before] = await Promise.all([
        repo.lockPlaces(tx, tenantId),
        requirePlace(ctx, tx, 'admin.organization.write', wholeOrganization(id)),
        repo.findOrganization(tx, tenantId, id),
      ]);
      if (before === undefined) throw new AppError('not_found');
      const archives = body.status === 'archived' && before.status === 'active';
      if (archives) requireUnused(await repo.findOrganizationUse(tx, tenantId, id));
      const after = await repo.updateOrganization(tx, tenantId, id, body);
      // Tokens for it are refused by its state in the feed; raised, the epoch also moves their sessions elsewhere.
      if (archives) raiseTenantEpoch(tx, tenantId);
      const action = archives ? 'organization.archive' : 'organization.update';
      recordAudit(tx, ctx, tenantId, { action, target: `organization:${id}`, before, after });
      if (archives) appendTenant(tx, tenantId);
      appendOrganization(tx, tenantId, id);
      return after;
    });
  },
});

function requireUnused(use: { readonly other_active: boolean; readonly has_stores: boolean }): void {
  if (use.has_stores) throw new AppError('in_use', 'A storefront stands for this organization');
  if (!use.other_active) throw new AppError('illegal_transition', 'The last active organization stays');
}
