import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { pause } from './back-off.js';
import { type ConsumeOptions, defaultRetry, type EventBus } from './bus.js';
import { createKeyLanes } from './key-lanes.js';
import type { PullClient } from './pull-client.js';
import { runRetryLane } from './retry-lane.js';
import { readTopic } from './topic-reader.js';

export interface PullBusOptions {
  readonly client: PullClient;
  readonly log: Logger;
  /** How long others wait before they take over from a consumer that died. 5 to 300; default 15. */
  readonly leaseSeconds?: number;
  /** Of one long poll. Default 25. */
  readonly waitSeconds?: number;
  /** Events in hand at most, per source and topic. 1 to 500; default 200. */
  readonly windowSize?: number;
}

/** The bus without a broker: long polls of the planes' outbox, under a lease per source and topic. */
export function createPullBus(options: PullBusOptions): EventBus {
  const { client, log, leaseSeconds = 15, waitSeconds = 25, windowSize = 200 } = options;
  return {
    async consume({ consumer, topics, handler, signal, observer = {}, ...rest }: ConsumeOptions): Promise<void> {
      const { concurrency = 8, retry = defaultRetry, drainMs = 8_000 } = rest;
      const cut = new AbortController();
      // Each key that waits for its next try listens to it.
      setMaxListeners(0, signal);
      const lanes = createKeyLanes({ handler, concurrency, retry, log, stopping: signal, cut: cut.signal });
      // Of this run, not of the process's configuration: two runs with one owner would share a lease.
      const owner = uuidv7();
      const shared = { consumer, owner, client, log, observer, stopping: signal, leaseSeconds, waitSeconds };
      const reading = Promise.all([
        ...topics.map((topic) => readTopic({ ...shared, topic, windowSize, run: (item) => lanes.run(item) })),
        runRetryLane({
          ...shared,
          topics,
          handler,
          retry,
          limit: lanes.limit,
          capacity: concurrency,
          cut: cut.signal,
        }),
      ]);
      const ended = new AbortController();
      const drained = reading.finally(() => ended.abort());
      if (!signal.aborted) await Promise.race([drained, aborted(signal)]);
      await Promise.race([drained, pause(drainMs, ended.signal)]);
      cut.abort();
      // A handler that heeds its signal ends now; one that does not is left to the end of the process.
      await Promise.race([drained, pause(1_000, ended.signal)]);
    },
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
