import type { ScopedDb } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Organization, Tenant } from '../feed/tenant.js';
import type { ModuleDeps } from './module.js';

/** As a worker's call names it: its event's, or its job's. */
export interface NamedScope {
  readonly organization_id: string;
  /** null or absent: the whole organization. */
  readonly workspace_id?: string | null | undefined;
}
export interface WorkerScope {
  readonly tenant: Tenant;
  readonly organizationId: string;
  readonly workspaceId: string | null;
  readonly db: ScopedDb;
}
type Deps = Pick<ModuleDeps, 'feed' | 'openDb'>;

/** Enters the scope that a worker names, in the tenant's own database. @throws AppError not_found */
export function enterScope({ feed, openDb }: Deps, tenantId: string, named: NamedScope): WorkerScope {
  const tenant = feed.tenantById(tenantId);
  if (!tenant) throw new AppError('not_found');
  const { organization_id: organizationId, workspace_id: workspaceId = null } = named;
  return { tenant, organizationId, workspaceId, db: openDb(tenant, { tenantId, organizationId, workspaceId }) };
}

/** The same, where the organization's name or settings are needed. @throws AppError not_found */
export function enterOrganization(
  deps: Deps,
  tenantId: string,
  named: NamedScope,
): WorkerScope & { readonly organization: Organization } {
  const organization = deps.feed.organization(tenantId, named.organization_id);
  if (!organization) throw new AppError('not_found');
  return { ...enterScope(deps, tenantId, named), organization };
}
