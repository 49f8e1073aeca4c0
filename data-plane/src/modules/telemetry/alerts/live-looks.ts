import type { Tenant } from '../../../feed/tenant.js';
import { createEachOrganization, type EachOrganizationDeps } from '../each-organization.js';
import { lookAtSeries } from './look.js';
import type { Series } from './looks-repo.js';
import { alertLookDue } from './watched-organizations.js';

/** Series of a statement: what a statement of arrays takes without ado. */
const seriesAtOnce = 2_000;

/** Looks at what has come in, after it was rolled up. What it cannot do is done when the organization is next due. */
export function createLiveLooks(deps: EachOrganizationDeps) {
  const forEachOrganization = createEachOrganization(deps, { module: 'telemetry.alerts', dueKind: alertLookDue });
  return (tenant: Tenant, changes: readonly Series[]): Promise<void> =>
    forEachOrganization(tenant, async (ctx) => {
      for (let n = 0; n < changes.length; n += seriesAtOnce) {
        await lookAtSeries(ctx, changes.slice(n, n + seriesAtOnce));
      }
    });
}
