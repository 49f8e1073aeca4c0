import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { CloudEvent } from '../../events/cloud-event.js';
import { closed, Id, nullable } from '../shapes.js';

const Consumer = Type.String({ pattern: '^[a-z][a-z0-9_.-]{0,63}$' });
/** Opaque id of a database: consumers never learn a key or an address. */
const Source = Type.String({ minLength: 1, maxLength: 64 });
const Position = Type.String({ pattern: '^\\d{1,19}$' });

/** The pull transport: what a worker reads where no broker is configured. A position belongs to (source, consumer, topic). */
export const outbox = contracts('internal.outbox', {
  pull: {
    method: 'GET',
    path: '/internal/outbox',
    access: { service: 'outbox' },
    summary: 'Lease the next events of a topic, waiting for some if there are none',
    description:
      'The lease is held by `owner` until `lease_seconds` have passed or the batch is acknowledged; meanwhile another owner gets an empty batch. An acknowledgement renews it.',
    query: closed({
      consumer: Consumer,
      topic: Type.String({ maxLength: 64 }),
      owner: Id,
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
      wait_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 25, default: 25 })),
      lease_seconds: Type.Optional(Type.Integer({ minimum: 5, maximum: 300, default: 30 })),
    }),
    status: 200,
    response: closed({
      batches: Type.Array(
        closed({
          source: Source,
          events: Type.Array(closed({ position: Position, key: Type.String(), event: CloudEvent })),
        }),
      ),
    }),
    errors: ['database_unavailable'],
  },
  ack: {
    method: 'POST',
    path: '/internal/outbox/ack',
    access: { service: 'outbox' },
    summary: 'Move the position past handled events, and park those that keep failing',
    body: closed({
      source: Source,
      consumer: Consumer,
      topic: Type.String({ maxLength: 64 }),
      owner: Id,
      /** Everything up to here is done or in `dead_letters`. */
      position: Position,
      dead_letters: Type.Optional(
        Type.Array(
          closed({
            event_id: Id,
            attempts: Type.Integer({ minimum: 1, maximum: 10_000 }),
            error: Type.String({ maxLength: 4000 }),
          }),
          { maxItems: 500 },
        ),
      ),
    }),
    status: 200,
    response: closed({ position: Position, lag: nullable(Type.Integer()) }),
    errors: ['lease_lost', 'unknown_reference'],
    idempotency: 'exempt',
  },
});
