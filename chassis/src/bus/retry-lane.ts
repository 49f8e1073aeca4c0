import type { CloudEvent } from '@platen/schema/events/cloud-event';
import type { Topic } from '@platen/schema/events/index';
import type { LimitFunction } from 'p-limit';
import type { Logger } from 'pino';
import { backOffMs, pause } from './back-off.js';
import {
  type ConsumerObserver,
  DependencyAway,
  type EventHandler,
  laterMs,
  type RetryPolicy,
  UnprocessableEvent,
} from './bus.js';
import { errorText, eventLog } from './event-log.js';
import {
  isLeaseLost,
  isUnknownSource,
  type LeasedLetter,
  type LettersClient,
  type TryResult,
} from './letters-client.js';

export interface RetryLaneOptions {
  readonly client: LettersClient;
  readonly consumer: string;
  readonly topics: readonly Topic[];
  /** Of this run, as with a lease of the main lane. */
  readonly owner: string;
  readonly handler: EventHandler;
  readonly retry: RetryPolicy;
  /** Shared with the main lane: handlers run side by side up to one bound. */
  readonly limit: LimitFunction;
  /** Letters in hand at most. */
  readonly capacity: number;
  readonly log: Logger;
  readonly observer: ConsumerObserver;
  readonly stopping: AbortSignal;
  /** Handed to handlers. */
  readonly cut: AbortSignal;
  readonly leaseSeconds: number;
  readonly waitSeconds: number;
}

const pollRetry = { firstMs: 200, longestMs: 10_000 };
const settleRetry = { firstMs: 100, longestMs: 5_000 };

/** Tries parked events again when their time has come, beside the main lane. Runs until stopped; then finishes what it has in hand. */
export async function runRetryLane(options: RetryLaneOptions): Promise<void> {
  const { client, consumer, topics, owner, capacity, stopping, leaseSeconds } = options;
  const inHand = new Map<string, Promise<void>>();
  let interrupt = new AbortController();
  let wasFull = false;

  function take(letter: LeasedLetter): void {
    const { id } = letter.event;
    if (inHand.has(id)) return;
    const work = tryLetter(options, letter)
      .then((result) => settle(options, letter, result))
      .finally(() => {
        inHand.delete(id);
        if (wasFull) interrupt.abort();
      });
    inHand.set(id, work);
  }

  async function poll(): Promise<void> {
    interrupt = new AbortController();
    const holding = [...inHand.keys()];
    wasFull = holding.length >= capacity;
    const { letters } = await client.retries(
      {
        consumer,
        topics: topics.join(','),
        owner,
        limit: capacity - holding.length,
        // Often enough to keep the leases of what is in hand.
        wait_seconds: holding.length > 0 ? Math.max(1, Math.floor(leaseSeconds / 3)) : options.waitSeconds,
        lease_seconds: leaseSeconds,
        ...(holding.length > 0 ? { holding: holding.join(',') } : {}),
      },
      { signal: AbortSignal.any([stopping, interrupt.signal]) },
    );
    for (const letter of letters) take(letter);
  }

  for (let failures = 0; !stopping.aborted; ) {
    try {
      await poll();
      failures = 0;
    } catch (error) {
      if (stopping.aborted) break;
      if (interrupt.signal.aborted) continue;
      failures += 1;
      options.log.warn({ consumer, failures, error }, 'asking for letters failed; trying again');
      await pause(backOffMs(pollRetry, failures), stopping);
    }
  }
  await Promise.all(inHand.values());
}

/** One try; an event that only waited behind another gets all the quick ones of a new event. Never rejects. */
async function tryLetter(options: RetryLaneOptions, letter: LeasedLetter): Promise<TryResult> {
  const { retry, stopping, handler, cut, limit } = options;
  // The consumer asked for these topics and no others.
  const topic = letter.topic as Topic;
  const quickTries = letter.attempts === 0 ? retry.tries : 1;
  for (let tries = 1; ; tries += 1) {
    const attempts = letter.attempts + tries;
    const failure = await limit(async () => {
      if (stopping.aborted) return released;
      try {
        await handler({ event: letter.event, topic, attempt: attempts, signal: cut });
        return done;
      } catch (error) {
        return { error };
      }
    });
    if ('outcome' in failure) return failure;
    const { error } = failure;
    const result = explain(retry, error, attempts);
    const isLast = tries >= quickTries || error instanceof DependencyAway || error instanceof UnprocessableEvent;
    report(options, letter.event, error, result, isLast);
    if (isLast) return result;
    await pause(backOffMs(retry, tries), stopping);
  }
}

const done: TryResult = { outcome: 'done' };
const released: TryResult = { outcome: 'released' };

function explain(retry: RetryPolicy, error: unknown, attempts: number): TryResult & { outcome: 'failed' } {
  const failed = { outcome: 'failed', error: errorText(error) } as const;
  // Nothing that the event is to blame for: not counted, and soon again.
  if (error instanceof DependencyAway) return { ...failed, attempts: attempts - 1, retry_after_ms: retry.longestMs };
  if (error instanceof UnprocessableEvent) return { ...failed, attempts, retry_after_ms: null };
  return { ...failed, attempts, retry_after_ms: laterMs(retry, attempts) };
}

function report(
  { log }: RetryLaneOptions,
  event: CloudEvent,
  error: unknown,
  { attempts, retry_after_ms }: TryResult & { outcome: 'failed' },
  isLast: boolean,
): void {
  const line = eventLog(log, event);
  const data = { event_id: event.id, event_type: event.type, attempt: attempts, error };
  if (!isLast || retry_after_ms !== null) {
    line.warn({ ...data, retry_after_ms: isLast ? retry_after_ms : 0 }, 'parked event failed; trying again');
    return;
  }
  line.error(data, 'parked event is dead until somebody replays or drops it');
}

/** Until it is stored, or the letter is somebody else's. Never rejects. */
async function settle(options: RetryLaneOptions, letter: LeasedLetter, result: TryResult): Promise<void> {
  const { client, consumer, owner, log, stopping, observer } = options;
  const { source, event } = letter;
  const ids = { source, consumer, owner, tenant_id: event.tenantid, event_id: event.id };
  for (let failures = 1; ; failures += 1) {
    try {
      await client.settle({ ...ids, result });
      if (result.outcome === 'done') observer.recovered?.(event, letter.attempts + 1);
      if (result.outcome === 'failed' && result.retry_after_ms === null) observer.dead?.(event, result.attempts);
      return;
    } catch (error) {
      const isLost = isLeaseLost(error) || isUnknownSource(error);
      log.warn(
        { source, event_id: event.id, failures, error },
        isLost ? 'letter lost to another' : 'settling a letter failed',
      );
      // The lease runs out, and somebody tries it again.
      if (isLost || stopping.aborted) return;
      await pause(backOffMs(settleRetry, failures), stopping);
    }
  }
}
