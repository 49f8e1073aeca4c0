import type { ScopedDb } from '@platen/chassis/db/types';
import type { CallCtx } from '@platen/chassis/http/types';
import type { Tenant } from '../../feed/tenant.js';
import type { JobHolder } from '../jobs/index.js';
import type { ModuleDeps } from '../module.js';
import { enterScope } from '../worker-scope.js';

/** A job in the scope that its worker names, and who says that it has it. */
export interface JobCall {
  readonly tenant: Tenant;
  readonly organizationId: string;
  readonly db: ScopedDb;
  readonly id: string;
  readonly holder: JobHolder;
  readonly ctx: Pick<CallCtx, 'newId' | 'log'>;
}

export type EnterJobCall = (
  ctx: JobCall['ctx'],
  params: { readonly tenant_id: string; readonly id: string },
  holder: {
    readonly organization_id: string;
    readonly workspace_id?: string;
    readonly owner: string;
    readonly attempt: number;
  },
) => JobCall;

/** @throws AppError not_found */
export const jobCallEntry =
  (deps: Pick<ModuleDeps, 'feed' | 'openDb'>): EnterJobCall =>
  (ctx, { tenant_id: tenantId, id }, { owner, attempt, ...named }) => {
    const { tenant, organizationId, workspaceId, db } = enterScope(deps, tenantId, named);
    return { tenant, organizationId, db, id, holder: { owner, attempt, workspaceId }, ctx };
  };
