import { outbox } from '@platen/schema/contracts/internal/outbox';
import { invalidField } from '../http/app-error.js';
import { implementSite } from '../http/implement.js';
import { RawJson, type SiteImplementation } from '../http/types.js';
import type { Batch, OutboxService } from './outbox-service.js';

export function outboxRoutes(service: OutboxService, draining: AbortSignal): SiteImplementation[] {
  return [
    implementSite(outbox.pull, async ({ query, reply }) => {
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const batches = await service.pull(
        {
          consumer: query.consumer,
          topic: query.topic,
          owner: query.owner,
          leaseSeconds: query.lease_seconds ?? 30,
          limit: query.limit ?? 100,
          waitSeconds: query.wait_seconds ?? 25,
          after: parseAfter(query.after),
        },
        AbortSignal.any([gone.signal, draining]),
      );
      return new RawJson(`{"batches":[${batches.map(batchJson).join(',')}]}`);
    }),

    implementSite(outbox.ack, async ({ body }) =>
      service.ack({
        source: body.source,
        consumer: body.consumer,
        topic: body.topic,
        owner: body.owner,
        leaseSeconds: body.lease_seconds ?? 30,
        position: parsePosition(body.position, '/body/position'),
        release: body.release ?? false,
      }),
    ),
  ];
}

const batchJson = ({ source, events }: Batch): string =>
  `{"source":${JSON.stringify(source)},"events":[${events.join(',')}]}`;

const maxPosition = 2n ** 63n - 1n;

/** 19 digits can be more than a bigint of the database. */
function parsePosition(text: string, path: string): bigint {
  const position = /^\d{1,19}$/.test(text) ? BigInt(text) : -1n;
  if (position >= 0n && position <= maxPosition) return position;
  throw invalidField(path, 'not a position');
}

function parseAfter(text: string | undefined): Map<string, bigint> {
  const after = new Map<string, bigint>();
  for (const part of text?.split(',') ?? []) {
    const [source = '', position = ''] = part.split(':');
    after.set(source, parsePosition(position, '/query/after'));
  }
  return after;
}
