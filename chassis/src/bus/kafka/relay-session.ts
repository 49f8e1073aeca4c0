import type { EventSource } from '@platen/schema/events/cloud-event';
import { topicNames } from '@platen/schema/events/index';
import type { Logger } from 'pino';
import { type LettersDatabase, leaseLetters, parkLetters, settleLetter } from '../letters-store.js';
import { relayConsumer } from '../sequencer-sql.js';
import { type EventProducer, isTooLarge, type OutboundEvent } from './producer.js';
import type { TakenEvent } from './relay-store.js';

/** What of an event its letter and its message are made of. */
type Relayed = Pick<TakenEvent, 'position' | 'tenant_id' | 'id' | 'topic' | 'key' | 'traceparent' | 'value' | 'parked'>;

export interface RelaySession {
  /** In order; resolves when each is with the broker or among the letters. */
  publish(events: readonly Relayed[]): Promise<void>;
  /** Letters that somebody replayed, or whose predecessor has gone. */
  retryLetters(): Promise<void>;
  /** What is on its way is given up. */
  close(): Promise<void>;
}

export interface RelaySessionOptions {
  readonly system: LettersDatabase;
  /** Opaque id of the database. */
  readonly source: string;
  readonly eventSource: EventSource;
  readonly owner: string;
  readonly log: Logger;
  openProducer(): Promise<EventProducer>;
}

/** Under the megabyte that a broker takes for a batch of one partition, if it is left as it comes. */
const maxSendBytes = 786_432;
const retryLimit = 16;
const letterLeaseSeconds = 60;

/**
 * The way to the broker of one holder of a database. An event that is larger than the broker takes becomes a letter of the
 * relay's, dead until somebody drops it, or replays it to a broker that takes more; later events of its key wait behind it.
 */
export async function openRelaySession(options: RelaySessionOptions): Promise<RelaySession> {
  const { system, source, log, owner } = options;
  let producer = await options.openProducer();
  let closed = false;
  /** Those that were found parked, or were parked, since the session began: what was read before does not know. */
  const parkedKeys = new Set<string>();

  async function publish(events: readonly Relayed[]): Promise<void> {
    const ready = parkedKeys.size > 0 || events.some((event) => event.parked) ? await withoutFollowers(events) : events;
    for (const part of partsOf(ready)) await publishPart(part);
  }

  async function publishPart(events: readonly Relayed[]): Promise<void> {
    try {
      await producer.send(events.map(messageOf));
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      await reopen();
      const [first] = events;
      if (events.length === 1 && first !== undefined) return parkTooLarge(first);
      const middle = Math.ceil(events.length / 2);
      await publish(events.slice(0, middle));
      await publish(events.slice(middle));
    }
  }

  const messageOf = ({ topic, key, value, position, traceparent }: Relayed): OutboundEvent => ({
    topic,
    key,
    value,
    headers: {
      'content-type': 'application/cloudevents+json',
      source,
      position,
      ...(traceparent !== null && { traceparent }),
    },
  });

  async function reopen(): Promise<void> {
    await producer.close();
    if (closed) throw new Error('the relay stops');
    producer = await options.openProducer();
  }

  async function parkTooLarge(event: Relayed): Promise<void> {
    const error = `the broker takes no message of ${Buffer.byteLength(event.value)} bytes`;
    await park(event, { attempts: 1, error });
    parkedKeys.add(nameOf(event));
    log.error(
      { event_id: event.id, topic: event.topic, reason: error },
      'an event cannot be relayed: it waits as a letter',
    );
  }

  async function park(event: Relayed, { attempts, error }: { attempts: number; error: string }) {
    const letter = { event_id: event.id, tenant_id: event.tenant_id, attempts, error, retry_after_ms: null };
    return parkLetters(system, { consumer: relayConsumer, topic: event.topic, letters: [letter] });
  }

  async function withoutFollowers(events: readonly Relayed[]): Promise<Relayed[]> {
    const ready: Relayed[] = [];
    for (const event of events) {
      const isFollower = event.parked || parkedKeys.has(nameOf(event));
      if (!isFollower || !(await follows(event))) ready.push(event);
    }
    return ready;
  }

  async function follows(event: Relayed): Promise<boolean> {
    const [answer] = await park(event, { attempts: 0, error: 'it waits behind an earlier event of its key' });
    if (answer?.key_parked) parkedKeys.add(nameOf(event));
    else parkedKeys.delete(nameOf(event));
    return answer?.parked === true;
  }

  async function retryLetters(): Promise<void> {
    const claim = { consumer: relayConsumer, topics: topicNames, owner, holding: [], limit: retryLimit };
    const { eventSource } = options;
    for (;;) {
      const items = await leaseLetters(system, { ...claim, leaseSeconds: letterLeaseSeconds, source, eventSource });
      for (const item of items) await retryLetter(letterOf(item));
      if (items.length === 0 || closed) return;
    }
  }

  async function retryLetter({ attempts, ...event }: Relayed & { readonly attempts: number }): Promise<void> {
    const ref = { consumer: relayConsumer, tenantId: event.tenant_id, eventId: event.id };
    try {
      await producer.send([messageOf(event)]);
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      await reopen();
      const text = `the broker takes no message of ${Buffer.byteLength(event.value)} bytes`;
      const failed = { outcome: 'failed', attempts: attempts + 1, error: text, retry_after_ms: null } as const;
      await settleLetter(system, ref, owner, failed);
      return;
    }
    await settleLetter(system, ref, owner, { outcome: 'done' });
  }

  return {
    publish,
    retryLetters,
    async close() {
      closed = true;
      await producer.close();
    },
  };
}

const nameOf = ({ topic, key }: Relayed): string => `${topic} ${key}`;

/** In their order; one that is larger by itself is a part of its own. */
function* partsOf(events: readonly Relayed[]): Generator<readonly Relayed[]> {
  let start = 0;
  let bytes = 0;
  for (const [index, { value }] of events.entries()) {
    const size = Buffer.byteLength(value);
    if (index > start && bytes + size > maxSendBytes) {
      yield events.slice(start, index);
      start = index;
      bytes = 0;
    }
    bytes += size;
  }
  if (start < events.length) yield events.slice(start);
}

interface LeasedLetter {
  readonly topic: string;
  readonly key: string;
  readonly position: string;
  readonly attempts: number;
  readonly event: { readonly id: string; readonly tenantid: string; readonly traceparent: string | null };
}

function letterOf(item: string): Relayed & { readonly attempts: number } {
  // Made by our own statement, of this shape.
  const { topic, key, position, attempts, event } = JSON.parse(item) as LeasedLetter;
  const { id, tenantid: tenant_id, traceparent } = event;
  return { topic, key, position, attempts, id, tenant_id, traceparent, value: JSON.stringify(event), parked: false };
}
