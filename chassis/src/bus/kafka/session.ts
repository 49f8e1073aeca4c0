import type { Topic } from '@platen/schema/events/index';
import { type EachBatchPayload, type IMemberAssignment, Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { holdFor } from '../back-off.js';
import { kafkaLog } from './kafka-log.js';
import type { KafkaPlaceSettings } from './settings.js';
import { trackSockets } from './sockets.js';

export interface SessionOptions {
  readonly kafka: KafkaPlaceSettings;
  readonly groupId: string;
  readonly topics: readonly Topic[];
  /** Others take over from a member that has said nothing for so long. */
  readonly sessionMs: number;
  readonly log: Logger;
  /** The group has been joined, for the first time or after a rebalance. Nothing is delivered before it returns. */
  onAssigned(assignment: IMemberAssignment, memberId: string): void;
  /** A rebalance has begun: what is committed at once still counts. */
  onRebalancing(): void;
  onBatch(batch: EachBatchPayload['batch']): void;
}

export interface Position {
  readonly topic: Topic;
  readonly partition: number;
  readonly offset: string;
}

/** One membership in the group, from its start to whatever ends it. */
export interface Session {
  /** Resolves when it is over without having been closed. */
  readonly ended: Promise<Error>;
  /** Rejects when the broker has not stored them; null before anything was delivered. */
  readonly commit: ((positions: readonly Position[]) => Promise<void>) | null;
  setPaused(topic: Topic, partition: number, paused: boolean): void;
  /** Partition → the offset after its last message. */
  readEnds(topic: Topic): Promise<ReadonlyMap<number, bigint>>;
  /** Leaves the group, if that can be done in time; then nothing of it is left. */
  close(withinMs: number): Promise<void>;
}

/** A broker is asked once a second whether there is a rebalance; a fetch that finds nothing waits so long. */
const heartbeatMs = 1_000;
const fetchWaitMs = 150;
const rebalanceMs = 30_000;
/** A member that neither fetched nor joined for so long is stuck: more than a rebalance may take. */
const quietMs = 60_000;
/** Within a session, which gives up then for the next one; without it kafkajs waits up to half a minute between tries to connect. */
const retry = { retries: 4, initialRetryTime: 200, maxRetryTime: 2_000 };
/** Of one fetch and partition; a batch that is larger comes whole. */
const maxFetchBytes = 262_144;

export function openSession(options: SessionOptions): Session {
  const { groupId, sessionMs, log } = options;
  const { topicPrefix, ...connection } = options.kafka;
  const topics = options.topics.map((topic) => `${topicPrefix}${topic}`);
  const sockets = trackSockets();
  const kafka = new Kafka({
    ...connection,
    ...kafkaLog(log),
    socketFactory: sockets.open,
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    retry,
  });
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: sessionMs,
    rebalanceTimeout: rebalanceMs,
    heartbeatInterval: heartbeatMs,
    maxWaitTimeInMs: fetchWaitMs,
    maxBytesPerPartition: maxFetchBytes,
    // Each session is one client: kafkajs starts itself again in the middle of being stopped, and only after some errors.
    retry: { ...retry, restartOnFailure: async () => false },
  });

  let lastSignMs = performance.now();
  const sign = () => {
    lastSignMs = performance.now();
  };
  let commitNow: EachBatchPayload['commitOffsetsIfNecessary'] | null = null;
  let end: (reason: Error) => void = () => undefined;
  const ended = new Promise<Error>((resolve) => {
    end = resolve;
  });
  const watch = setInterval(() => {
    if (performance.now() - lastSignMs > quietMs) end(new Error('the broker says nothing'));
  }, 1_000).unref();
  void ended.then(() => clearInterval(watch));

  const { CRASH, GROUP_JOIN, REBALANCING, FETCH, HEARTBEAT } = consumer.events;
  consumer.on(FETCH, sign);
  consumer.on(HEARTBEAT, sign);
  consumer.on(REBALANCING, () => options.onRebalancing());
  consumer.on(CRASH, ({ payload }) => end(payload.error));
  consumer.on(GROUP_JOIN, ({ payload }) => {
    sign();
    options.onAssigned(payload.memberAssignment, payload.memberId);
  });

  async function start(): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch, commitOffsetsIfNecessary }) => {
        commitNow = commitOffsetsIfNecessary;
        options.onBatch(batch);
      },
    });
  }
  const starting = start().catch(end);

  const nameOf = (topic: Topic) => `${topicPrefix}${topic}`;

  return {
    ended,
    get commit() {
      const commit = commitNow;
      // Not `consumer.commitOffsets`: that repeats an old request after a rebalance, and is silent when it has sent none.
      return commit && ((positions: readonly Position[]) => commit({ topics: byTopic(positions, nameOf) }));
    },
    setPaused(topic, partition, paused) {
      const partitions = [{ topic: nameOf(topic), partitions: [partition] }];
      try {
        if (paused) consumer.pause(partitions);
        else consumer.resume(partitions);
      } catch (error) {
        // It is ending; the next session is told anew.
        log.debug({ topic, partition, error }, 'partition neither paused nor resumed');
      }
    },
    async readEnds(topic) {
      const admin = kafka.admin();
      try {
        await admin.connect();
        const ends = await admin.fetchTopicOffsets(nameOf(topic));
        return new Map(ends.map(({ partition, high }) => [partition, BigInt(high)]));
      } finally {
        await admin.disconnect().catch(() => undefined);
      }
    },
    async close(withinMs) {
      clearInterval(watch);
      const over = new AbortController();
      const leaving = starting.then(() => consumer.disconnect()).catch(() => undefined);
      await Promise.race([leaving.then(() => over.abort()), holdFor(withinMs, over.signal)]);
      over.abort();
      sockets.closeAll();
    },
  };
}

function byTopic(positions: readonly Position[], nameOf: (topic: Topic) => string) {
  const topics = new Map<string, { partition: number; offset: string }[]>();
  for (const { topic, partition, offset } of positions) {
    const partitions = topics.get(nameOf(topic)) ?? [];
    topics.set(nameOf(topic), [...partitions, { partition, offset }]);
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
}
