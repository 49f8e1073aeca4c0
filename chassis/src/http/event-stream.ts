import type { FastifyRequest } from 'fastify';
import { invalidField } from './app-error.js';

/** Where the source of a stream writes to. */
export interface EventSink {
  /** Aborted when the stream is over, for whatever reason. */
  readonly closed: AbortSignal;
  /** Whole events, as `formatEvent` makes them. False: the stream is over; its reader may just have been cut off for being slow. */
  send(text: string): boolean;
  /** What was sent is out of our hands, or the stream is over: before the next page of many. */
  drained(): Promise<void>;
}

/** What a contract with `events` answers. Whatever may be refused is refused before; from here on there is an answer. */
export class EventStream {
  /** Runs until `sink.closed`. Returning or failing earlier ends the stream; its reader comes back. */
  readonly run: (sink: EventSink) => Promise<void>;
  /** Where to resume if nothing more is sent; goes with heartbeats, so that a quiet stream's place does not grow old. */
  readonly position: () => string | null;
  constructor(run: (sink: EventSink) => Promise<void>, position: () => string | null = () => null) {
    this.run = run;
    this.position = position;
  }
}

export interface OutgoingEvent {
  /** Where to resume after it; no line break. */
  readonly id: string;
  readonly type: string;
  /** JSON on one line. */
  readonly data: string;
}

/** One event of `text/event-stream` (HTML, server-sent events, section 9.2.5). JSON and our ids have no line breaks. */
export const formatEvent = ({ id, type, data }: OutgoingEvent): string =>
  `id: ${id}\nevent: ${type}\ndata: ${data}\n\n`;

const maxPosition = 2n ** 63n - 1n;

/**
 * The place in the outbox that a reader has seen everything up to. Browsers repeat the address of their first connection,
 * so that the header is the newer one of the two.
 * @throws AppError validation_failed
 */
export function readLastEventId(
  { headers }: Pick<FastifyRequest, 'headers'>,
  query: { readonly last_event_id?: string },
): bigint | null {
  const header = headers['last-event-id'];
  const text = header ?? query.last_event_id;
  if (text === undefined || text === '') return null;
  const position = typeof text === 'string' && /^\d{1,19}$/.test(text) ? BigInt(text) : null;
  if (position !== null && position <= maxPosition) return position;
  const path = header === undefined ? '/query/last_event_id' : '/headers/last-event-id';
  throw invalidField(path, 'not a position');
}
