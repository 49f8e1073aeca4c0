import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { CloudEvent } from '../../events/cloud-event.js';
import { closed, Id, nullable } from '../shapes.js';

export const Consumer = Type.String({ pattern: '^[a-z][a-z0-9_.-]{0,63}$', examples: ['erp-worker'] });
/** Opaque id of a database: consumers never learn a key or an address. */
export const Source = Type.String({ minLength: 1, maxLength: 64 });
export const Position = Type.String({ pattern: '^\\d{1,19}$' });
const TopicName = Type.String({ minLength: 1, maxLength: 64 });
/** `tenant_id:aggregate_id` */
export const EventKey = Type.String({ maxLength: 256 });
/** What a handler said, shortened. */
const ErrorText = Type.String({ maxLength: 4000 });
/** How long until it is tried again, from now on; null: not before somebody says so. */
const RetryAfterMs = nullable(Type.Integer({ minimum: 0, maximum: 86_400_000 }));
const LeaseSeconds = Type.Integer({ minimum: 5, maximum: 300, default: 30 });

/**
 * The pull transport, what a worker reads where no broker is configured: a position belongs to (source, consumer, topic).
 * And the letters of every transport: events that a consumer could not handle, kept in the database that they are from.
 */
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
      lease_seconds: Type.Optional(LeaseSeconds),
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
    summary: 'Move the position past events that are handled or parked',
    body: closed({
      source: Source,
      consumer: Consumer,
      topic: Type.String({ maxLength: 64 }),
      owner: Id,
      /** Everything up to here is done or parked. */
      position: Position,
      lease_seconds: Type.Optional(LeaseSeconds),
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
  park: {
    method: 'POST',
    path: '/internal/outbox/park',
    access: { service: 'outbox' },
    summary: 'Set events aside that cannot be handled now, and those that follow them',
    description:
      "An event that was tried becomes a letter. One that was not (`attempts` 0) does so only behind an earlier letter of its key; else it is the caller's to handle, and where `key_parked` is false too, its key is free again. An event that is a letter already stays as it is. To be called for one event of a key at a time, in order.",
    body: closed({
      source: Source,
      consumer: Consumer,
      topic: TopicName,
      events: Type.Array(
        closed({
          event_id: Id,
          tenant_id: Id,
          /** 0: never tried, because an earlier event of its key is parked. */
          attempts: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
          error: ErrorText,
          /** Of no meaning with `attempts` 0: then its turn comes after what it follows. */
          retry_after_ms: RetryAfterMs,
        }),
        { minItems: 1, maxItems: 100 },
      ),
    }),
    status: 200,
    response: closed({
      /** As they were sent. */
      events: Type.Array(
        closed({
          event_id: Id,
          /** It is a letter. False with `attempts` above 0: the outbox does not know the event any more. */
          parked: Type.Boolean(),
          /** There are letters of its key, before it or after it. */
          key_parked: Type.Boolean(),
        }),
      ),
    }),
    errors: ['unknown_reference', 'database_unavailable'],
    idempotency: 'exempt',
  },
  parkedKeys: {
    method: 'GET',
    path: '/internal/outbox/parked-keys',
    access: { service: 'outbox' },
    summary: 'Keys of which a consumer has letters',
    description: 'In the order of the keys; a full answer may go on after its last one.',
    query: closed({
      source: Source,
      consumer: Consumer,
      topic: TopicName,
      after: Type.Optional(EventKey),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 1000 })),
    }),
    status: 200,
    response: closed({ keys: Type.Array(EventKey) }),
    errors: ['unknown_reference', 'database_unavailable'],
  },
  retries: {
    method: 'GET',
    path: '/internal/outbox/retries',
    access: { service: 'outbox' },
    summary: 'Lease the oldest letter of each key that is due, waiting for some if there are none',
    description:
      'The lease is held by `owner` until it is settled or `lease_seconds` have passed; each call renews those in `holding`. A letter leased to the owner that is not among them is given out again: its answer was lost.',
    query: closed({
      consumer: Consumer,
      topics: Type.String({ maxLength: 1024, pattern: '^[a-z0-9_.,-]+$', description: 'Comma-separated' }),
      owner: Id,
      /** Event ids, comma-separated. */
      holding: Type.Optional(Type.String({ maxLength: 12_000, pattern: '^[0-9a-f,-]+$' })),
      limit: Type.Optional(Type.Integer({ minimum: 0, maximum: 256, default: 16 })),
      wait_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 25, default: 25 })),
      lease_seconds: Type.Optional(LeaseSeconds),
    }),
    status: 200,
    response: closed({
      letters: Type.Array(
        closed({
          source: Source,
          topic: TopicName,
          key: EventKey,
          position: Position,
          /** Before this one. */
          attempts: Type.Integer(),
          event: CloudEvent,
        }),
      ),
    }),
    errors: ['database_unavailable'],
  },
  settle: {
    method: 'POST',
    path: '/internal/outbox/retries/settle',
    access: { service: 'outbox' },
    summary: 'Say how the try of a leased letter ended',
    description:
      '`done`: the letter goes, and the next of its key is due. `failed`: it is tried again after a time, or not before somebody says so. `released`: it was not tried; it is due for others.',
    body: closed({
      source: Source,
      consumer: Consumer,
      owner: Id,
      tenant_id: Id,
      event_id: Id,
      result: Type.Union([
        closed({ outcome: Type.Literal('done') }),
        closed({
          outcome: Type.Literal('failed'),
          /** With this one; tries that something else made impossible do not count. */
          attempts: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
          error: ErrorText,
          retry_after_ms: RetryAfterMs,
        }),
        closed({ outcome: Type.Literal('released') }),
      ]),
    }),
    status: 204,
    errors: ['lease_lost', 'unknown_reference', 'database_unavailable'],
    idempotency: 'exempt',
  },
});
