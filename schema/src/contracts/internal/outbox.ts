import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { CloudEvent } from '../../events/cloud-event.js';
import { closed, Id } from '../shapes.js';

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
      'The lease is held by `owner` until `lease_seconds` have passed or an acknowledgement releases it; meanwhile another owner gets nothing of that source. Every pull that finds events, and every acknowledgement, renews it. A consumer that was never here starts at the oldest event kept.',
    query: closed({
      consumer: Consumer,
      topic: Type.String({ maxLength: 64 }),
      owner: Id,
      /** Sources whose events up to a position are in the owner's hands, not yet acknowledged: `<source>:<position>`, comma-separated. */
      after: Type.Optional(Type.String({ maxLength: 8192, pattern: '^[A-Za-z0-9_:,-]+$' })),
      /** Per source. */
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
      wait_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 25, default: 25 })),
      lease_seconds: Type.Optional(Type.Integer({ minimum: 5, maximum: 300, default: 30 })),
    }),
    status: 200,
    response: closed({
      batches: Type.Array(
        closed({
          source: Source,
          events: Type.Array(
            closed({
              position: Position,
              key: Type.String(),
              /** An earlier event of this key is among this consumer's dead letters: this one must follow it there. */
              parked: Type.Boolean(),
              event: CloudEvent,
            }),
          ),
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
            position: Position,
            /** 0: never tried, because an earlier event of its key is parked. */
            attempts: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
            error: Type.String({ maxLength: 4000 }),
          }),
          { maxItems: 500 },
        ),
      ),
      lease_seconds: Type.Optional(Type.Integer({ minimum: 5, maximum: 300, default: 30 })),
      /** The owner stops reading: another may take over at once. */
      release: Type.Optional(Type.Boolean()),
    }),
    status: 200,
    response: closed({
      position: Position,
      /** Events of the topic in this source that are not acknowledged, counted up to 10,000. */
      lag: Type.Integer(),
    }),
    errors: ['lease_lost', 'unknown_reference'],
    idempotency: 'exempt',
  },
});
