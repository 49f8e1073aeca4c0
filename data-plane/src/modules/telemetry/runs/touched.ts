import { createEachOrganization, type EachOrganizationDeps } from '../each-organization.js';
import type { RolledListener } from '../rollups/index.js';
import { listTouched, putCount, runCountDue } from './count-due.js';
import { tellEverySeconds } from './count-run.js';

interface TouchedDeps extends EachOrganizationDeps {
  readonly wakeDueWork?: () => void;
}

/** Has runs counted soon that something came for: what is lost with a process is counted when they are next due. */
export function createRunsTouched({ wakeDueWork, ...deps }: TouchedDeps): RolledListener {
  const forEachOrganization = createEachOrganization(deps, { module: 'telemetry.runs', dueKind: runCountDue });
  return (tenant, changes) =>
    forEachOrganization(tenant, async (ctx) => {
      const touched = await listTouched(ctx.db.leased, changes);
      if (touched.length === 0) return;
      await ctx.db.transaction(async (tx) => {
        for (const { id, told_ms } of touched) {
          const at = new Date(Math.max(ctx.now().getTime(), (told_ms ?? 0) + tellEverySeconds * 1000));
          putCount(tx, ctx, id, { at });
        }
      });
      wakeDueWork?.();
    });
}
