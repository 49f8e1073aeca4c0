import { deadLetters } from '@platen/schema/contracts/internal/dead-letters';
import { implementSite } from '../http/implement.js';
import { RawJson, type SiteImplementation } from '../http/types.js';
import type { DeadLettersService } from './dead-letters-service.js';

export const deadLettersRoutes = (service: DeadLettersService): SiteImplementation[] => [
  implementSite(deadLetters.list, async ({ query }) => {
    const filter = {
      consumer: query.consumer ?? null,
      tenantId: query.tenant_id ?? null,
      key: query.key ?? null,
      eventId: query.event_id ?? null,
      state: query.state ?? null,
    };
    const { items, nextCursor, away } = await service.list(filter, query.limit ?? 50, query.cursor);
    const rest = JSON.stringify({ next_cursor: nextCursor, away }).slice(1);
    return new RawJson(`{"items":[${items.join(',')}],${rest}`);
  }),
  implementSite(deadLetters.get, async ({ query }) => new RawJson(await service.get(query))),
  implementSite(deadLetters.replay, async ({ ctx, body }) => ({
    letters: await service.replay({ ...body, principalId: ctx.principal?.id ?? null }),
  })),
  implementSite(deadLetters.drop, async ({ ctx, body }) => ({
    letters: await service.drop({ ...body, principalId: ctx.principal?.id ?? null }),
  })),
];
