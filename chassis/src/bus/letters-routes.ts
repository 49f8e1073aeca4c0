import { outbox } from '@platen/schema/contracts/internal/outbox';
import { invalidField } from '../http/app-error.js';
import { implementSite } from '../http/implement.js';
import { RawJson, type SiteImplementation } from '../http/types.js';
import type { LettersService } from './letters-service.js';

export function lettersRoutes(service: LettersService, draining: AbortSignal): SiteImplementation[] {
  return [
    implementSite(outbox.park, async ({ body: { source, consumer, topic, events } }) => ({
      events: await service.park({ source, consumer, topic, letters: events }),
    })),

    implementSite(outbox.parkedKeys, async ({ query: { source, consumer, topic, after = '', limit = 1_000 } }) => ({
      keys: await service.listParkedKeys({ source, consumer, topic, after, limit }),
    })),

    implementSite(outbox.retries, async ({ query, reply }) => {
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const letters = await service.lease(
        {
          consumer: query.consumer,
          topics: query.topics.split(','),
          owner: query.owner,
          holding: parseIds(query.holding),
          limit: query.limit ?? 16,
          waitSeconds: query.wait_seconds ?? 25,
          leaseSeconds: query.lease_seconds ?? 30,
        },
        AbortSignal.any([gone.signal, draining]),
      );
      return new RawJson(`{"letters":[${letters.join(',')}]}`);
    }),

    implementSite(outbox.settle, async ({ body }) => {
      const { source, consumer, owner, tenant_id: tenantId, event_id: eventId, result } = body;
      await service.settle({ source, consumer, owner, tenantId, eventId, result });
    }),
  ];
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function parseIds(text: string | undefined): string[] {
  const ids = text?.split(',') ?? [];
  if (ids.every((id) => uuid.test(id))) return ids;
  throw invalidField('/query/holding', 'not a list of ids');
}
