import { readLastEventId } from '@platen/chassis/http/event-stream';
import { telemetryLatest, telemetryLive, telemetrySeries } from '@platen/schema/contracts/data/telemetry-series';
import { implement, type Module, type ModuleDeps } from '../../module.js';
import type { Rollups } from '../rollups/index.js';
import { createLatest } from './latest.js';
import { createLive, type LiveDeps } from './live.js';
import { createSeriesService } from './service.js';

export interface SeriesDeps extends LiveDeps, Pick<ModuleDeps, 'feed'> {
  readonly rollups: Pick<Rollups, 'onRolled'>;
}

/** What was measured: over a time, last, and as it comes in. */
export function seriesModule(deps: SeriesDeps): Module {
  const series = createSeriesService({
    directory: deps.directory,
    findOrganization: (tenantId, id) => deps.feed.organization(tenantId, id),
  });
  const latest = createLatest(deps);
  const live = createLive(deps);
  deps.rollups.onRolled(async (tenant) => live.wake(tenant.id));
  return {
    implementations: [
      implement(telemetrySeries.read, ({ ctx, query }) => series.read(ctx, query)),
      implement(telemetryLatest.list, ({ ctx, query }) => latest.list(ctx, query)),
      implement(telemetryLive.follow, ({ ctx, query, request }) =>
        live.open(ctx, query, readLastEventId(request, query)),
      ),
    ],
  };
}
