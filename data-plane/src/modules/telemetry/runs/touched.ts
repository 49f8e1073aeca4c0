import { v7 as uuidv7 } from 'uuid';
import { hasModule } from '../../../feed/tenant.js';
import type { ModuleDeps } from '../../module.js';
import type { RolledListener } from '../rollups/index.js';
import { listCounting, listTouched, putCount } from './count-due.js';
import { tellEverySeconds } from './count-run.js';

interface TouchedDeps extends Pick<ModuleDeps, 'openTelemetryDb'> {
  readonly now?: () => Date;
  readonly newId?: () => string;
  readonly wakeDueWork?: () => void;
}

/** Has runs counted soon that something came for: what is lost with a process is counted when they are next due. */
export const createRunsTouched =
  ({ openTelemetryDb, wakeDueWork, now = () => new Date(), newId = uuidv7 }: TouchedDeps): RolledListener =>
  async (tenant, changes) => {
    if (!hasModule(tenant, 'telemetry.runs', now().getTime())) return;
    const scope = { tenantId: tenant.id, workspaceId: null };
    const organizations = await listCounting(openTelemetryDb(tenant, { ...scope, organizationId: null }));
    for (const organizationId of organizations) {
      const db = openTelemetryDb(tenant, { ...scope, organizationId });
      const ctx = {
        tenant,
        organizationId,
        workspaceId: null,
        correlationId: `runs-${newId()}`,
        traceparent: null,
        now,
        newId,
      };
      const touched = await listTouched(db.leased, changes);
      if (touched.length === 0) continue;
      await db.transaction(async (tx) => {
        for (const { id, told_ms } of touched) {
          putCount(tx, ctx, id, { at: new Date(Math.max(now().getTime(), (told_ms ?? 0) + tellEverySeconds * 1000)) });
        }
      });
      wakeDueWork?.();
    }
  };
