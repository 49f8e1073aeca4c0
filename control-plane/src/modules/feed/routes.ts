import { implementSite } from '@platen/chassis/http/implement';
import { RawJson, type SiteImplementation } from '@platen/chassis/http/types';
import { feed, instances } from '@platen/schema/contracts/internal/feed';
import type { FeedService } from './service.js';

const defaultWaitSeconds = 25;
const defaultLimit = 500;

export const feedRoutes = (service: FeedService): SiteImplementation[] => [
  implementSite(feed.snapshot, async () => service.streamSnapshot()),
  implementSite(feed.changes, async ({ query, reply }) => {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const changes = await service.listChanges({
      after: query.after,
      waitMs: (query.wait_seconds ?? defaultWaitSeconds) * 1000,
      limit: query.limit ?? defaultLimit,
      signal: gone.signal,
    });
    // Entities are what Postgres wrote, as in a snapshot. A serializer for the choice of all their kinds is a tenth of a second of
    // work, at the first answer that has one: the first sign-out would come that much later, and all else stand still for it.
    return new RawJson(JSON.stringify(changes));
  }),
  implementSite(instances.report, async ({ body }) => {
    await service.reportInstance(body);
  }),
  implementSite(instances.leave, ({ params }) => service.forgetDataPlane(params.instance_id)),
];
