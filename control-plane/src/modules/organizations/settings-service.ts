import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { BodyOf, OutputOf } from '@platen/schema/contract';
import type { organizationSettings } from '@platen/schema/contracts/control/organizations';
import { raiseTenantEpoch } from '../access/index.js';
import { recordAudit } from '../audit/index.js';
import { appendOrganization, appendTenant } from '../feed/index.js';
import { lockPlaces } from './repo.js';
import { findSettings, updateSettings } from './settings-repo.js';
import { checkSettings } from './settings-rules.js';
import { holdsAt, requirePlace, wholeOrganization } from './visible.js';

export interface SettingsService {
  get(ctx: Ctx, organizationId: string): Promise<OutputOf<typeof organizationSettings.get>>;
  /** @throws AppError not_found, validation_failed */
  update(
    ctx: Ctx,
    organizationId: string,
    body: BodyOf<typeof organizationSettings.update>,
  ): Promise<OutputOf<typeof organizationSettings.update>>;
}

export const createSettingsService = (): SettingsService => ({
  async get(ctx, organizationId) {
    const [found, allowed] = await Promise.all([
      findSettings(ctx.db, ctx.tenant.id, organizationId),
      holdsAt(ctx, ctx.db, 'admin.organization.read', wholeOrganization(organizationId)),
    ]);
    if (found === undefined || !allowed) throw new AppError('not_found');
    return found;
  },

  async update(ctx, organizationId, body) {
    const tenantId = ctx.tenant.id;
    const patch = checkSettings(body, '/body');
    return ctx.write(async (tx) => {
      const [, , before] = await Promise.all([
        lockPlaces(tx, tenantId),
        requirePlace(ctx, tx, 'admin.organization_settings.write', wholeOrganization(organizationId)),
        findSettings(tx, tenantId, organizationId),
      ]);
      const after = before && (await updateSettings(tx, tenantId, organizationId, patch));
      if (after === undefined) throw new AppError('not_found');
      // Whoever works in the whole organization has to choose a workspace from now on.
      const narrows = after.workspace_required && !before?.workspace_required;
      if (narrows) raiseTenantEpoch(tx, tenantId);
      const target = `organization:${organizationId}` as const;
      recordAudit(tx, ctx, tenantId, { action: 'organization_settings.update', target, before: before ?? null, after });
      if (narrows) appendTenant(tx, tenantId);
      appendOrganization(tx, tenantId, organizationId);
      return after;
    });
  },
});
