import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { pause } from '../back-off.js';
import { type ConsumeOptions, defaultRetry, type EventBus } from '../bus.js';
import { createKeyLanes } from '../key-lanes.js';
import type { LettersClient } from '../letters-client.js';
import { runRetryLane } from '../retry-lane.js';
import { GroupReader } from './group-reader.js';
import type { KafkaPlaceSettings } from './settings.js';

export interface KafkaBusOptions {
  readonly kafka: KafkaPlaceSettings;
  /** Of the plane whose events these are: what cannot be handled is kept in its databases. */
  readonly letters: LettersClient;
  /** Between prefix and consumer: consumers of one name in different planes are different groups. */
  readonly groupPrefix?: string;
  readonly log: Logger;
  /** How long others wait before they take over from a consumer that died. At least 6, as brokers have it; default 15. */
  readonly sessionSeconds?: number;
  /** Events in hand per partition, above which no more of it are fetched. Default 200. */
  readonly windowSize?: number;
  /** Of one poll for letters. Default 25. */
  readonly waitSeconds?: number;
}

/** A consumer's group is never asked for more letters at once than this. */
const lettersInHand = 16;
/** For what is settled to be committed, and for the group to be left, once the time to drain is over. */
const leaveMs = 1_000;

/** The bus over a broker that the planes' relays fill. Reads, and writes nothing to Kafka but its group's offsets. */
export function createKafkaBus(options: KafkaBusOptions): EventBus {
  const { log, sessionSeconds = 15, windowSize = 200, waitSeconds = 25 } = options;
  return {
    async consume({ consumer, topics, handler, signal, observer = {}, ...rest }: ConsumeOptions): Promise<void> {
      const { concurrency = 8, retry = defaultRetry, drainMs = 8_000 } = rest;
      const cut = new AbortController();
      // Each key that waits for its next try listens to it.
      setMaxListeners(0, signal);
      const lanes = createKeyLanes({ handler, concurrency, retry, log, stopping: signal, cut: cut.signal });
      const group = new GroupReader({
        kafka: options.kafka,
        letters: options.letters,
        consumer,
        groupId: `${options.kafka.topicPrefix}${options.groupPrefix ?? ''}${consumer}`,
        topics,
        sessionMs: Math.max(6, sessionSeconds) * 1_000,
        windowSize,
        log,
        observer,
        stopping: signal,
        run: (item) => lanes.run(item),
      });
      const retrying = runRetryLane({
        client: options.letters,
        consumer,
        topics,
        owner: uuidv7(),
        handler,
        retry,
        limit: lanes.limit,
        capacity: lettersInHand,
        log,
        observer,
        stopping: signal,
        cut: cut.signal,
        leaseSeconds: sessionSeconds,
        waitSeconds,
      });
      if (!signal.aborted) await aborted(signal);
      const endsAtMs = performance.now() + drainMs + leaveMs;
      const ended = new AbortController();
      const drained = Promise.all([group.settled(), retrying]).finally(() => ended.abort());
      await Promise.race([drained, pause(drainMs, ended.signal)]);
      cut.abort();
      // A handler that heeds its signal ends now; one that does not is left to the end of the process.
      await Promise.race([drained, pause(leaveMs, ended.signal)]);
      await group.leave({ eachMs: leaveMs, endsAtMs });
    },
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
