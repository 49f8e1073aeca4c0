import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CloudEvent } from '@platen/schema/events/cloud-event';
import { type Admin, Kafka, type Message, Partitioners, type Producer } from 'kafkajs';
import { createLogger } from '../../log/logger.js';
import { recordLog } from '../../testkit/http.js';
import { testKafka } from '../../testkit/kafka-server.js';
import { Progress } from '../../testkit/progress.js';
import type { ConsumeOptions } from '../bus.js';
import type { LettersClient } from '../letters-client.js';
import { createKafkaBus, type KafkaBusOptions } from './consumer.js';
import { kafkaLog } from './kafka-log.js';
import type { KafkaPlaceSettings } from './settings.js';
import { trackSockets } from './sockets.js';

interface TestContext {
  teardown(end: () => unknown): void;
}

/** One topic, `erp.quote`, of a broker, and who writes to it as a relay would. */
export interface KafkaTopic {
  readonly place: KafkaPlaceSettings;
  readonly admin: Admin;
  /** As the broker calls it. */
  readonly name: string;
  create(): Promise<void>;
  send(messages: readonly Message[], partition?: number): Promise<void>;
  /** Offset to go on at, by partition; -1: nothing committed. */
  committed(group?: string): Promise<number[]>;
  /**
   * Resolves once `suite` has committed so many messages, or the signal is aborted. To be awaited before consumers are
   * stopped, where all is to be committed: what comes a second time can still be in hand when each event has its effect.
   */
  untilCommitted(messages: number, signal?: AbortSignal): Promise<void>;
}

export const tenantId = randomUUID();

/** `number` is its ordinal within its key. */
export function eventOf(subject: string, ordinal: number): CloudEvent {
  const type = 'erp.quote.accepted';
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: 'urn:platen:test',
    type,
    time: new Date().toISOString(),
    subject,
    tenantid: tenantId,
    organizationid: null,
    workspaceid: null,
    correlationid: 'test',
    traceparent: null,
    dataschema: `platen:${type}:1`,
    data: { number: String(ordinal) },
  };
}

export const ordinalOf = (event: CloudEvent): number => Number((event.data as { number: string }).number);

export function messageOf(event: CloudEvent): Message {
  const key = `${event.tenantid}:${event.subject}`;
  return { key, value: JSON.stringify(event), headers: { source: 'test', position: '1' } };
}

/** A topic of a broker of the caller's, or of the one that the run shares. */
export async function openTopic(
  t: TestContext,
  options: { readonly partitions?: number; readonly brokers?: readonly string[]; readonly topicPrefix?: string } = {},
): Promise<KafkaTopic> {
  const { brokers, topicPrefix: prefix = '' } = options;
  const found = brokers ? { brokers, topicPrefix: prefix } : await testKafka(t);
  const place = { ...found, brokers: [...found.brokers], clientId: 'test', ssl: false };
  const { topicPrefix } = place;
  const sockets = trackSockets();
  const kafka = new Kafka({
    clientId: 'test',
    brokers: place.brokers,
    socketFactory: sockets.open,
    ...kafkaLog(recordLog().log),
  });
  const admin = kafka.admin();
  const producer: Producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await Promise.all([admin.connect(), producer.connect()]);
  // Not with their leave: the broker may be gone by then.
  t.teardown(() => sockets.closeAll());
  const name = `${topicPrefix}erp.quote`;
  const create = async () => {
    const topics = [{ topic: name, numPartitions: options.partitions ?? 1 }];
    await admin.createTopics({ topics, waitForLeaders: true });
  };
  await create();
  const committed = async (group = 'suite') => {
    const [answer] = await admin.fetchOffsets({ groupId: `${topicPrefix}${group}`, topics: [name] });
    const partitions = [...(answer?.partitions ?? [])].sort((a, b) => a.partition - b.partition);
    return partitions.map(({ offset }) => Number(offset));
  };
  return {
    create,
    place,
    admin,
    name,
    async send(messages, partition) {
      const placed = messages.map((message) => ({ ...message, ...(partition !== undefined && { partition }) }));
      await producer.send({ topic: name, messages: placed });
    },
    committed,
    async untilCommitted(messages, signal) {
      const left = async () => (await committed()).reduce((rest, offset) => rest - Math.max(0, offset), messages);
      while (!signal?.aborted && (await left()) > 0) await delay(20);
    },
  };
}

/** A plane without letters, which takes those that it is given. */
export interface LettersStandIn extends LettersClient {
  readonly parked: { readonly event_id: string; readonly attempts: number }[];
}

export function standInLetters(): LettersStandIn {
  const parked: { event_id: string; attempts: number }[] = [];
  return {
    parked,
    async park({ events }) {
      parked.push(...events);
      return { events: events.map(({ event_id }) => ({ event_id, parked: true, key_parked: true })) };
    },
    parkedKeys: async () => ({ keys: [] }),
    retries: (_query, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
    settle: async () => undefined,
  };
}

export interface TestConsumer {
  readonly lines: readonly Record<string, unknown>[];
  /** Resolves once so many lines say it. */
  untilLines(message: string, count?: number): Promise<void>;
  stop(): Promise<void>;
}

/** Consumes as `suite` until it is stopped or the test is over. */
export function startConsumer(
  t: TestContext,
  { place }: Pick<KafkaTopic, 'place'>,
  consume: Pick<ConsumeOptions, 'handler'> & Partial<ConsumeOptions>,
  options: Partial<KafkaBusOptions> = {},
): TestConsumer {
  const lines: Record<string, unknown>[] = [];
  const progress = new Progress();
  const destination = {
    write(line: string) {
      lines.push(JSON.parse(line));
      progress.changed();
    },
  };
  const log = createLogger({ service: 'test', level: 'debug', destination });
  const stopping = new AbortController();
  const bus = createKafkaBus({ kafka: place, letters: standInLetters(), log, sessionSeconds: 6, ...options });
  const consuming = bus.consume({ consumer: 'suite', topics: ['erp.quote'], signal: stopping.signal, ...consume });
  const stop = async () => {
    stopping.abort();
    await consuming;
  };
  t.teardown(stop);
  return {
    lines,
    untilLines: (text, count = 1) =>
      progress.until(() => lines.filter(({ message }) => message === text).length >= count),
    stop,
  };
}
