import { type Static, Type } from 'typebox';
import { contracts } from '../../contract.js';
import { CloudEvent } from '../../events/cloud-event.js';
import { closed, Id, literals, nullable, Timestamp } from '../shapes.js';
import { EventKey, Position, Source } from './outbox.js';

/**
 * `waiting`: it is tried again at `retry_at`. `following`: not tried yet, its turn comes after an earlier event of its key.
 * `dead`: it is not tried again before somebody says so.
 */
export const letterStates = ['waiting', 'following', 'dead'] as const;
export type LetterState = (typeof letterStates)[number];

/** `@relay` too: events that are larger than a broker takes. */
const Consumer = Type.String({ pattern: '^@?[a-z][a-z0-9_.-]{0,63}$', examples: ['erp-worker'] });
const ref = { source: Source, consumer: Consumer, tenant_id: Id, event_id: Id };
export const LetterRef = closed(ref);
export type LetterRef = Static<typeof LetterRef>;

const letter = {
  ...ref,
  topic: Type.String(),
  key: EventKey,
  position: Position,
  event_type: Type.String(),
  state: literals(letterStates),
  attempts: Type.Integer(),
  /** Of the last try. */
  error: Type.String(),
  parked_at: Timestamp,
  retry_at: nullable(Timestamp),
  /** A consumer has it in hand at this moment. */
  in_hand: Type.Boolean(),
};
export const DeadLetter = closed(letter);
export type DeadLetter = Static<typeof DeadLetter>;

const Letters = Type.Array(LetterRef, { minItems: 1, maxItems: 100 });
/** Who acts, for the log: a service token names a machine. */
const By = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\p{Cc}]+$' });

/** For people: what stands parked in the databases of a plane, of all tenants. */
export const deadLetters = contracts('internal.deadLetters', {
  list: {
    method: 'GET',
    path: '/internal/dead-letters',
    access: { service: 'outbox' },
    summary: 'Parked events, key by key in their order',
    query: closed({
      consumer: Type.Optional(Consumer),
      tenant_id: Type.Optional(Id),
      key: Type.Optional(EventKey),
      event_id: Type.Optional(Id),
      state: Type.Optional(literals(letterStates)),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
      cursor: Type.Optional(Type.String({ maxLength: 1024 })),
    }),
    status: 200,
    response: closed({
      items: Type.Array(DeadLetter),
      next_cursor: nullable(Type.String()),
      /** Databases that could not be read: what they hold is missing here. */
      away: Type.Array(Source),
    }),
    errors: ['invalid_cursor'],
  },
  get: {
    method: 'GET',
    path: '/internal/dead-letters/one',
    access: { service: 'outbox' },
    summary: 'A parked event with all it says',
    query: LetterRef,
    status: 200,
    response: closed({
      ...letter,
      event: CloudEvent,
      /** Later events of its key that wait behind it. */
      followers: Type.Integer(),
    }),
    errors: ['not_found', 'unknown_reference', 'database_unavailable'],
  },
  replay: {
    method: 'POST',
    path: '/internal/dead-letters/replay',
    access: { service: 'outbox' },
    summary: 'Try parked events now, as if they came for the first time',
    description: 'One that follows an earlier event is left: its turn comes after that one.',
    body: closed({ letters: Letters, by: By }),
    status: 200,
    response: closed({
      letters: Type.Array(
        closed({ event_id: Id, outcome: literals(['replayed', 'following', 'in_hand', 'gone'] as const) }),
      ),
    }),
    errors: ['unknown_reference', 'database_unavailable'],
    idempotency: 'exempt',
  },
  drop: {
    method: 'POST',
    path: '/internal/dead-letters/drop',
    access: { service: 'outbox' },
    summary: 'Give parked events up: their consumer never handles them, and what follows them is due',
    body: closed({ letters: Letters, by: By }),
    status: 200,
    response: closed({
      letters: Type.Array(closed({ event_id: Id, outcome: literals(['dropped', 'in_hand', 'gone'] as const) })),
    }),
    errors: ['unknown_reference', 'database_unavailable'],
    idempotency: 'exempt',
  },
});
