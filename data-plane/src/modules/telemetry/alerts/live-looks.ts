import { v7 as uuidv7 } from 'uuid';
import { hasModule, type Tenant } from '../../../feed/tenant.js';
import type { ModuleDeps } from '../../module.js';
import { lookAtSeries } from './look.js';
import type { Series } from './looks-repo.js';
import { listWatching } from './watched-organizations.js';

interface LiveDeps extends Pick<ModuleDeps, 'openTelemetryDb'> {
  readonly now?: () => Date;
  readonly newId?: () => string;
}

/** Series of a statement: what a statement of arrays takes without ado. */
const seriesAtOnce = 2_000;

/** Looks at what has come in, after it was rolled up. What it cannot do is done when the organization is next due. */
export function createLiveLooks({ openTelemetryDb, now = () => new Date(), newId = uuidv7 }: LiveDeps) {
  return async (tenant: Tenant, changes: readonly Series[]): Promise<void> => {
    if (!hasModule(tenant, 'telemetry.alerts', now().getTime())) return;
    const scope = { tenantId: tenant.id, workspaceId: null };
    const correlationId = `alerts-${newId()}`;
    const organizations = await listWatching(openTelemetryDb(tenant, { ...scope, organizationId: null }));
    for (const organizationId of organizations) {
      const db = openTelemetryDb(tenant, { ...scope, organizationId });
      const ctx = { tenant, organizationId, workspaceId: null, correlationId, traceparent: null, now, newId, db };
      for (let n = 0; n < changes.length; n += seriesAtOnce) {
        await lookAtSeries(ctx, changes.slice(n, n + seriesAtOnce));
      }
    }
  };
}
