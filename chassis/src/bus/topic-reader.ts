import type { Topic } from '@platen/schema/events/index';
import type { Logger } from 'pino';
import { backOffMs, pause } from './back-off.js';
import type { ConsumerObserver } from './bus.js';
import type { LaneItem, Outcome } from './key-lanes.js';
import { Letters } from './letters.js';
import type { PullClient, PulledEvent } from './pull-client.js';
import { SourceReader } from './source-reader.js';

export interface TopicReaderOptions {
  readonly topic: Topic;
  readonly consumer: string;
  readonly owner: string;
  readonly client: PullClient;
  readonly log: Logger;
  readonly observer: ConsumerObserver;
  readonly stopping: AbortSignal;
  readonly leaseSeconds: number;
  readonly waitSeconds: number;
  /** Events of a source in hand at most; also of one pull. */
  readonly windowSize: number;
  run(item: LaneItem): Promise<Outcome>;
}

const pullRetry = { firstMs: 100, longestMs: 5_000 };
/** A source with a full window is asked for events after this: none, and its lease is renewed all the same. */
const endOfTime = '9223372036854775807';

/** Reads one topic from every source, each at its own pace: a slow or stuck source only fills its own window. */
export async function readTopic(options: TopicReaderOptions): Promise<void> {
  const { stopping, windowSize, leaseSeconds } = options;
  const readers = new Map<string, SourceReader>();
  const letters = new Letters(options);
  let asksForFull = false;
  let interrupt = new AbortController();

  function onChange(): void {
    for (const [source, reader] of readers) if (reader.isLost) readers.delete(source);
    const hasRoom = [...readers.values()].every((reader) => reader.window.size <= windowSize / 2);
    if (asksForFull && hasRoom) interrupt.abort();
  }

  const readerOf = (source: string): SourceReader => {
    const known = readers.get(source);
    if (known) return known;
    const reader = new SourceReader({ ...options, source, letters, onChange });
    readers.set(source, reader);
    return reader;
  };

  function after(): string[] {
    asksForFull = false;
    return [...readers].flatMap(([source, { window }]) => {
      if (window.size >= windowSize) {
        asksForFull = true;
        return [`${source}:${endOfTime}`];
      }
      return window.isAhead ? [`${source}:${window.fetched}`] : [];
    });
  }

  function take(source: string, events: readonly PulledEvent[]): void {
    const known = readers.get(source);
    if (known?.isSetBack(events)) {
      options.log.warn({ topic: options.topic, source }, 'source set back; reading it anew');
      known.lose();
      readers.delete(source);
    }
    readerOf(source).take(events);
  }

  async function pull(): Promise<void> {
    const inHand = after();
    interrupt = new AbortController();
    const { batches } = await options.client.pull(
      {
        consumer: options.consumer,
        topic: options.topic,
        owner: options.owner,
        limit: windowSize,
        // Often enough to keep the lease of what is in hand.
        wait_seconds: inHand.length > 0 ? Math.max(1, Math.floor(leaseSeconds / 3)) : options.waitSeconds,
        lease_seconds: leaseSeconds,
        ...(inHand.length > 0 ? { after: inHand.join(',') } : {}),
      },
      { signal: AbortSignal.any([stopping, interrupt.signal]) },
    );
    for (const { source, events } of batches) take(source, events);
  }

  for (let failures = 0; !stopping.aborted; ) {
    try {
      await pull();
      failures = 0;
    } catch (error) {
      if (stopping.aborted) break;
      if (interrupt.signal.aborted) continue;
      failures += 1;
      options.log.warn({ topic: options.topic, failures, error }, 'pulling events failed; trying again');
      await pause(backOffMs(pullRetry, failures), stopping);
    }
  }
  await Promise.all([...readers.values()].map((reader) => reader.close()));
}
