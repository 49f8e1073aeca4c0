import { statement } from '@platen/chassis/db/statement';
import type { ScopedDb } from '@platen/chassis/db/types';
import { v7 as uuidv7 } from 'uuid';
import { hasModule, type Tenant } from '../../feed/tenant.js';
import type { ModuleDeps, WorkCtx } from '../module.js';

export interface EachOrganizationDeps extends Pick<ModuleDeps, 'openTelemetryDb'> {
  readonly now?: () => Date;
  readonly newId?: () => string;
}
/** In the name of nobody, in the scope of all of an organization. */
export type OrganizationCtx = WorkCtx & { readonly organizationId: string; readonly db: ScopedDb };

interface Watching {
  /** Whoever does not have it is left alone. */
  readonly module: 'telemetry.alerts' | 'telemetry.runs';
  /** Of due work, of which those have some that are watched. */
  readonly dueKind: string;
}

const selectOrganizations = statement<{ organization_id: string }>(
  'telemetry.organizations_with_due_work',
  'select distinct organization_id from due_work where kind = $1 order by organization_id',
);

/** Runs the work for each organization of a tenant that something is watched for, one after the other. */
export function createEachOrganization(
  { openTelemetryDb, now = () => new Date(), newId = uuidv7 }: EachOrganizationDeps,
  { module, dueKind }: Watching,
) {
  return async (tenant: Tenant, work: (ctx: OrganizationCtx) => Promise<void>): Promise<void> => {
    if (!hasModule(tenant, module, now().getTime())) return;
    const scope = { tenantId: tenant.id, workspaceId: null };
    const correlationId = `${module}-${newId()}`;
    const found = await openTelemetryDb(tenant, { ...scope, organizationId: null }).query(selectOrganizations, [
      dueKind,
    ]);
    for (const { organization_id: organizationId } of found) {
      const db = openTelemetryDb(tenant, { ...scope, organizationId });
      await work({ tenant, organizationId, workspaceId: null, correlationId, traceparent: null, now, newId, db });
    }
  };
}
