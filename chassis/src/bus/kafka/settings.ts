import type { SASLOptions } from 'kafkajs';
import { Type } from 'typebox';
import { ConfigError, list } from '../../config/load-config.js';

const optional = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 255, description }));
const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** Variables of every service that writes events or reads them: the same values for all of one installation. */
export const eventBusFields = {
  EVENT_BUS: Type.Enum(['outbox', 'kafka'], {
    default: 'outbox',
    description:
      '`outbox`: workers pull events from the planes. `kafka`: the planes relay them to a broker, which workers read; the same for all services',
  }),
  KAFKA_BROKERS: list([], { description: 'Where `EVENT_BUS` is `kafka`: `host:port`, some of the brokers' }),
  KAFKA_CLIENT_ID: optional("How the broker's log names this process; without it the service's name"),
  KAFKA_TLS: Type.Boolean({
    default: false,
    description: 'Certificates are checked; those of an authority of your own with `NODE_EXTRA_CA_CERTS`',
  }),
  KAFKA_SASL_MECHANISM: Type.Optional(
    Type.Enum([...mechanisms], { description: 'How to sign in; without it nobody does' }),
  ),
  KAFKA_SASL_USERNAME: optional('With `KAFKA_SASL_MECHANISM`. A worker need not be allowed to write'),
  KAFKA_SASL_PASSWORD: Type.Optional(
    Type.String({ minLength: 1, isSecret: true, description: 'With `KAFKA_SASL_MECHANISM`' }),
  ),
  KAFKA_TOPIC_PREFIX: Type.String({
    default: '',
    pattern: '^[A-Za-z0-9._-]{0,64}$',
    description: "Before the names of topics and of consumers' groups, where installations share brokers",
  }),
};

/** Of those who write. */
export const relayFields = {
  KAFKA_PARTITIONS: Type.Integer({
    minimum: 1,
    maximum: 1000,
    default: 12,
    description: 'Of topics that are not there yet. More of them later would part the order of a key',
  }),
  KAFKA_REPLICATION: Type.Integer({
    minimum: 1,
    maximum: 9,
    default: 1,
    description: 'Copies of topics that are not there yet; 3 where there are three brokers',
  }),
};

export interface EventBusValues {
  readonly EVENT_BUS: string;
  readonly KAFKA_BROKERS: readonly string[];
  readonly KAFKA_CLIENT_ID?: string | undefined;
  readonly KAFKA_TLS: boolean;
  readonly KAFKA_SASL_MECHANISM?: (typeof mechanisms)[number] | undefined;
  readonly KAFKA_SASL_USERNAME?: string | undefined;
  readonly KAFKA_SASL_PASSWORD?: string | undefined;
  readonly KAFKA_TOPIC_PREFIX: string;
}

/** How to reach the brokers, and as whom. */
export interface KafkaPlaceSettings {
  readonly brokers: string[];
  readonly clientId: string;
  readonly ssl: boolean;
  readonly sasl?: SASLOptions;
  /** Of topics and groups. */
  readonly topicPrefix: string;
}

/**
 * Null: events are pulled from the outbox.
 * @throws ConfigError for what no single variable shows
 */
export function kafkaPlaceOf(values: EventBusValues, service: string): KafkaPlaceSettings | null {
  if (values.EVENT_BUS !== 'kafka') return null;
  if (values.KAFKA_BROKERS.length === 0) throw new ConfigError(['KAFKA_BROKERS: required where EVENT_BUS is kafka']);
  const sasl = saslOf(values);
  return {
    brokers: [...values.KAFKA_BROKERS],
    clientId: values.KAFKA_CLIENT_ID ?? service,
    ssl: values.KAFKA_TLS,
    topicPrefix: values.KAFKA_TOPIC_PREFIX,
    ...(sasl && { sasl }),
  };
}

function saslOf(values: EventBusValues): SASLOptions | null {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = values;
  if (mechanism === undefined) {
    if (username === undefined && password === undefined) return null;
    throw new ConfigError(['KAFKA_SASL_MECHANISM: required with a user name or password']);
  }
  if (username === undefined || password === undefined) {
    throw new ConfigError(['KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: required with KAFKA_SASL_MECHANISM']);
  }
  return { mechanism, username, password };
}

/** What a plane needs to relay. */
export interface RelaySettings {
  readonly kafka: KafkaPlaceSettings;
  readonly partitions: number;
  readonly replication: number;
}

/**
 * Null: nothing is relayed.
 * @throws ConfigError for what no single variable shows
 */
export function relayOf(
  values: EventBusValues & { readonly KAFKA_PARTITIONS: number; readonly KAFKA_REPLICATION: number },
  service: string,
): RelaySettings | null {
  const kafka = kafkaPlaceOf(values, service);
  return kafka && { kafka, partitions: values.KAFKA_PARTITIONS, replication: values.KAFKA_REPLICATION };
}
