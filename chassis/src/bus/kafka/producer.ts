import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import type { Logger } from 'pino';
import { pause } from '../back-off.js';
import type { KafkaPlaceSettings } from './settings.js';
import { trackSockets } from './sockets.js';
import { createMissingTopics, type NewTopics } from './topics.js';

/** An event on its way to the broker. */
export interface OutboundEvent {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface EventProducer {
  /**
   * Resolves when every replica has them. After a rejection some may be there and some not, and this producer is done for:
   * kafkajs counts what it sent differently from the broker then, which takes new events for repeated ones.
   */
  send(events: readonly OutboundEvent[]): Promise<void>;
  close(): Promise<void>;
}

export interface ProducerOptions {
  readonly kafka: KafkaPlaceSettings;
  readonly topics: NewTopics;
  readonly log: Logger;
}

const requestTimeoutMs = 10_000;
const closeWithinMs = 1_000;
/** A lost answer is asked for again, without a repeat in the topic. What takes longer is a broker that is away. */
const retry = { retries: 3, initialRetryTime: 50, maxRetryTime: 500 };

/** Connected, with the topics there. */
export async function openProducer({ kafka: place, topics, log }: ProducerOptions): Promise<EventProducer> {
  const { topicPrefix, ...connection } = place;
  const sockets = trackSockets();
  const kafka = new Kafka({
    ...connection,
    // For debugging: what fails is thrown too, and told once by who catches it.
    logLevel: log.isLevelEnabled('debug') ? logLevel.INFO : logLevel.NOTHING,
    logCreator:
      () =>
      ({ namespace, log: { message } }) =>
        log.debug({ part: namespace }, `kafka: ${message}`),
    socketFactory: sockets.open,
    connectionTimeout: 3_000,
    requestTimeout: requestTimeoutMs,
    retry,
  });
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry,
  });
  const close = async () => {
    const over = new AbortController();
    await Promise.race([producer.disconnect().catch(() => undefined), pause(closeWithinMs, over.signal)]);
    over.abort();
    sockets.closeAll();
  };
  try {
    await createMissingTopics(kafka, { topicPrefix, ...topics });
    await producer.connect();
  } catch (error) {
    await close();
    throw error;
  }
  return { send: (events) => sendAll(producer, topicPrefix, events), close };
}

async function sendAll(producer: Producer, prefix: string, events: readonly OutboundEvent[]): Promise<void> {
  const byTopic = new Map<string, { key: string; value: string; headers: Record<string, string> }[]>();
  for (const { topic, key, value, headers } of events) {
    const messages = byTopic.get(topic);
    const message = { key, value, headers: { ...headers } };
    if (messages) messages.push(message);
    else byTopic.set(topic, [message]);
  }
  const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic: `${prefix}${topic}`, messages }));
  await producer.sendBatch({ acks: -1, timeout: requestTimeoutMs, topicMessages });
}

const tooLarge = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** Is it the size of what was sent that the broker refused? */
export function isTooLarge(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('type' in error && tooLarge.has(String(error.type))) || isTooLarge(error.cause);
}
