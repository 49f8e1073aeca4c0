import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import type { Ctx, RawJson } from '@platen/chassis/http/types';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { BodyOf, OutputOf, QueryOf } from '@platen/schema/contract';
import type { workspaces } from '@platen/schema/contracts/control/workspaces';
import { orDuplicate } from '../../or-duplicate.js';
import { raiseTenantEpoch } from '../access/index.js';
import { recordAudit } from '../audit/index.js';
import { appendOrganization, appendTenant } from '../feed/index.js';
import { lockPlaces } from './repo.js';
import { holdsAt, listVisible, reachOf, requirePlace, wholeOrganization } from './visible.js';
import * as repo from './workspace-repo.js';

export interface WorkspaceService {
  list(ctx: Ctx, query: QueryOf<typeof workspaces.list>): Promise<RawJson>;
  /** @throws AppError unknown_reference, duplicate */
  create(ctx: Ctx, body: BodyOf<typeof workspaces.create>): Promise<OutputOf<typeof workspaces.create>>;
  /** @throws AppError not_found, in_use */
  update(ctx: Ctx, id: string, body: BodyOf<typeof workspaces.update>): Promise<OutputOf<typeof workspaces.update>>;
}

const writing = 'admin.workspace.write';

export const createWorkspaceService = (deps: { readonly cursors: Cursors }): WorkspaceService => ({
  async list(ctx, { organization_id = null, status = null, ...query }) {
    const visible = await listVisible(ctx, 'admin.organization.read');
    const ids = visible === null ? null : `{${[...visible].sort().join(',')}}`;
    return readPage(ctx, deps.cursors, repo.workspacePage, query, [ctx.tenant.id, organization_id, status, ids]);
  },

  async create(ctx, body) {
    const tenantId = ctx.tenant.id;
    const code = normalizeCode(body.code, '/body/code');
    const organizationId = body.organization_id;
    return ctx.write(async (tx) => {
      const [, allowed] = await Promise.all([
        lockPlaces(tx, tenantId),
        holdsAt(ctx, tx, writing, wholeOrganization(organizationId)),
      ]);
      // An organization that is not there and one that is not theirs get the same answer.
      if (!allowed) throw new AppError('unknown_reference');
      const made = await orDuplicate(
        repo.insertWorkspace(tx, tenantId, { id: ctx.newId(), organizationId, code, name: body.name }),
        'res_workspaces_code_key',
        `There is a workspace with the code "${code}"`,
      );
      if (made === undefined) throw new AppError('unknown_reference');
      recordAudit(tx, ctx, tenantId, { action: 'workspace.create', target: `workspace:${made.id}`, after: made });
      appendOrganization(tx, tenantId, organizationId);
      return made;
    });
  },

  async update(ctx, id, body) {
    const tenantId = ctx.tenant.id;
    return ctx.write(async (tx) => {
      const [, before] = await Promise.all([lockPlaces(tx, tenantId), repo.findWorkspace(tx, tenantId, id)]);
      if (before === undefined) throw new AppError('not_found');
      await requirePlace(ctx, tx, writing, reachOf(before.organization_id, id));
      const archives = body.status === 'archived' && before.status === 'active';
      if (archives && (await repo.hasStores(tx, tenantId, id))) {
        throw new AppError('in_use', 'A storefront stands for this workspace');
      }
      const after = await repo.updateWorkspace(tx, tenantId, id, body);
      // As of an organization.
      if (archives) raiseTenantEpoch(tx, tenantId);
      const action = archives ? 'workspace.archive' : 'workspace.update';
      recordAudit(tx, ctx, tenantId, { action, target: `workspace:${id}`, before, after });
      if (archives) appendTenant(tx, tenantId);
      appendOrganization(tx, tenantId, before.organization_id);
      return after;
    });
  },
});
