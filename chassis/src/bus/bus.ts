import type { CloudEvent } from '@platen/schema/events/cloud-event';
import type { Topic } from '@platen/schema/events/index';
import type { BackOff } from './back-off.js';

/**
 * How services consume events, whichever transport carries them: at least once, in order per key. An effect in one of
 * our own databases becomes exactly-once by the event's id in `inbox_events`; elsewhere by an id derived from it.
 */
export interface EventBus {
  /** Runs until `signal` aborts; then resolves when what was begun is finished and its positions are stored. */
  consume(options: ConsumeOptions): Promise<void>;
}

export interface ConsumeOptions {
  /** Each consumer has a position of its own in every topic. `[a-z][a-z0-9_.-]*`, at most 64 characters. */
  readonly consumer: string;
  readonly topics: readonly Topic[];
  readonly handler: EventHandler;
  readonly signal: AbortSignal;
  /** Keys handled at once. Default 8. */
  readonly concurrency?: number;
  readonly retry?: RetryPolicy;
  /** How long a handler may go on after `signal`, before its own signal aborts. Default 8000. */
  readonly drainMs?: number;
  readonly observer?: ConsumerObserver;
}

export interface Delivery {
  readonly event: CloudEvent;
  readonly topic: Topic;
  /** From 1. */
  readonly attempt: number;
  /** Aborts when the time to drain is over. */
  readonly signal: AbortSignal;
}

/** Resolves when the effect is there. Whatever it rejects with is tried again, but for the two errors below. */
export type EventHandler = (delivery: Delivery) => Promise<void>;

export interface RetryPolicy extends BackOff {
  /** One soon after the other. Afterwards the event is parked, and later events of its key follow it. */
  readonly tries: number;
  /** The waits before the tries of a parked event; after the last of them it waits for somebody to replay or drop it. */
  readonly laterMs: readonly number[];
}

export const defaultRetry: RetryPolicy = {
  tries: 8,
  firstMs: 250,
  longestMs: 30_000,
  laterMs: [60_000, 300_000, 1_800_000],
};

/** How long a parked event waits that was tried so often; null: for somebody. */
export const laterMs = (retry: RetryPolicy, attempts: number): number | null =>
  retry.laterMs[Math.max(0, attempts - retry.tries)] ?? null;

export interface ConsumerObserver {
  /** Events of a topic not acknowledged in one source (a database or a partition). */
  lag?(topic: Topic, source: string, events: number): void;
  /** `attempts` 0: it was not tried, it followed an earlier event of its key. */
  parked?(topic: Topic, event: CloudEvent, attempts: number): void;
  /** A message that is no event of ours was passed over in a partition. */
  skipped?(topic: Topic, source: string): void;
  /** A parked event was handled. */
  recovered?(event: CloudEvent, attempts: number): void;
  /** A parked event will not be tried again by itself. */
  dead?(event: CloudEvent, attempts: number): void;
}

/** Thrown by a handler: no further try can help. The event is parked at once, for somebody to look at. */
export class UnprocessableEvent extends Error {
  override readonly name = 'UnprocessableEvent';
}

/** Thrown by a handler: what it needs is away. It is tried until that is back, however often: no reason to park the event. */
export class DependencyAway extends Error {
  override readonly name = 'DependencyAway';
}
